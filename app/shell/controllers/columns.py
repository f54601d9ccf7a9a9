"""The controller that connects the data panel to canvas, actions and inspector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

if TYPE_CHECKING:
    from app.shell.main_window import Window


class Columns(QObject):
    """Connects the columns selected in the data panel to actions and to the canvas."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        window.commands.more.append(self._action_conditions)
        window.data.chosen_changed.connect(window.commands.refresh)
        window.data.menu_asked.connect(self._on_menu_asked)
        window.data.choose_asked.connect(window.training.choose_data)
        window.inspector.data_asked.connect(self._on_data_asked)

    def _action_conditions(self) -> Mapping[str, bool]:
        """Return the conditions of actions on columns."""
        return {"columns": bool(self._window.data.chosen)}

    # Action handlers.

    def ask_node(self) -> None:
        """Open the menu of nodes to which the selected columns can be assigned."""
        self._window.show_data()
        self._window.data.ask_node()

    def draw(self, kind: str) -> None:
        """Add an Input or Output for the selected columns."""
        self._window.tabs.leave_welcome()
        self._window.tabs.canvas.draw_for(self._window.data.chosen, kind)

    def _on_data_asked(self) -> None:
        """Show the data panel, and the file dialog if there is no data."""
        self._window.show_data()
        if self._window.workspace.session.data is None:
            self._window.training.choose_data()

    def _on_menu_asked(self, position: QPoint) -> None:
        window = self._window
        menu = window.commands.context_menu("column", window)
        first = menu.actions()[0] if menu.actions() else None
        assign_menu = window.data.feed_menu(menu)
        if first is None:
            menu.addMenu(assign_menu)
        else:
            menu.insertMenu(first, assign_menu)
        menu.popup(position)
