"""What the window of the version before remembered is found again."""

import os
import shutil
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QSettings, QStandardPaths

from tests.persistence import window_parts as parts
from tests.persistence.likeness import assert_same, known
from tests.persistence.program import GOLDEN, golden

WINDOW = GOLDEN / "window"
# Default keys that a later version gave to another action; README.md says why.
MOVED_KEYS = {"F1": ("sheet", "documentation")}


def without_moved(keys: list[str], action: str) -> list[str]:
    return [key for key in keys if MOVED_KEYS.get(key, ("",))[0] != action]


@pytest.fixture(autouse=True)
def _own_settings(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with the settings that the version before wrote."""
    QStandardPaths.setTestModeEnabled(True)
    scope = QSettings.Scope.UserScope
    QSettings.setPath(QSettings.Format.IniFormat, scope, str(tmp_path / "settings"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = parts.settings_file()
    place.parent.mkdir(parents=True)
    shutil.copy(WINDOW / "settings.ini", place)


def test_actions_are_those_of_before():
    """Names that keys are kept under, keys, and context menus; other menus may have come."""
    old, new = golden("inventory/actions.json"), parts.actions()
    for key, row in old.items():
        if key in new:
            new[key][3] = [menu for menu in new[key][3] if menu in row[3]]
    for key, (before, now) in MOVED_KEYS.items():
        assert key in old[before][1]
        assert key in new[now][1]
        old[before][1] = without_moved(old[before][1], before)
    assert_same(old, known(new, old))


def test_settings_are_read():
    """Theme, files, palette, keys, flags, layout, and what each document was trained on."""
    old = golden("window/settings.json")
    for before, _ in MOVED_KEYS.values():
        old["keys"][before] = without_moved(old["keys"][before], before)
    assert_same(old, known(parts.remembered(), old))


def test_settings_are_written_byte_for_byte(tmp_path: Path):
    told = golden("window/settings.json")
    scope = QSettings.Scope.UserScope
    QSettings.setPath(QSettings.Format.IniFormat, scope, str(tmp_path / "others"))
    parts.remember(told)
    assert parts.settings_file().is_relative_to(tmp_path / "others")
    assert parts.settings_file().read_bytes() == (WINDOW / "settings.ini").read_bytes()


def test_panels_stand_where_they_stood():
    """Hidden, floating and moved docks; the map of the graph that was switched off."""
    with parts.window() as shown:
        assert_same(golden("window/layout.json"), parts.layout(shown))


def test_recovery_copies_are_found(tmp_path: Path):
    """A window that died has left two documents, one of them without a file."""
    shutil.copytree(WINDOW / "recovery", tmp_path / "recovery" / "999999-0badcafe")
    assert_same(golden("window/recovery.json"), parts.left_behind(tmp_path / "recovery"))


@pytest.mark.parametrize("name", ["1", "2"])
def test_recovery_copy_is_written_byte_for_byte(name: str):
    old = (WINDOW / "recovery" / f"{name}.recovery.json").read_bytes()
    assert parts.copied_again(old) == old
