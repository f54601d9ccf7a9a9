"""The controller that assigns the columns selected in the data panel to nodes."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.data.panel import DataPanel
from app.shell.document_tabs import DocumentTabs
from app.shell.panel_display import PanelDisplay


class ColumnsController(QObject):
    """Shows the data panel, and assigns the columns selected in this panel to nodes."""

    def __init__(self, data: DataPanel, tabs: DocumentTabs, display: PanelDisplay) -> None:
        super().__init__(data)
        self._data, self._tabs, self._display = data, tabs, display

    def show_table(self) -> None:
        """Show the data panel, and move the keyboard focus to the data table."""
        self._display.show_expanded("Data")
        self._data.table.setFocus()

    def choose_node(self) -> None:
        """Open a menu with the nodes to which the selected columns can be assigned."""
        self.show_table()
        self._data.show_assign_menu()

    def add_node(self, kind: str) -> None:
        """Add an Input or Output node (`kind`) for the selected columns."""
        self._tabs.hide_welcome()
        self._tabs.canvas.add_actions.add_for_columns(self._data.selected_columns, kind)
