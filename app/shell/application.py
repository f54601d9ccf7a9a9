"""The composition root: what is built once, in the order in which it is needed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import PySide6
from PySide6.QtWidgets import QApplication

from app.documents.workspace import Workspace
from app.settings import Settings
from app.shell.main_window import Window
from app.theme.style import apply, prepare
from app.theme.theme import Theme

log = logging.getLogger(__name__)


def qt_is_sound() -> bool:
    """Return whether this PySide6 can be worked with, and say so if not.

    Why: 6.12.0 gives up a reference to None at every call on Python before 3.12, and the process
    dies after some hundred nodes (PYSIDE-3474).
    """
    if sys.version_info < (3, 12) and PySide6.__version_info__[:3] == (6, 12, 0):
        sys.stderr.write(
            "layerloom: PySide6 6.12.0 crashes on Python before 3.12. Type\n"
            "    pip install 'PySide6-Essentials<6.12'\n"
        )
        return False
    return True


def build(paths: Sequence[Path] = (), data: Path | None = None) -> tuple[QApplication, Window]:
    """Make the application and its window.

    Args:
        paths: files to open; without any, those that were open last time.
        data: what the first of them is trained on.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Layerloom")
    application.setOrganizationName("Layerloom")
    application.setDesktopFileName("layerloom")
    settings = Settings()
    theme = Theme(settings.theme_mode)
    prepare(application, theme)
    window = Window(Workspace(), theme, settings)
    apply(application, theme)
    _tell_of_faults(window)
    for path in paths:
        window.files.open(path)
    if not paths:
        window.files.restore()
    elif data is not None:
        window.training.set_data(data.absolute())
    window.recovery_bar.look()
    if not any(session.path or len(session.graph) for session in window.workspace.sessions):
        window.welcoming.show()
    return application, window


def _tell_of_faults(window: Window) -> None:
    """Let a fault of ours be told and logged; the window stays, and so does the document."""

    def told(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        log.error("A fault inside the window", exc_info=(kind, fault, trace))
        window.tell(f"Something went wrong inside Layerloom: {fault}. Your document is kept.")

    sys.excepthook = told
