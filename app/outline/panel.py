"""The outline panel: the nodes and wires of the active document, edited by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.controls import EmptyState, SearchEdit
from app.controls.layout.boxes import column_layout, page_stack
from app.documents.node_deletion import delete_items
from app.documents.session import ItemKey
from app.documents.workspace import Workspace
from app.outline.connect_popup import ConnectPopup
from app.outline.tree_edits import WireCandidate, candidates_from, candidates_to, set_bypassed
from app.outline.view import OutlineView
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.graph.edits import node_edits, output_edits, wire_edits
from engine.graph.edits.frame_edits import remove_frame, set_frame
from engine.graph.notes import notes
from engine.graph.view import Frame


class OutlinePanel(QWidget):
    """A panel with a tree of nodes and wires and a filter field."""

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self.filter_field = SearchEdit(theme, "Filter by name or layer type", self)
        self.view = OutlineView(theme, workspace.session.report, self)
        self._empty = EmptyState(
            theme, "tree", "No nodes yet", "Nodes are listed here in topological order."
        )
        pages = self._pages = page_stack(self.view, self._empty)
        top = column_layout(self.filter_field, margins=(6, 0, 6, 0))
        column_layout(top, pages, parent=self, margins=(0, 6, 0, 0), spacing=6, stretch=pages)
        self._connect()
        self._refresh()

    def _connect(self) -> None:
        self.filter_field.textChanged.connect(self._on_filter_changed)
        view = self.view
        view.nodes_selected.connect(self._on_nodes_selected)
        view.reveal_requested.connect(self._on_reveal_requested)
        view.remove_requested.connect(self._on_remove_requested)
        view.connect_requested.connect(self._on_connect_requested)
        view.context_menu_requested.connect(self._on_context_menu_requested)
        view.outline_model.rename_requested.connect(self._on_rename_requested)
        view.outline_model.frame_title_requested.connect(self._on_frame_title_requested)
        self._workspace.report_changed.connect(self._on_report_changed)
        self._workspace.selection_changed.connect(self._on_selection_changed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        session = self._workspace.session
        project = session.report.project
        has_rows = len(project.graph) > 0 or bool(notes(project))
        self._pages.setCurrentWidget(self.view if has_rows else self._empty)
        if self.view.outline_model.report is not session.report:
            self.view.show_report(session.report)
        self.view.show_selection(session.selected_items)

    def _on_report_changed(self) -> None:
        if self.isVisible():
            self._refresh()

    def _on_selection_changed(self) -> None:
        if self.isVisible():
            self.view.show_selection(self._workspace.session.selected_items)

    def _on_filter_changed(self, text: str) -> None:
        self.view.show_report(self._workspace.session.report, text)
        self.view.show_selection(self._workspace.session.selected_items)

    def _on_nodes_selected(self, keys: list[ItemKey]) -> None:
        self._workspace.session.select(keys)

    def _on_reveal_requested(self, keys: list[ItemKey]) -> None:
        session = self._workspace.session
        keys = [key for key in keys if isinstance(key, int) or key in session.graph]
        if keys:
            session.reveal(keys)
            self.view.show_selection(keys)

    def _on_rename_requested(self, old: str, new: str) -> None:
        session = self._workspace.session
        selection = [new if name == old else name for name in session.selection]
        if session.edit("Rename", node_edits.rename_node, old, new):
            session.select(selection)

    def _on_frame_title_requested(self, index: int, title: str) -> None:
        self._workspace.session.edit("Rename frame", set_frame, index, title=title)

    def _on_remove_requested(self) -> None:
        session, model = self._workspace.session, self.view.outline_model
        wire_row = model.wire_row_at(self.view.currentIndex())
        frame = model.frame_at(self.view.currentIndex())
        if frame is not None:
            session.edit("Remove frame", remove_frame, frame.index)
        elif wire_row is not None:
            if wire_row.other_node:
                session.edit(
                    "Disconnect",
                    wire_edits.disconnect,
                    wire_row.target,
                    wire_row.port,
                    wire_row.index,
                )
        elif keys := session.selected_items:
            label = "Delete" if len(keys) == 1 else "Delete nodes"
            session.edit(label, delete_items, keys, session.current_report(), True)

    def _on_bypass_toggled(self, off: bool) -> None:
        session = self._workspace.session
        session.edit("Bypass" if off else "Enable", set_bypassed, session.selection, off)

    def _on_connect_requested(self) -> None:
        """Open a popup with the possible wires from the current node or to the current port."""
        report = self._workspace.session.current_report()
        model, index = self.view.outline_model, self.view.currentIndex()
        wire_row, name = model.wire_row_at(index), model.node_at(index)
        if name not in report.project.graph:
            return
        is_outgoing = wire_row is None or wire_row.kind in ("to", "end")
        if is_outgoing:
            title, candidates = f"Connect {name} to", candidates_from(report, name)
        else:
            assert wire_row is not None
            title = f"Connect to {name}, input {wire_row.port}, from"
            candidates = candidates_to(report, name, wire_row.port)
        popup = ConnectPopup(self._theme, title, candidates, is_outgoing, self)
        popup.chosen.connect(self._on_wire_chosen)
        position = self.view.visualRect(index).bottomLeft()
        popup.open_at(self.view.viewport().mapToGlobal(position))

    def _on_wire_chosen(self, wire: WireCandidate) -> None:
        session = self._workspace.session
        connect = output_edits.connect_with_objectives
        session.edit("Connect", connect, wire.source, wire.node, wire.port)

    def _on_context_menu_requested(self, position: QPoint) -> None:
        menu = QMenu(self, objectName="outline-menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model, index = self.view.outline_model, self.view.currentIndex()
        wire_row, frame = model.wire_row_at(index), model.frame_at(index)
        if wire_row is not None:
            self._fill_wire_menu(menu, bool(wire_row.other_node))
        elif frame is not None:
            self._fill_frame_menu(menu, frame)
        elif model.note_at(index) is not None:
            self._add_action(menu, "Go to", "fit-selection", "Return", self.view.reveal_current)
            self._add_action(menu, "Delete", "delete", "Delete", self._on_remove_requested)
        elif model.node_at(index):
            self._fill_node_menu(menu)
        else:
            menu.deleteLater()
            return
        menu.popup(position)

    def _fill_wire_menu(self, menu: QMenu, is_wired: bool) -> None:
        if is_wired:
            self._add_action(menu, "Go to", "fit-selection", "Return", self.view.reveal_current)
            self._add_action(menu, "Disconnect", "disconnect", "Delete", self._on_remove_requested)
        self._add_action(menu, "Connect…", "connect", "Ctrl+L", self._on_connect_requested)

    def _fill_frame_menu(self, menu: QMenu, frame: Frame) -> None:
        self._add_action(menu, "Go to", "fit-selection", "Return", self.view.reveal_current)
        self._add_action(menu, "Rename", "rename", "F2", self.view.edit_name)
        self._add_toggle(menu, "Collapse", "collapse", frame.collapsed, self._on_collapse_toggled)
        self._add_action(menu, "Remove frame", "delete", "Delete", self._on_remove_requested)

    def _fill_node_menu(self, menu: QMenu) -> None:
        self._add_action(menu, "Go to", "fit-selection", "Return", self.view.reveal_current)
        self._add_action(menu, "Connect to…", "connect", "Ctrl+L", self._on_connect_requested)
        menu.addSeparator()
        self._add_action(menu, "Rename", "rename", "F2", self.view.edit_name)
        session = self._workspace.session
        nodes = [session.graph[name] for name in session.selection]
        is_bypassed = bool(nodes) and all(node.off for node in nodes)
        self._add_toggle(menu, "Bypass", "bypass", is_bypassed, self._on_bypass_toggled)
        menu.addSeparator()
        self._add_action(menu, "Delete", "delete", "Delete", self._on_remove_requested)

    def _add_action(
        self, menu: QMenu, text: str, icon_name: str, keys: str, slot: Callable[[], object]
    ) -> None:
        """Add a menu entry. Its shortcut is only displayed, since the tree handles the key."""
        action = menu.addAction(icon(self._theme, icon_name), f"{text}\t{keys}")
        action.triggered.connect(slot)

    def _add_toggle(
        self, menu: QMenu, text: str, icon_name: str, is_on: bool, slot: Callable[[bool], object]
    ) -> None:
        action = menu.addAction(icon(self._theme, icon_name), text)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.toggled.connect(slot)

    def _on_collapse_toggled(self, is_collapsed: bool) -> None:
        frame = self.view.outline_model.frame_at(self.view.currentIndex())
        if frame is not None:
            label = "Collapse frame" if is_collapsed else "Expand frame"
            self._workspace.session.edit(label, set_frame, frame.index, collapsed=is_collapsed)
