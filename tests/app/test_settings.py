"""Settings come back as they were set; whatever their file holds, the program starts."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from app.settings import MAX_RECENT_FILES, Settings


def place() -> Path:
    """Return the settings' file."""
    store = QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Layerloom", "Layerloom"
    )
    return Path(store.fileName())


def again(settings: Settings) -> Settings:
    """Read what was written, as the next start does."""
    settings.flush()
    return Settings()


def test_everything_comes_back(qapp: object, tmp_path: Path) -> None:
    """Each property, with values that ini files know to spoil."""
    settings = Settings()
    settings.theme_mode = "light"
    settings.open_files = [tmp_path / "a, b.loom.json", Path(os.fsdecode(b"/x/\xff=;%20.json"))]
    settings.active_file = tmp_path / "a, b.loom.json"
    settings.last_folder = tmp_path
    settings.autosave_seconds = 0.5
    settings.window_geometry = bytes(range(256))
    settings.set_layout_state("network", b"\0state")
    settings.active_layout = "results"
    settings.collapsed_families = {"conv", "pool"}
    settings.recent_layer_types = ["Dense"]
    settings.shortcuts = {"save": "Ctrl+S"}
    settings.set_flag("minimap", True)
    read = again(settings)
    assert read.theme_mode == "light"
    assert read.open_files == [
        tmp_path / "a, b.loom.json",
        Path(os.fsdecode(b"/x/\xff=;%20.json")),
    ]
    assert read.active_file == tmp_path / "a, b.loom.json"
    assert read.last_folder == tmp_path
    assert read.autosave_seconds == 0.5
    assert read.window_geometry == bytes(range(256))
    assert read.layout_state("network") == b"\0state"
    assert read.layout_state("results") == b""
    assert read.active_layout == "results"
    assert read.collapsed_families == {"conv", "pool"}
    assert read.recent_layer_types == ["Dense"]
    assert read.shortcuts == {"save": "Ctrl+S"}
    assert read.flag("minimap")
    assert not read.flag("other")
    read.active_file = None
    assert again(read).active_file is None


def assert_defaults(settings: Settings) -> None:
    """Hold that nothing is remembered."""
    assert settings.theme_mode == "system"
    assert settings.recent_files == settings.open_files == settings.recent_layer_types == []
    assert settings.active_file is None
    assert settings.last_folder == Path.home()
    assert settings.autosave_seconds == 1.0
    assert settings.window_geometry == settings.layout_state("network") == b""
    assert settings.active_layout == ""
    assert settings.collapsed_families == frozenset()
    assert settings.shortcuts == {}
    assert settings.flag("minimap", True)


def test_a_first_start_has_defaults(qapp: object) -> None:
    """No file is no reason to stop."""
    assert_defaults(Settings())


_KEYS = ("look/theme", "files/recent", "files/open", "files/front", "files/folder",
         "files/autosave_seconds", "window/geometry", "window/state", "palette/folded",
         "palette/recent", "keys/shortcuts", "flags/minimap")  # fmt: skip


@pytest.mark.parametrize(
    "value",
    ["7x", "[1, null]", '{"a": 3}', "@Variant(\\0\\0\\0\\x9f)", "@Invalid()", "@Point(1 2)",
     "a, b, c", '"', "[[[[", "\\xff\\xfe", "NaN", "1e999"],
)  # fmt: skip
def test_a_value_of_another_kind_is_the_default(qapp: object, value: str) -> None:
    """Damaged by hand, by another version, by anything."""
    path = place()
    path.parent.mkdir(parents=True, exist_ok=True)
    sections: dict[str, list[str]] = {}
    for key in _KEYS:
        section, name = key.split("/")
        sections.setdefault(section, []).append(f"{name}={value}")
    text = "\n".join(f"[{section}]\n" + "\n".join(lines) for section, lines in sections.items())
    path.write_text(text + "\n")
    assert_defaults(Settings())


@pytest.mark.parametrize("data", [b"\0" * 999, bytes(range(256)) * 9, b"[[[\n===\n", b"[files"])
def test_a_broken_file_is_the_defaults(qapp: object, data: bytes) -> None:
    """And what is set from then on is remembered."""
    path = place()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    settings = Settings()
    assert_defaults(settings)
    settings.theme_mode = "dark"
    assert settings.theme_mode == "dark"
    settings.flush()


def test_a_place_that_cant_be_written_stops_nothing(qapp: object) -> None:
    """A folder where the file should be: set, told, forgotten at the end."""
    place().mkdir(parents=True)
    settings = Settings()
    settings.theme_mode = "dark"
    settings.flush()
    assert settings.theme_mode == "dark"


def test_recent_files_are_few_and_the_present_ones_first(qapp: object, tmp_path: Path) -> None:
    """Newest first, each once, those that are gone behind."""
    settings = Settings()
    paths = [tmp_path / f"{number}.loom.json" for number in range(MAX_RECENT_FILES + 3)]
    for path in paths:
        path.write_bytes(b"")
        settings.add_recent(path)
    settings.add_recent(paths[5])
    expected = [paths[5], *(path for path in reversed(paths) if path != paths[5])][
        :MAX_RECENT_FILES
    ]
    assert settings.recent_files == expected
    paths[5].unlink()
    assert settings.recent_files == [*expected[1:], paths[5]]
    assert again(settings).recent_files == settings.recent_files


def test_autosave_is_within_bounds(qapp: object) -> None:
    """Neither never nor all the time."""
    settings = Settings()
    for told, taken in ((0, 0.2), (5, 5.0), (1e9, 60.0), (-3, 0.2)):
        settings.autosave_seconds = told
        assert settings.autosave_seconds == taken
