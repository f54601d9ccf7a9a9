"""The child that shows the real window, keeps a file of what is seen, and takes pictures.

    python -m tests.screen.driver FOLDER [FILE ...] [--theme dark] [--data DATA]

FOLDER/seen.json is replaced about ten times a second; a picture is asked for in FOLDER/asked.json.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.settings import Settings
from app.shell.application import build_application
from app.shell.main_window import MainWindow
from tests.screen.seen import seen

_EVERY = 80  # milliseconds


class Recorder(QObject):
    """Writes what is seen, and a picture where one was asked for."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        super().__init__(window)
        self._window, self._folder = window, folder
        self._shown = -1
        self._asked = folder / "asked.json"
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._on_time)
        self._timer.start()

    def _on_time(self) -> None:
        at = time.monotonic()
        self._take_picture()
        _write(self._folder / "seen.json", {"at": at, "picture": self._shown, **seen(self._window)})

    def _take_picture(self) -> None:
        if not self._asked.exists():
            return
        asked = json.loads(self._asked.read_text())
        if asked["number"] != self._shown:
            picture = QApplication.primaryScreen().grabWindow(0).toImage()
            if asked["box"]:
                left, top, right, bottom = asked["box"]
                picture = picture.copy(left, top, right - left + 1, bottom - top + 1)
            picture.convertToFormat(QImage.Format.Format_RGB888).save(asked["path"], "PNG", 0)
            self._shown = asked["number"]


def _write(path: Path, value: dict[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(value))
    os.replace(draft, path)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--theme", default="dark")
    parser.add_argument("--data", type=Path)
    asked = parser.parse_args()
    Settings().theme_mode = asked.theme
    application, window = build_application(asked.files, asked.data)
    Recorder(window, asked.folder)
    window.showMaximized()
    return int(application.exec())


if __name__ == "__main__":
    raise SystemExit(main())
