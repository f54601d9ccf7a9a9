"""The entry point: `layerloom [FILE...] [--data DATA]`, `--export IMAGE FILE`, `--selftest`."""

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

    from app.shell.main_window import MainWindow

_GC_THRESHOLD = 10_000  # allocations between two garbage collections; Python's default is 700
_NO_DISPLAY = """\
layerloom: no display found (neither DISPLAY nor WAYLAND_DISPLAY is set).
To train without a window: engine train FILE --data DATA
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and run the event loop until it is closed.

    Returns:
        The exit code: 0, 1 if self-test or export failed, 2 if the command line is invalid or there
        is no display. The self-test and the export need no display.
    """
    options = _parser().parse_args(arguments)
    if options.selftest:
        return _self_test()
    if options.export is not None:
        return _export(options.export, options.files, options.light)
    if not _has_display():
        sys.stderr.write(_NO_DISPLAY)
        return 2
    started = start([path.absolute() for path in options.files], options.data)
    if started is None:
        return 2
    application, _window = started
    return int(application.exec())


def start(
    paths: Sequence[Path] = (), data: Path | None = None
) -> tuple[QApplication, MainWindow] | None:
    """Create and show the window with these documents and data; return None if Qt is unusable.

    Garbage collection is disabled during the start, and less frequent than usual afterwards. Why:
    it would take a tenth of the start, and a fifth of the edits of a large graph, and free hardly
    anything, because most objects stay alive.
    """
    gc.disable()
    # Import Qt here, so that `--help` and a missing display do not need it.
    from app.documents.background_job import enable_garbage_collection
    from app.shell.application import build_application, is_qt_usable

    if not is_qt_usable():
        return None
    application, window = build_application(paths, data)
    window.show()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    enable_garbage_collection()
    return application, window


def _self_test() -> int:
    if not _has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.self_test import run_self_test
    from app.shell.application import is_qt_usable

    return run_self_test() if is_qt_usable() else 2


def _export(image: Path, files: Sequence[Path], light: bool) -> int:
    if not _has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.shell.application import is_qt_usable
    from app.shell.exports.command_export import export_image

    return export_image(image, files, light) if is_qt_usable() else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="layerloom",
        description="Draw neural networks with several inputs and outputs, check and train them.",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="graph files to open")
    parser.add_argument("--data", type=Path, help="the training data of the first file")
    parser.add_argument(
        "--selftest",
        action="store_true",
        help="open, train and export an example in a temporary folder, then exit",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="IMAGE",
        help="write the drawing of FILE as a .png or .svg file with a legend, then exit",
    )
    parser.add_argument("--light", action="store_true", help="export in light colors")
    return parser


def _has_display() -> bool:
    variables = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(map(os.environ.get, variables)) or sys.platform == "darwin"
