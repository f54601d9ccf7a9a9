"""The controller of the context menus of canvas, runs table and data table."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QWidget

from app.data.panel import DataPanel
from app.runs.panel import RunsPanel
from app.shell.actions.action_manager import ActionManager
from app.shell.document_tabs import DocumentTabs


class ContextMenuController(QObject):
    """Opens the context menu of the clicked item, with the actions that are enabled for it."""

    def __init__(
        self,
        actions: ActionManager,
        tabs: DocumentTabs,
        runs: RunsPanel,
        data: DataPanel,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._actions, self._data, self._parent = actions, data, parent
        tabs.context_menu_requested.connect(self._on_canvas_menu_requested)
        runs.menu_requested.connect(self._on_run_menu_requested)
        data.menu_requested.connect(self._on_column_menu_requested)

    def _on_canvas_menu_requested(self, position: QPoint, target: str) -> None:
        self._actions.context_menu(target, self._parent).popup(position)

    def _on_run_menu_requested(self, position: QPoint) -> None:
        self._actions.context_menu("run", self._parent).popup(position)

    def _on_column_menu_requested(self, position: QPoint) -> None:
        menu = self._actions.context_menu("column", self._parent)
        first = menu.actions()[0] if menu.actions() else None
        assign_menu = self._data.assign_menu(menu)
        if first is None:
            menu.addMenu(assign_menu)
        else:
            menu.insertMenu(first, assign_menu)
        menu.popup(position)
