"""The controller of the context menus of canvas, runs table and data table."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint

from app.controls.dialogs.menu import Menu
from app.shell.window_parts import WindowParts


class ContextMenuController(QObject):
    """Opens the context menu of the clicked item, with the actions that are enabled for it."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window = window
        window.tabs.context_menu_requested.connect(self._on_canvas_menu_requested)
        window.panels.runs.menu_requested.connect(self._on_run_menu_requested)
        window.panels.data.menu_requested.connect(self._on_column_menu_requested)

    def _on_canvas_menu_requested(self, position: QPoint, target: str) -> None:
        self._context_menu(target).popup(position)

    def _on_run_menu_requested(self, position: QPoint) -> None:
        self._context_menu("run").popup(position)

    def _on_column_menu_requested(self, position: QPoint) -> None:
        menu = self._context_menu("column")
        first = menu.actions()[0] if menu.actions() else None
        assign_menu = self._window.panels.data.assign_menu(menu)
        if first is None:
            menu.addMenu(assign_menu)
        else:
            menu.insertMenu(first, assign_menu)
        menu.popup(position)

    def _context_menu(self, target: str) -> Menu:
        return self._window.action_manager.context_menu(target, self._window)
