"""The palette: search field, recent kinds, families; adds by Enter, double click and drag."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.controls import EmptyState, SearchEdit
from app.documents.workspace import Workspace
from app.palette.tree import KindTree
from app.settings import Settings
from app.text.layer_search import layer_infos, nearest_layer_type, search_layers
from app.theme.theme import Theme

RECENT_COUNT = 6
_DOWN = (Qt.Key.Key_Down, Qt.Key.Key_PageDown)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PalettePanel(QWidget):
    """All kinds of layers, to be found and added.

    What was drawn last, in whatever way, stands on top: the panel sees it in the document.

    Signals:
        add_asked: a kind shall be added to the graph in front.
    """

    add_asked = Signal(str)

    def __init__(
        self, workspace: Workspace, theme: Theme, settings: Settings | None = None
    ) -> None:
        super().__init__()
        self.setObjectName("palette-panel")
        self.setMinimumWidth(200)
        self._workspace = workspace
        self._settings = settings or Settings()
        self._stale = True
        self._names = frozenset(workspace.session.graph.by_name)
        self._search = SearchEdit(theme, "Search layers")
        self._search.setAccessibleName("Search layers")
        self._search.setMaxLength(60)
        self._search.installEventFilter(self)
        self._tree = KindTree(theme, self._settings)
        self._nothing = EmptyState(theme, "search", "", "")
        self._lay_out()
        self._search.textChanged.connect(self._on_text_changed)
        self._tree.asked.connect(self.add_asked)
        self._tree.left.connect(self._on_tree_left)
        workspace.active_changed.connect(self._on_switched)
        workspace.project_changed.connect(self._on_project_changed)
        theme.changed.connect(self._tree.viewport().update)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Down, Enter and Escape in the search field act on the list."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() in _DOWN:
            self._tree.enter()
        elif event.key() in _ENTER:
            if self._search.text().strip():
                self._tree.ask_current()
        elif event.key() == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
        else:
            return super().eventFilter(watched, event)
        return True

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(6)
        top = QVBoxLayout()
        top.setContentsMargins(8, 0, 8, 0)
        top.addWidget(self._search)
        layout.addLayout(top)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._tree)
        self._stack.addWidget(self._nothing)
        layout.addLayout(self._stack, 1)
        self.setFocusProxy(self._search)
        QWidget.setTabOrder(self._search, self._tree)

    def _refresh(self) -> None:
        self._stale = False
        text = self._search.text().strip()
        if not text:
            self._tree.show_families(self._settings.recent_layer_types)
            self._stack.setCurrentWidget(self._tree)
            return
        hits = search_layers(text, recent=self._settings.recent_layer_types)
        self._tree.show_hits(hits)
        if hits:
            self._stack.setCurrentWidget(self._tree)
        else:
            self._show_nothing(text)

    def _show_nothing(self, text: str) -> None:
        near = nearest_layer_type(text)
        hint = f"Did you mean {near}? Or type" if near else "Type"
        self._nothing.set_message(
            f"No layer matches '{text}'",
            f'{hint} what the layer does, such as "average" or "image", or clear the search.',
        )
        self._stack.setCurrentWidget(self._nothing)

    def _on_text_changed(self) -> None:
        self._refresh()

    def _on_tree_left(self, typed: str) -> None:
        self._search.setFocus(Qt.FocusReason.OtherFocusReason)
        if typed:
            self._search.insert(typed)

    def _on_switched(self) -> None:
        self._names = frozenset(self._workspace.session.graph.by_name)

    def _on_project_changed(self) -> None:
        graph = self._workspace.session.graph
        names = frozenset(graph.by_name)
        new = names - self._names
        self._names = names
        if len(new) == 1:
            self._remember(graph[next(iter(new))].kind)

    def _remember(self, kind: str) -> None:
        kinds = self._settings.recent_layer_types
        if kinds[:1] == [kind] or kind not in layer_infos():
            return
        others = [other for other in kinds if other != kind]
        self._settings.recent_layer_types = [kind, *others][:RECENT_COUNT]
        self._stale = True
        if self.isVisible() and not self._search.text().strip():
            self._tree.add_recent(kind)
