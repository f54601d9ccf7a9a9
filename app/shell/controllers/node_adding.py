"""The controller that adds nodes from the add menu and the palette."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPoint

from app.palette.menu import AddMenu
from app.palette.panel import PalettePanel
from app.shell.document_tabs import DocumentTabs


class NodeAddingController(QObject):
    """Adds a node to the active canvas when a layer type is chosen in add menu or palette."""

    def __init__(self, tabs: DocumentTabs, add_menu: AddMenu, palette: PalettePanel) -> None:
        super().__init__(tabs)
        self._tabs, self.add_menu = tabs, add_menu
        tabs.add_menu_requested.connect(self._on_add_requested)
        add_menu.chosen.connect(self._on_layer_type_chosen)
        palette.add_requested.connect(self._on_palette_add_requested)

    def _on_add_requested(self, position: QPoint, problems: object, title: str) -> None:
        self.add_menu.open_at(position, problems if isinstance(problems, Mapping) else None, title)

    def _on_layer_type_chosen(self, kind: str) -> None:
        self._tabs.canvas.add_actions.add_node(kind)

    def _on_palette_add_requested(self, kind: str) -> None:
        self._tabs.hide_welcome()
        self._tabs.canvas.add_actions.add_after_selection(kind)
