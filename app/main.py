"""Where the window starts: `layerloom [FILE...] [--data DATA]`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.shell.main_window import Window

_NO_DISPLAY = """\
layerloom: there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set).
The same files train in a terminal: engine train FILE --data DATA
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed.

    Returns:
        The exit code: 0, or 2 if the command line makes no sense or there is no display.
    """
    asked = _parser().parse_args(arguments)
    if not _has_display():
        sys.stderr.write(_NO_DISPLAY)
        return 2
    opened = start([path.absolute() for path in asked.files], asked.data)
    if opened is None:
        return 2
    application, _window = opened
    return int(application.exec())


def start(
    paths: Sequence[Path] = (), data: Path | None = None
) -> tuple[QApplication, Window] | None:
    """Show the window, or answer None if it can't be on this machine.

    Why: what is made at the start stays, so looking for what could be freed in between is a
    tenth of the time.
    """
    gc.disable()
    # Qt loads here and not above, so that `--help` and a missing display cost nothing.
    from app.documents.background_job import look_for_garbage
    from app.shell.application import build, qt_is_sound

    if not qt_is_sound():
        return None
    application, window = build(paths, data)
    window.show()
    gc.freeze()
    look_for_garbage()
    return application, window


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="layerloom",
        description="Draw neural networks with several inputs and outputs, check and train them.",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="graph files to open")
    parser.add_argument("--data", type=Path, help="the data that the first one is trained on")
    return parser


def _has_display() -> bool:
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return named or sys.platform in ("win32", "darwin")
