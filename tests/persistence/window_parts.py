"""What the tests of the window's files take from inside the window, all in one place."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication, QDockWidget

from app.documents.recent_data import load_data_path, load_run_paths, save_data_path, save_run_paths
from app.documents.workspace import Workspace
from app.files.recovery.recovery import RecoverySlots
from app.files.recovery.recovery_copy import RecoveryCopy
from app.settings import Settings
from app.shell.actions.table import ACTIONS, ALL_ACTIONS
from app.shell.main_window import MainWindow
from app.shortcuts.keymap import Keymap
from app.theme.theme import Theme

HOME = Path("/home/ada/networks")
FLAGS = ("minimap", "about", "training", "unheard-of")


def actions() -> dict[str, Any]:
    """Return everything that can be done, by the name that keys are remembered under."""
    return {
        row.id: [row.group, [*row.keys], row.scope, [*row.menus], row.checkable]
        for row in ALL_ACTIONS
    }


def settings_file() -> Path:
    """Return where the settings are, in a folder that the caller has told Qt."""
    scope, form = QSettings.Scope.UserScope, QSettings.Format.IniFormat
    return Path(QSettings(form, scope, "Layerloom", "Layerloom").fileName())


def remembered() -> dict[str, Any]:
    """Return all that the window remembers, as it is read from the settings."""
    settings = Settings()
    keymap = Keymap(ACTIONS, settings)
    kinds = HOME / "kinds.loom.json"
    return {
        "theme": settings.theme_mode,
        "recent": [*map(str, settings.recent_files)],
        "open": [*map(str, settings.open_files)],
        "front": str(settings.active_file),
        "autosave": settings.autosave_seconds,
        "folded": sorted(settings.collapsed_families),
        "kinds": settings.recent_layer_types,
        "shortcuts": settings.shortcuts,
        "flags": {name: settings.flag(name) for name in FLAGS},
        "keys": {action.id: keymap.keys(action.id) for action in keymap.actions},
        "geometry": settings.window_geometry.hex(),
        "state": settings.layout_state("network").hex(),
        "data": {what: str(load_data_path(kinds, what)) for what in ("data", "validation", "test")},
        "runs": [*map(str, load_run_paths(kinds))],
    }


def remember(told: dict[str, Any]) -> None:
    """Write all of that into settings that are empty."""
    settings = Settings()
    settings.theme_mode = told["theme"]
    for path in reversed(told["recent"]):
        settings.add_recent(Path(path))
    settings.open_files = [*map(Path, told["open"])]
    settings.active_file = Path(told["front"])
    settings.last_folder = HOME
    settings.autosave_seconds = told["autosave"]
    settings.collapsed_families = told["folded"]
    settings.recent_layer_types = told["kinds"]
    Keymap(ACTIONS, settings).set_keys("tidy", ["Ctrl+Alt+T", "F12"])
    Keymap(ACTIONS, settings).assign("frame", "Ctrl+D")
    Keymap(ACTIONS, settings).set_keys("minimap", [])
    for name, on in told["flags"].items():
        settings.set_flag(name, on)
    settings.window_geometry = bytes.fromhex(told["geometry"])
    settings.set_layout_state("network", bytes.fromhex(told["state"]))
    for what, path in told["data"].items():
        save_data_path(HOME / "kinds.loom.json", Path(path), what)
    save_run_paths(HOME / "kinds.loom.json", tuple(map(Path, told["runs"])))
    settings.flush()


@contextmanager
def window() -> Any:
    """Show a window with the settings that there are, and take it down again."""
    shown = MainWindow(Workspace(), Theme("dark"), Settings())
    shown.show()
    QApplication.processEvents()
    yield shown
    shown.document_manager.autosave.finish()
    shown.hide()
    shown.deleteLater()
    QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def layout(shown: MainWindow) -> dict[str, Any]:
    """Return by dock whether it is hidden or floats, and on which side it is."""
    return {
        dock.objectName(): [dock.isHidden(), dock.isFloating(), shown.dockWidgetArea(dock).name]
        for dock in shown.findChildren(QDockWidget)
    } | {"minimap": shown.tabs.is_minimap_visible}


def left_behind(folder: Path) -> list[dict[str, Any]]:
    """Return the documents that a dead window left in a folder of recovery copies."""
    slots = RecoverySlots(folder)
    found, notes = slots.recoverable_documents()
    slots.close()
    assert notes == []
    return [
        {
            "title": one.copy.title,
            "path": str(one.copy.path),
            "saved": one.copy.saved,
            "written": one.copy.written,
            "runs": [*map(str, one.copy.runs)],
            "nodes": [node.name for node in one.project.graph],
        }
        for one in found
    ]


def copied_again(data: bytes) -> bytes:
    """Return a recovery copy as it is written after it was read."""
    return RecoveryCopy.from_bytes(data).to_bytes()
