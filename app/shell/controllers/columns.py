"""The controller that connects the data panel to canvas, actions and inspector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow


class ColumnsController(QObject):
    """Connects the columns selected in the data panel to actions and to the canvas."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.action_manager.condition_providers.append(self._action_conditions)
        window.data_panel.chosen_changed.connect(window.action_manager.refresh)
        window.data_panel.menu_asked.connect(self._on_menu_asked)
        window.data_panel.choose_asked.connect(window.training_panel.open_data_dialog)
        window.inspector_panel.data_asked.connect(self._on_data_asked)

    def _action_conditions(self) -> Mapping[str, bool]:
        """Return the conditions of actions on columns."""
        return {"columns": bool(self._window.data_panel.chosen)}

    # Action handlers.

    def choose_node(self) -> None:
        """Open the menu of nodes to which the selected columns can be assigned."""
        self._window.show_data()
        self._window.data_panel.ask_node()

    def add_node(self, kind: str) -> None:
        """Add an Input or Output for the selected columns."""
        self._window.tabs.hide_welcome()
        self._window.tabs.canvas.add_actions.add_for_columns(self._window.data_panel.chosen, kind)

    def _on_data_asked(self) -> None:
        """Show the data panel, and the file dialog if there is no data."""
        self._window.show_data()
        if self._window.workspace.session.data is None:
            self._window.training_panel.open_data_dialog()

    def _on_menu_asked(self, position: QPoint) -> None:
        window = self._window
        menu = window.action_manager.context_menu("column", window)
        first = menu.actions()[0] if menu.actions() else None
        assign_menu = window.data_panel.feed_menu(menu)
        if first is None:
            menu.addMenu(assign_menu)
        else:
            menu.insertMenu(first, assign_menu)
        menu.popup(position)
