"""The controller that adds nodes from the add menu and the palette."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPoint

from app.palette.menu import AddMenu
from app.shell.window_parts import WindowParts


class NodeAddingController(QObject):
    """Adds a node to the active canvas when a layer type is chosen in add menu or palette."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._tabs = window.tabs
        self.add_menu = AddMenu(window.theme, window.settings, window)
        self._tabs.add_menu_requested.connect(self._on_add_requested)
        self.add_menu.chosen.connect(self._on_layer_type_chosen)
        window.panels.palette.add_requested.connect(self._on_palette_add_requested)

    def _on_add_requested(self, position: QPoint, problems: object, title: str) -> None:
        self.add_menu.open_at(position, problems if isinstance(problems, Mapping) else None, title)

    def _on_layer_type_chosen(self, kind: str) -> None:
        self._tabs.canvas.add_actions.add_node(kind)

    def _on_palette_add_requested(self, kind: str) -> None:
        self._tabs.hide_welcome()
        self._tabs.canvas.add_actions.add_after_selection(kind)
