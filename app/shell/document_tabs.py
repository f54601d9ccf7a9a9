"""The central widget: a tab and a canvas for each open document, or the welcome page."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QStackedWidget, QTabBar, QWidget

from app.canvas.canvas import Canvas
from app.controls.layout.boxes import column_layout
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.text.phrases import plain_tooltip, truncate
from app.theme.icons import icon
from app.theme.theme import Theme

_MAX_TOOLTIP_LENGTH = 600  # characters
_MIN_CANVAS_SIZE = (200, 130)  # pixels


class DocumentTabs(QWidget):
    """Tabs and canvases of the open documents, kept in sync with the workspace.

    Signals:
        close_requested: the close button of a tab was clicked.
        add_menu_requested, context_menu_requested, view_changed, wire_selection_changed: see
            `Canvas`.
        welcome_hidden: the welcome page was replaced by tabs and canvas.
    """

    close_requested = Signal(Session)
    add_menu_requested = Signal(QPoint, object, str)
    context_menu_requested = Signal(QPoint, str)
    view_changed = Signal()
    wire_selection_changed = Signal()
    welcome_hidden = Signal()

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace = workspace
        self._theme = theme
        self._canvases: dict[Session, Canvas] = {}
        self.is_minimap_visible = True
        self.tab_bar = QTabBar(accessibleName="Open documents", tabsClosable=True, expanding=False)
        self.tab_bar.setDocumentMode(True)
        self.tab_bar.setDrawBase(False)
        self.stack = QStackedWidget()
        self.stack.setMinimumSize(*_MIN_CANVAS_SIZE)
        self.bars_layout = column_layout(spacing=0)
        bars = (self.tab_bar, self.bars_layout)
        self._layout = column_layout(*bars, self.stack, parent=self, spacing=0)
        self._welcome: QWidget | None = None
        self.tab_bar.currentChanged.connect(self._on_tab_changed)
        self.tab_bar.tabCloseRequested.connect(self._on_close_clicked)
        workspace.opened.connect(self._on_opened)
        workspace.closed.connect(self._on_closed)
        workspace.active_changed.connect(self._on_switched)
        workspace.file_changed.connect(self._on_file_changed)
        for session in workspace.sessions:
            self._on_opened(session)
        self._on_switched()

    @property
    def canvas(self) -> Canvas:
        """The canvas of the active document."""
        return self._canvases[self._workspace.session]

    def canvas_of(self, session: Session) -> Canvas | None:
        """Return the canvas of a session, None if the session was closed."""
        return self._canvases.get(session)

    def show_welcome(self, page: QWidget) -> None:
        """Show a page instead of tabs and canvas, until `hide_welcome` is called.

        Why the page is not in `stack`, the widget with the canvases: canvas shortcuts work anywhere
        in `stack`.
        """
        self._remove_welcome()
        self._welcome = page
        self.tab_bar.hide()
        self.stack.hide()
        self._layout.addWidget(page)
        page.show()

    def hide_welcome(self) -> None:
        """Hide the welcome page, if it is shown, and show the canvas."""
        if self._welcome is None:
            return
        self._remove_welcome()
        self.tab_bar.show()
        self.stack.show()
        self.welcome_hidden.emit()
        self.canvas.setFocus()

    def _remove_welcome(self) -> None:
        page, self._welcome = self._welcome, None
        if page is not None:
            page.hide()
            self._layout.removeWidget(page)
            page.deleteLater()

    def activate_relative(self, offset: int) -> None:
        """Activate the tab `offset` positions after the active one. The first follows the last."""
        if self.tab_bar.count():
            index = self.tab_bar.currentIndex() + offset
            self.tab_bar.setCurrentIndex(index % self.tab_bar.count())

    def show_minimap(self, on: bool) -> None:
        """Show or hide the minimap of every canvas."""
        self.is_minimap_visible = on
        for canvas in self._canvases.values():
            canvas.show_minimap(on)

    def _on_opened(self, session: Session) -> None:
        canvas = self._canvases[session] = Canvas(session, self._theme)
        canvas.show_minimap(self.is_minimap_visible)
        canvas.add_menu_requested.connect(self.add_menu_requested)
        canvas.context_menu_requested.connect(self.context_menu_requested)
        canvas.view_changed.connect(self.view_changed)
        canvas.wire_selection_changed.connect(self.wire_selection_changed)
        self.stack.addWidget(canvas)
        self.tab_bar.blockSignals(True)
        self.tab_bar.addTab(session.title)
        self.tab_bar.blockSignals(False)

    def _on_closed(self, session: Session) -> None:
        tabs = list(self._canvases)
        self.tab_bar.blockSignals(True)
        self.tab_bar.removeTab(tabs.index(session))
        self.tab_bar.blockSignals(False)
        canvas = self._canvases.pop(session)
        self.stack.removeWidget(canvas)
        canvas.deleteLater()

    def _on_switched(self) -> None:
        session = self._workspace.session
        if session not in self._canvases:
            return
        self.tab_bar.blockSignals(True)
        self.tab_bar.setCurrentIndex(list(self._canvases).index(session))
        self.tab_bar.blockSignals(False)
        self.stack.setCurrentWidget(self._canvases[session])
        self.view_changed.emit()

    def _on_file_changed(self) -> None:
        session = self._workspace.session
        if session in self._canvases:
            index = list(self._canvases).index(session)
            self.tab_bar.setTabText(index, session.title.replace("&", "&&"))
            is_dirty = session.undo_history.is_dirty
            dirty_icon = icon(self._theme, "dirty", "accent") if is_dirty else QIcon()
            self.tab_bar.setTabIcon(index, dirty_icon)
            parts = (str(session.path or "not saved yet"), session.project.description)
            text = "\n".join(filter(None, parts))
            self.tab_bar.setTabToolTip(index, plain_tooltip(truncate(text, _MAX_TOOLTIP_LENGTH)))

    def _on_tab_changed(self, index: int) -> None:
        sessions = list(self._canvases)
        if 0 <= index < len(sessions):
            self._workspace.activate(sessions[index])
            self.canvas.setFocus()

    def _on_close_clicked(self, index: int) -> None:
        self.close_requested.emit(list(self._canvases)[index])
