"""What the window remembers from one start to the next, typed, whatever the file of it says."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from app.theme.theme import Mode

RECENT = 10  # files
_MODES: tuple[Mode, ...] = ("system", "dark", "light")
_AUTOSAVE = (0.2, 1.0, 60.0)  # seconds: least, default, most


class Settings:
    """Settings of this user.

    A value that is missing, damaged or of another kind is its default: settings are never a reason
    not to start. Each property is written through at once.

    Why: all but the window's own bytes is stored as one line of JSON in ASCII, since an ini file
    tells a list of one text from a text no more, and holds no path with bytes that are no text.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Layerloom", "Layerloom"
        )

    @property
    def theme_mode(self) -> Mode:
        """Whether the system or the person says dark or light."""
        found = self._read("look/theme")
        return next((mode for mode in _MODES if mode == found), "system")

    @theme_mode.setter
    def theme_mode(self, mode: Mode) -> None:
        self._write("look/theme", mode)

    @property
    def recent(self) -> list[Path]:
        """Files opened or saved last, newest first, those that are there before those that aren't.

        Why: a file on a drive that is not plugged in may come back, so it is kept.
        """
        found = self._paths("files/recent")
        return sorted(found, key=lambda path: not _is_there(path))

    def add_recent(self, path: Path) -> None:
        """Put a file first among the recent ones."""
        others = [kept for kept in self._paths("files/recent") if kept != path]
        self._write_paths("files/recent", [path, *others][:RECENT])

    @property
    def open_files(self) -> list[Path]:
        """The files of the tabs when the window was closed, in order."""
        return self._paths("files/open")

    @open_files.setter
    def open_files(self, paths: Iterable[Path]) -> None:
        self._write_paths("files/open", paths)

    @property
    def front_file(self) -> Path | None:
        """The file whose tab was in front, None if it had no file."""
        return next(iter(self._paths("files/front")), None)

    @front_file.setter
    def front_file(self, path: Path | None) -> None:
        self._write_paths("files/front", [path] if path else [])

    @property
    def folder(self) -> Path:
        """Where a file was opened or saved last, the home folder at first."""
        found = self._paths("files/folder")
        return found[0] if found and found[0].is_dir() else Path.home()

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._write_paths("files/folder", [folder])

    @property
    def autosave_seconds(self) -> float:
        """How long an edit may wait before a recovery copy holds it."""
        found = self._read("files/autosave_seconds")
        least, default, most = _AUTOSAVE
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            return default
        return min(max(float(found), least), most) if math.isfinite(found) else default

    @autosave_seconds.setter
    def autosave_seconds(self, seconds: float) -> None:
        self._write("files/autosave_seconds", seconds)

    @property
    def window_geometry(self) -> bytes:
        """Place and size of the window, as Qt wrote them; empty at first."""
        return self._bytes("window/geometry")

    @window_geometry.setter
    def window_geometry(self, data: bytes) -> None:
        self._store.setValue("window/geometry", QByteArray(data))

    @property
    def window_state(self) -> bytes:
        """Docks and tool bars, as Qt wrote them; empty at first."""
        return self._bytes("window/state")

    @window_state.setter
    def window_state(self, data: bytes) -> None:
        self._store.setValue("window/state", QByteArray(data))

    @property
    def folded_families(self) -> frozenset[str]:
        """Families of the palette that are folded up."""
        return frozenset(self._texts("palette/folded"))

    @folded_families.setter
    def folded_families(self, families: Iterable[str]) -> None:
        self._write("palette/folded", sorted(families))

    @property
    def recent_kinds(self) -> list[str]:
        """Kinds of layers that were drawn last, newest first."""
        return self._texts("palette/recent")

    @recent_kinds.setter
    def recent_kinds(self, kinds: Iterable[str]) -> None:
        self._write("palette/recent", list(kinds))

    @property
    def shortcuts(self) -> dict[str, str]:
        """Keys that the person gave to actions, by the action's name."""
        found = self._read("keys/shortcuts")
        if not isinstance(found, dict):
            return {}
        return {name: keys for name, keys in found.items() if isinstance(keys, str)}

    @shortcuts.setter
    def shortcuts(self, keys: Mapping[str, str]) -> None:
        self._write("keys/shortcuts", dict(keys))

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a yes or no, such as "minimap"."""
        found = self._read(f"flags/{name}")
        return found if isinstance(found, bool) else default

    def set_flag(self, name: str, on: bool) -> None:
        """Remember a yes or no."""
        self._write(f"flags/{name}", on)

    def flush(self) -> None:
        """Bring everything to the disk; a disk that refuses is let pass."""
        self._store.sync()

    def _read(self, key: str) -> Any:
        try:
            found = self._store.value(key)
            return json.loads(found) if isinstance(found, str) else None
        except (ValueError, TypeError, RuntimeError, RecursionError):
            return None

    def _write(self, key: str, value: Any) -> None:
        self._store.setValue(key, json.dumps(value))

    def _bytes(self, key: str) -> bytes:
        try:
            found = self._store.value(key)
        except (ValueError, TypeError, RuntimeError):
            return b""
        return bytes(found.data()) if isinstance(found, QByteArray) else b""

    def _texts(self, key: str) -> list[str]:
        found = self._read(key)
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

    def _paths(self, key: str) -> list[Path]:
        return [Path(text) for text in self._texts(key) if text and "\0" not in text]

    def _write_paths(self, key: str, paths: Iterable[Path]) -> None:
        self._write(key, [os.fspath(path) for path in paths])


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
