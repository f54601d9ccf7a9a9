"""The data panel and the rest of the window: what is done with the columns that are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

if TYPE_CHECKING:
    from app.shell.main_window import Window


class Columns(QObject):
    """Leads from columns in the table to the canvas."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        window.commands.more.append(self._there)
        window.data.chosen_changed.connect(window.commands.refresh)
        window.data.menu_asked.connect(self._on_menu_asked)
        window.data.choose_asked.connect(window.training.choose_data)
        window.inspector.data_asked.connect(self._on_data_asked)

    def _there(self) -> Mapping[str, bool]:
        """Return what there is for actions about columns."""
        return {"columns": bool(self._window.data.chosen)}

    # What actions call.

    def ask_node(self) -> None:
        """Ask which node the chosen columns shall feed."""
        self._window.show_data()
        self._window.data.ask_node()

    def draw(self, kind: str) -> None:
        """Draw an Input or Output for the chosen columns."""
        self._window.tabs.leave_welcome()
        self._window.tabs.canvas.draw_for(self._window.data.chosen, kind)

    def _on_data_asked(self) -> None:
        """Show the data, or ask for some first."""
        self._window.show_data()
        if self._window.workspace.session.data is None:
            self._window.training.choose_data()

    def _on_menu_asked(self, at: QPoint) -> None:
        window = self._window
        menu = window.commands.context_menu("column", window)
        first = menu.actions()[0] if menu.actions() else None
        feed = window.data.feed_menu(menu)
        if first is None:
            menu.addMenu(feed)
        else:
            menu.insertMenu(first, feed)
        menu.popup(at)
