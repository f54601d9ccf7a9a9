"""A whole window for tests that look at all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QWidget,
)

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.settings import Settings
from app.shell.main_window import MainWindow
from app.theme.style import apply_palette, apply_theme
from app.theme.theme import Theme, ThemeMode
from app.training.panel.panel import TrainingPanel
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


# The window of an earlier test, hidden, and its state when it was new.
_kept: list[tuple[MainWindow, list[object]]] = []


@contextmanager
def opened(
    qtbot, *sessions: Session, mode: ThemeMode = "dark", is_new: bool = False
) -> Iterator[MainWindow]:
    """Show a window with these documents.

    The window of an earlier test is used again if that test left it as it was, since a new one
    takes half a second of CPU time. `is_new` asks for a new one.
    """
    if is_new or mode != "dark":
        close_kept()
    window, state = _kept.pop() if _kept else (built(Workspace(Session()), Theme(mode)), None)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, window.theme)
    _replace_sessions(window, *(sessions or (Session(),)))
    if state is not None:
        window.dock_layout.reset()
        window.panels.data.tabs.setCurrentIndex(0)
    window.resize(1400, 900)
    show_active(qtbot, window)
    for title in ("Layers", "Problems"):
        window.dock_layout.show_panel(title)
    window.tabs.canvas.setFocus()
    window.tabs.canvas.navigation.fit()
    settle()
    state = state or _state(window)
    yield window
    QApplication.clipboard().clear()
    is_unchanged = not is_new and _state(window) == state
    window.panels.results.stop_processes()
    window.hide()
    if is_unchanged:
        _replace_sessions(window, Session())
        window.statusBar().clearMessage()
        window.settings._store.clear()
        settle()
        _kept.append((window, state))
    else:
        _take_down(window)


def close_kept() -> None:
    """Take the window down that is kept for the next test."""
    while _kept:
        _take_down(_kept.pop()[0])


def show_active(qtbot, window: QWidget) -> None:
    """Show a window, and wait until it has the keyboard, also if it was hidden before."""
    other = QWidget()  # has the focus, else Qt doesn't give it back to a window that was hidden
    other.show()
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    other.close()


def _replace_sessions(window: MainWindow, *sessions: Session) -> None:
    """Open documents in place of those that are open."""
    before = window.workspace.sessions
    for session in sessions:
        window.workspace.open(session)
    for session in before:
        session.undo_history.mark_saved()
        window.document_manager.close_prompts.close(session)


def _state(window: MainWindow) -> list[object]:
    """Return what a test may change in a window, besides its documents and the layout."""
    actions = window.action_manager.actions
    return [
        window.isVisible(),
        window.layouts.active,
        window.panels.training.running,
        window.panels.data.data_check.is_running,
        window.theme.mode,
        window.tabs.stack.isHidden(),
        window.tabs.is_minimap_visible,
        window.find_bar.isHidden(),
        [dialog.objectName() for dialog in window.findChildren(QDialog)],
        {id: [keys.toString() for keys in one.shortcuts()] for id, one in actions.items()},
        ["&" in one.text() for one in actions.values()],  # a menu that was opened has letters
    ]


def _take_down(window: MainWindow) -> None:
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
        "documentation": "documentation",
        "sheet": "sheet",
        "shortcuts": "shortcuts",
        "about": "about",
        "export": "export-python",
        "elsewhere": "train-elsewhere",
    }
    return {name: window.action_manager.actions[id].trigger for name, id in actions.items()}


def shown_dialog(window: MainWindow) -> QDialog:
    """Return the dialog that is open."""
    return next(dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())


def visible(root: QWidget, kind: type) -> list:
    """Return the widgets of a kind that are seen in a window or dialog."""
    return [widget for widget in root.findChildren(kind) if widget.isVisible()]


def training_panel(workspace: Workspace, theme: Theme) -> TrainingPanel:
    """Return a training panel with a data check of its own."""
    return TrainingPanel(workspace, DataCheckJob(workspace, workspace), theme)
