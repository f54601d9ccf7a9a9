"""A whole window for tests that look at all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.settings import Settings
from app.shell.main_window import MainWindow
from app.theme.style import apply_palette, apply_theme
from app.theme.theme import Theme, ThemeMode
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template


def posts() -> Session:
    """Return a document with the template of several inputs and outputs."""
    return Session(parse(read_template("posts")).project)


def built(workspace: Workspace, theme: Theme) -> MainWindow:
    """Return a window that is not shown yet, made as the program makes it.

    Why: without a style sheet it takes half the time; the one of an earlier test may be there.
    """
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    application.setStyleSheet("")
    apply_palette(application, theme)
    window = MainWindow(workspace, theme, Settings())
    apply_theme(application, theme)
    return window


@contextmanager
def opened(qtbot, *sessions: Session, mode: ThemeMode = "dark") -> Iterator[MainWindow]:
    """Show a window with these documents, and take it down again."""
    workspace = Workspace(sessions[0] if sessions else Session())
    for session in sessions[1:]:
        workspace.open(session)
    window = built(workspace, Theme(mode))
    window.resize(1400, 900)
    window.show()
    window.activateWindow()
    qtbot.waitActive(window)
    window.tabs.canvas.setFocus()
    window.tabs.canvas.navigation.fit()
    settle()
    yield window
    QApplication.clipboard().clear()
    window.document_manager.autosave.finish()
    window.hide()
    window.deleteLater()
    settle()


def settle() -> None:
    """Let everything happen that waits, deletions too."""
    QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def dialogs(window: MainWindow) -> dict[str, Callable[[], object]]:
    """Return what opens each dialog of a window, by name."""
    actions = {
        "gallery": "new-from-template",
        "sheet": "sheet",
        "shortcuts": "shortcuts",
        "about": "about",
        "export": "export-python",
    }
    return {name: window.action_manager.actions[id].trigger for name, id in actions.items()}


def shown_dialog(window: MainWindow) -> QDialog:
    """Return the dialog that is open."""
    return next(dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())


def visible(root: QWidget, kind: type) -> list:
    """Return the widgets of a kind that are seen in a window or dialog."""
    return [widget for widget in root.findChildren(kind) if widget.isVisible()]
