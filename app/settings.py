"""The user settings of the window, with validated types."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from app.theme.theme import ThemeMode

MAX_RECENT_FILES = 10
COLOR_BLIND, REDUCED_MOTION = "color-blind", "reduced-motion"  # flags of the theme
TOUR_SEEN = "tour-seen"  # a flag: the tour has been started once
_MODES: tuple[ThemeMode, ...] = ("system", "dark", "light")
_AUTOSAVE = (0.2, 1.0, 60.0)  # seconds: minimum, default, maximum


class Settings:
    """The settings of the current user.

    A value that is missing, damaged or of another type is replaced by the default, so that damaged
    settings never prevent a start. Setting a property stores the value immediately.

    Why: all values except the bytes of Qt's window state are stored as one line of ASCII JSON. An
    INI file can't distinguish a list of one text from a text, or hold undecodable bytes of paths.
    """

    def __init__(self) -> None:
        scope = QSettings.Scope.UserScope
        self._store = QSettings(QSettings.Format.IniFormat, scope, "Layerloom", "Layerloom")

    @property
    def theme_mode(self) -> ThemeMode:
        """The theme mode: "system", "dark" or "light"."""
        value = self.read("look/theme")
        return next((mode for mode in _MODES if mode == value), "system")

    @theme_mode.setter
    def theme_mode(self, mode: ThemeMode) -> None:
        self.write("look/theme", mode)

    @property
    def recent_files(self) -> list[Path]:
        """The files that were opened or saved last, newest first; missing files come last.

        Why: a missing file is not removed, since it may be on a drive that is not connected.
        """
        return sorted(self._paths("files/recent"), key=lambda path: not _is_file(path))

    def add_recent(self, path: Path) -> None:
        """Insert a file at the start of the recent files."""
        others = [known for known in self._paths("files/recent") if known != path]
        self._write_paths("files/recent", [path, *others][:MAX_RECENT_FILES])

    @property
    def open_files(self) -> list[Path]:
        """The files open when the window was closed, in tab order."""
        return self._paths("files/open")

    @open_files.setter
    def open_files(self, paths: Iterable[Path]) -> None:
        self._write_paths("files/open", paths)

    @property
    def active_file(self) -> Path | None:
        """The file of the tab that was active on closing the window; None without a file."""
        return next(iter(self._paths("files/front")), None)

    @active_file.setter
    def active_file(self, path: Path | None) -> None:
        self._write_paths("files/front", [path] if path else [])

    @property
    def last_folder(self) -> Path:
        """The folder of the last opened or saved file; the home folder if there is none."""
        paths = self._paths("files/folder")
        return paths[0] if paths and paths[0].is_dir() else Path.home()

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._write_paths("files/folder", [folder])

    @property
    def autosave_seconds(self) -> float:
        """The longest delay between an edit and its autosave, in seconds."""
        value = self.read("files/autosave_seconds")
        minimum, default, maximum = _AUTOSAVE
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return default
        return min(max(float(value), minimum), maximum) if math.isfinite(value) else default

    @autosave_seconds.setter
    def autosave_seconds(self, seconds: float) -> None:
        self.write("files/autosave_seconds", seconds)

    @property
    def window_geometry(self) -> bytes:
        """Position and size of the window in Qt's format; b"" before they are stored."""
        return self._bytes("window/geometry")

    @window_geometry.setter
    def window_geometry(self, data: bytes) -> None:
        self._store.setValue("window/geometry", QByteArray(data))

    @property
    def active_layout(self) -> str:
        """The name of the layout of panels that was active last; "" before it is stored."""
        value = self.read("window/layout")
        return value if isinstance(value, str) else ""

    @active_layout.setter
    def active_layout(self, name: str) -> None:
        self.write("window/layout", name)

    def layout_state(self, layout: str) -> bytes:
        """Return the state of docks and tool bars in Qt's format; b"" before it is stored."""
        return self._bytes(_state_key(layout))

    def set_layout_state(self, layout: str, state: bytes) -> None:
        """Store the state of docks and tool bars in a layout."""
        self._store.setValue(_state_key(layout), QByteArray(state))

    @property
    def collapsed_families(self) -> frozenset[str]:
        """The collapsed layer families of the palette."""
        return frozenset(self._texts("palette/folded"))

    @collapsed_families.setter
    def collapsed_families(self, families: Iterable[str]) -> None:
        self.write("palette/folded", sorted(families))

    @property
    def recent_layer_types(self) -> list[str]:
        """The layer types added last, newest first."""
        return self._texts("palette/recent")

    @recent_layer_types.setter
    def recent_layer_types(self, kinds: Iterable[str]) -> None:
        self.write("palette/recent", list(kinds))

    @property
    def shortcuts(self) -> dict[str, str]:
        """The key sequences that the user has changed, by action id."""
        value = self.read("keys/shortcuts")
        if not isinstance(value, dict):
            return {}
        return {name: keys for name, keys in value.items() if isinstance(keys, str)}

    @shortcuts.setter
    def shortcuts(self, keys: Mapping[str, str]) -> None:
        self.write("keys/shortcuts", dict(keys))

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a boolean setting by name, such as "minimap"."""
        value = self.read(f"flags/{name}")
        return value if isinstance(value, bool) else default

    def set_flag(self, name: str, on: bool) -> None:
        """Store a boolean setting."""
        self.write(f"flags/{name}", on)

    def flush(self) -> None:
        """Write all settings to disk; write errors are ignored."""
        self._store.sync()

    def read(self, key: str) -> Any:
        """Return the JSON value that is stored under a key; None if there is none."""
        try:
            value = self._store.value(key)
            return json.loads(value) if isinstance(value, str) else None
        except (ValueError, TypeError, RuntimeError, RecursionError):
            return None

    def write(self, key: str, value: Any) -> None:
        """Store a JSON value under a key; None removes the key."""
        if value is None:
            self._store.remove(key)
        else:
            self._store.setValue(key, json.dumps(value))

    def _bytes(self, key: str) -> bytes:
        try:
            value = self._store.value(key)
        except (ValueError, TypeError, RuntimeError):
            return b""
        return bytes(value.data()) if isinstance(value, QByteArray) else b""

    def _texts(self, key: str) -> list[str]:
        value = self.read(key)
        return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []

    def _paths(self, key: str) -> list[Path]:
        return [Path(text) for text in self._texts(key) if text and "\0" not in text]

    def _write_paths(self, key: str, paths: Iterable[Path]) -> None:
        self.write(key, [os.fspath(path) for path in paths])


def _state_key(layout: str) -> str:
    """Return the key of a layout's state; that of the network is as old as the window."""
    return "window/state" if layout == "network" else f"window/state-{layout}"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
