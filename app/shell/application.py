"""The composition root: creates application, settings, theme and main window."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import PySide6
from PySide6.QtWidgets import QApplication

from app.documents.workspace import Workspace
from app.settings import COLOR_BLIND, REDUCED_MOTION, Settings
from app.shell.main_window import MainWindow
from app.theme.style import apply_palette, apply_theme
from app.theme.theme import Theme, prefers_reduced_motion
from engine.core.formatting.urls import absolute_text

log = logging.getLogger(__name__)


def is_qt_usable() -> bool:
    """Return whether the installed PySide6 is usable. If it is not, print how to fix this.

    Why: on Python before 3.12, each call into PySide6 6.12.0 releases a reference to None. This
    crashes the process after a few hundred nodes (PYSIDE-3474).
    """
    if sys.version_info < (3, 12) and PySide6.__version_info__[:3] == (6, 12, 0):
        sys.stderr.write(
            "layerloom: PySide6 6.12.0 crashes on Python before 3.12. Run\n"
            "    pip install 'PySide6-Essentials<6.12'\n"
        )
        return False
    return True


def build_application(
    paths: Sequence[Path] = (), data: Path | None = None
) -> tuple[QApplication, MainWindow]:
    """Create the application and its main window.

    Args:
        paths: files to open. If empty, the files of the last session are opened.
        data: the training data for the last file in `paths`. Ignored if `paths` is empty.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Layerloom")
    application.setOrganizationName("Layerloom")
    application.setDesktopFileName("layerloom")
    settings = Settings()
    theme = Theme(
        settings.theme_mode,
        color_blind=settings.flag(COLOR_BLIND, False),
        reduced_motion=settings.flag(REDUCED_MOTION, prefers_reduced_motion()),
    )
    apply_palette(application, theme)
    window = MainWindow(Workspace(), theme, settings)
    apply_theme(application, theme)
    _install_exception_hook(window.workspace)
    for path in paths:
        window.document_manager.open(path)
    if not paths:
        window.document_manager.restore()
    elif data is not None:
        window.panels.training.set_data(Path(absolute_text(data)))
    window.recovery_bar.refresh()
    if not any(session.path or len(session.graph) for session in window.workspace.sessions):
        window.controllers.welcome.show()
    return application, window


def _install_exception_hook(workspace: Workspace) -> None:
    """Log uncaught exceptions and show them in the status bar. The program continues to run.

    If showing the message raises another exception, that exception is only logged.
    """
    is_reporting = False

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        nonlocal is_reporting
        log.error("Uncaught exception in the window", exc_info=(kind, error, trace))
        if is_reporting:
            return
        is_reporting = True
        workspace.message.emit(f"Internal error in Layerloom: {error}. Your document is unchanged.")
        is_reporting = False

    sys.excepthook = report
