"""The central widget: a tab and a canvas for each open document, or the welcome page."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.text.phrases import plain_tip
from app.theme.icons import icon
from app.theme.theme import Theme

_MIN_CANVAS_SIZE = (200, 130)  # pixels


class Tabs(QWidget):
    """Tabs and canvases of the open documents, kept in sync with the workspace.

    Signals:
        close_requested: the close button of a tab was clicked.
        add_requested, menu_requested, zoomed, wires_selected: see `Canvas`.
        welcome_hidden: the canvas is shown again after the welcome page.
    """

    close_asked = Signal(Session)
    add_wanted = Signal(QPoint, object, str)
    menu_wanted = Signal(QPoint, str)
    zoomed = Signal()
    wires_selected = Signal()
    welcome_left = Signal()

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._theme = theme
        self._canvases: dict[Session, Canvas] = {}
        self.minimap_shown = True
        self.bar = QTabBar()
        self.bar.setAccessibleName("Open documents")
        self.bar.setTabsClosable(True)
        self.bar.setExpanding(False)
        self.bar.setDocumentMode(True)
        self.bar.setDrawBase(False)
        self.stack = QStackedWidget()
        self.stack.setMinimumSize(*_MIN_CANVAS_SIZE)
        self.above = QVBoxLayout()
        self.above.setContentsMargins(0, 0, 0, 0)
        self.above.setSpacing(0)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addLayout(self.above)
        layout.addWidget(self.stack)
        self._welcome: QWidget | None = None
        self.bar.currentChanged.connect(self._on_tab_changed)
        self.bar.tabCloseRequested.connect(self._on_close_clicked)
        workspace.opened.connect(self._on_opened)
        workspace.closed.connect(self._on_closed)
        workspace.switched.connect(self._on_switched)
        workspace.file_changed.connect(self._on_file_changed)
        for session in workspace.sessions:
            self._on_opened(session)
        self._on_switched()

    @property
    def canvas(self) -> Canvas:
        """The canvas of the active document."""
        return self._canvases[self._workspace.session]

    def canvas_of(self, session: Session) -> Canvas | None:
        """Return the canvas of a session; None after it was closed."""
        return self._canvases.get(session)

    def show_welcome(self, page: QWidget) -> None:
        """Show a page instead of tabs and canvas, until a graph is edited or opened.

        The page is not part of the stack, since canvas shortcuts work anywhere in the stack.
        """
        self._remove_welcome()
        self._welcome = page
        self.bar.hide()
        self.stack.hide()
        self._layout.addWidget(page)
        page.show()

    def leave_welcome(self) -> None:
        """Hide the welcome page, if it is shown, and show the canvas."""
        if self._welcome is None:
            return
        self._remove_welcome()
        self.bar.show()
        self.stack.show()
        self.welcome_left.emit()
        self.canvas.setFocus()

    def _remove_welcome(self) -> None:
        page, self._welcome = self._welcome, None
        if page is not None:
            page.hide()
            self._layout.removeWidget(page)
            page.deleteLater()

    def go(self, offset: int) -> None:
        """Activate the tab `offset` positions further; the last tab is followed by the first."""
        if self.bar.count():
            self.bar.setCurrentIndex((self.bar.currentIndex() + offset) % self.bar.count())

    def show_minimap(self, on: bool) -> None:
        """Show or hide the minimap of every canvas."""
        self.minimap_shown = on
        for canvas in self._canvases.values():
            canvas.show_minimap(on)

    def _on_opened(self, session: Session) -> None:
        canvas = self._canvases[session] = Canvas(session, self._theme)
        canvas.show_minimap(self.minimap_shown)
        canvas.add_wanted.connect(self.add_wanted)
        canvas.menu_wanted.connect(self.menu_wanted)
        canvas.zoomed.connect(self.zoomed)
        canvas.wires_selected.connect(self.wires_selected)
        self.stack.addWidget(canvas)
        self.bar.blockSignals(True)
        self.bar.addTab(session.title)
        self.bar.blockSignals(False)

    def _on_closed(self, session: Session) -> None:
        tabs = list(self._canvases)
        self.bar.blockSignals(True)
        self.bar.removeTab(tabs.index(session))
        self.bar.blockSignals(False)
        canvas = self._canvases.pop(session)
        self.stack.removeWidget(canvas)
        canvas.deleteLater()

    def _on_switched(self) -> None:
        session = self._workspace.session
        if session not in self._canvases:
            return
        self.bar.blockSignals(True)
        self.bar.setCurrentIndex(list(self._canvases).index(session))
        self.bar.blockSignals(False)
        self.stack.setCurrentWidget(self._canvases[session])
        self.zoomed.emit()

    def _on_file_changed(self) -> None:
        session = self._workspace.session
        if session in self._canvases:
            index = list(self._canvases).index(session)
            self.bar.setTabText(index, session.title.replace("&", "&&"))
            dirty_icon = icon(self._theme, "dirty", "accent") if session.document.dirty else QIcon()
            self.bar.setTabIcon(index, dirty_icon)
            self.bar.setTabToolTip(index, plain_tip(str(session.path or "not saved yet")))

    def _on_tab_changed(self, index: int) -> None:
        sessions = list(self._canvases)
        if 0 <= index < len(sessions):
            self._workspace.show(sessions[index])
            self.canvas.setFocus()

    def _on_close_clicked(self, index: int) -> None:
        self.close_asked.emit(list(self._canvases)[index])
