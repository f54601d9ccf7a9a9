"""Writes the golden files of the window with the version that is on the path."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings, QStandardPaths, Qt
from PySide6.QtWidgets import QApplication

import app
from tests.persistence import window_parts as parts
from tests.persistence.write_golden import written


def main(folder: Path) -> None:
    """Write everything below a folder."""
    application = QApplication(sys.argv[:1])
    QStandardPaths.setTestModeEnabled(True)
    place = Path(tempfile.mkdtemp())
    os.environ.update({"HOME": str(place), "XDG_DATA_HOME": str(place / "data")})
    scope = QSettings.Scope.UserScope
    QSettings.setPath(QSettings.Format.IniFormat, scope, str(place / "settings"))
    to = folder / "window"
    to.mkdir(parents=True, exist_ok=True)
    written(folder / "inventory" / "actions.json", parts.actions())
    with parts.window() as shown:
        for name in ("outline", "problems"):
            dock = shown.findChild(parts.QDockWidget, f"dock-{name}")
            dock.hide()
        summary = shown.findChild(parts.QDockWidget, "dock-summary")
        summary.setFloating(True)
        summary.show()
        source = shown.findChild(parts.QDockWidget, "dock-source")
        shown.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, source)
        shown.tabs.show_minimap(False)
        application.processEvents()
        kept = parts.layout(shown)
        state, geometry = shown.dock_layout.save_state(), bytes(shown.saveGeometry().data())
    files = [str(parts.HOME / f"{name}.loom.json") for name in ("kinds", "a, b", "caf\u00e9")]
    parts.remember({
        "theme": "light", "recent": files, "open": files[:2], "front": files[1],
        "autosave": 2.5, "folded": ["conv", "pool"], "kinds": ["LSTM", "Dense"],
        "flags": {"minimap": False, "about": True, "training": False, "unheard-of": True},
        "geometry": geometry.hex(), "state": state.hex(),
        "data": {"data": "/data/rows.csv", "validation": "/data/valid.csv", "test": "/data/t.csv"},
        "runs": ["/data/runs/kinds-001", "/data/runs/kinds-002"],
    })  # fmt: skip
    shutil.copy(parts.settings_file(), to / "settings.ini")
    written(to / "settings.json", parts.remembered())
    with parts.window() as shown:
        assert parts.layout(shown) == kept, (parts.layout(shown), kept)
    written(to / "layout.json", kept)
    recover(folder, place / "recovery", to)


def recover(folder: Path, recovery: Path, to: Path) -> None:
    """Write recovery copies as a window that died has left them."""
    recovery.mkdir()
    slots = parts.RecoverySlots(recovery)
    for number, (name, path) in enumerate(
        {"kinds": parts.HOME / "kinds.loom.json", "wrong": None}.items(), 1
    ):
        text = (folder / "home" / f"{name}.loom.json").read_text(encoding="utf-8")
        runs = (Path("/data/runs/kinds-003"),) if path else ()
        copy = parts.RecoveryCopy(name, path, "ab" * 32, 999999, 1.7e9 + number + 0.25, text, runs)
        slots.write(number, copy)
    for slot in recovery.rglob("*.recovery.json"):
        (to / "recovery").mkdir(exist_ok=True)
        shutil.copy(slot, to / "recovery")
    dead = recovery.parent / "dead"
    shutil.copytree(to / "recovery", dead / "999999-0badcafe")
    written(to / "recovery.json", parts.left_behind(dead))


if __name__ == "__main__":
    print(app.__file__)
    main(Path(sys.argv[1]).absolute())
