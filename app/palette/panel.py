"""The palette panel: searchable layer types, added by Enter, double click or drag."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from app.controls import EmptyState, SearchEdit
from app.controls.layout.boxes import column_layout
from app.documents.workspace import Workspace
from app.palette.tree import LayerTypeTree
from app.settings import Settings
from app.text.layer_search import layer_infos, nearest_layer_type, search_layers
from app.theme.theme import Theme

MAX_RECENT = 6
_DOWN_KEYS = (Qt.Key.Key_Down, Qt.Key.Key_PageDown)
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PalettePanel(QWidget):
    """A panel with all layer types, to search and add them.

    The layer types that were added to the graph last are listed first, whether the user added them
    here or elsewhere: the panel watches the graph for new nodes.

    Signals:
        add_requested: requests to add a node of a layer type to the active graph.
    """

    add_requested = Signal(str)

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__(minimumWidth=200)
        self._workspace = workspace
        self._settings = settings
        self._is_stale = True
        self._names = frozenset(workspace.session.graph.by_name)
        self._search = SearchEdit(theme, "Search layers")
        self._search.setAccessibleName("Search layers")
        self._search.setMaxLength(60)
        self._search.installEventFilter(self)
        self._tree = LayerTypeTree(theme, self._settings)
        self._empty_state = EmptyState(theme, "search", "", "")
        self._lay_out()
        self._search.textChanged.connect(self._refresh)
        self._tree.add_requested.connect(self.add_requested)
        self._tree.search_requested.connect(self._on_search_requested)
        workspace.active_changed.connect(self._on_session_changed)
        workspace.project_changed.connect(self._on_project_changed)
        theme.changed.connect(self._tree.viewport().update)

    def showEvent(self, event: QShowEvent) -> None:
        """Apply the changes that happened while the panel was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle Down, Enter and Escape of the search field."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() in _DOWN_KEYS:
            self._tree.focus_first()
        elif event.key() in _ENTER_KEYS:
            if self._search.text().strip():
                self._tree.request_current()
        elif event.key() == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
        else:
            return super().eventFilter(watched, event)
        return True

    def _lay_out(self) -> None:
        self._stack = stack = QStackedLayout()
        stack.addWidget(self._tree)
        stack.addWidget(self._empty_state)
        top = column_layout(self._search, margins=(8, 0, 8, 0))
        column_layout(top, stack, parent=self, margins=(0, 8, 0, 0), spacing=6, stretch=stack)
        self.setFocusProxy(self._search)
        QWidget.setTabOrder(self._search, self._tree)

    def _refresh(self) -> None:
        self._is_stale = False
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
            self._show_empty_state(text)

    def _show_empty_state(self, text: str) -> None:
        nearest = nearest_layer_type(text)
        hint = f"Did you mean {nearest}? Or type" if nearest else "Type"
        self._empty_state.set_message(
            f"No layer matches '{text}'",
            f'{hint} what the layer does, such as "average" or "image", or clear the search.',
        )
        self._stack.setCurrentWidget(self._empty_state)

    def _on_search_requested(self, typed: str) -> None:
        self._search.setFocus(Qt.FocusReason.OtherFocusReason)
        if typed:
            self._search.insert(typed)

    def _on_session_changed(self) -> None:
        self._names = frozenset(self._workspace.session.graph.by_name)

    def _on_project_changed(self) -> None:
        graph = self._workspace.session.graph
        added = graph.by_name.keys() - self._names
        self._names = frozenset(graph.by_name)
        if len(added) == 1:
            self._add_recent(graph[next(iter(added))].kind)

    def _add_recent(self, kind: str) -> None:
        kinds = self._settings.recent_layer_types
        if kinds[:1] == [kind] or kind not in layer_infos():
            return
        previous = [name for name in kinds if name != kind]
        self._settings.recent_layer_types = [kind, *previous][:MAX_RECENT]
        self._is_stale = True
        if self.isVisible() and not self._search.text().strip():
            self._tree.add_recent(kind)
