"""The data panel: the data table of the active document, and pages about the data."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QTabBar, QWidget

from app.controls import EmptyState
from app.controls.dialogs.menu import Menu
from app.controls.display.diagnostics_note import DiagnosticsNote
from app.controls.layout.boxes import column_layout, page_stack
from app.data.dialect_button import field_title
from app.data.pages.checks import ChecksPage
from app.data.pages.ports import PortsPage
from app.data.pages.split import SplitPage
from app.data.panel_header import DataPanelHeader, SourceBar
from app.data.table.data_table import DataTable
from app.data.table.table_loader import TableLoader
from app.documents import column_assignment, column_mapping
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Fix
from engine.graph.edits import field_edits

_NO_DATA = "No data"
_CHOOSE = "Choose a table, or drop a file on the window."
_ASSIGN_HINT = f"{_CHOOSE}\nThen drag its columns onto Inputs and Outputs."
_START_HINT = f"{_CHOOSE}\nFile > Start from data creates a network for it."


class DataPanel(QWidget):
    """A panel that shows data and assigns columns to nodes. While it is hidden, it loads no data.

    Signals:
        choose_requested: the user asks for the dialog to choose other data.
        selection_changed: the selected columns have changed.
        menu_requested: the global position of a context menu that the user asks for.
    """

    choose_requested = Signal()
    selection_changed = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, workspace: Workspace, data_check: DataCheckJob, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self.loader = TableLoader(workspace, self)
        self.data_check = data_check
        self.bar = SourceBar(theme)
        self.table = DataTable(theme)
        self.error_note, self.cell_note = DiagnosticsNote(theme), DiagnosticsNote(theme)
        for note in (self.error_note, self.cell_note):
            note.setContentsMargins(10, 4, 10, 6)
        choose = QAction(icon(theme, "database"), "Choose data…", self)
        choose.setToolTip("Choose a table, an array file or a folder")
        choose.triggered.connect(self.choose_requested)
        self._empty = EmptyState(theme, "table", _NO_DATA, "", choose)
        self._lay_out()
        self.add_tab("Ports", PortsPage(workspace, self.data_check, theme))
        self.add_tab("Checks", ChecksPage(workspace, self.data_check, theme))
        self.add_tab("Split", SplitPage(workspace, self.data_check, theme))
        self._connect(workspace)
        self._on_contents_changed()

    def add_tab(self, title: str, widget: QWidget) -> None:
        """Add a page as a tab."""
        widget.setAccessibleName(title)
        self._views.addWidget(widget)
        self.tabs.addTab(title)

    def show_tab(self, title: str) -> None:
        """Show the tab with this title."""
        titles = [self.tabs.tabText(index) for index in range(self.tabs.count())]
        self.tabs.setCurrentIndex(titles.index(title))

    @property
    def selected_columns(self) -> tuple[str, ...]:
        """The names of the selected columns."""
        return self.table.selected_columns

    def assign(self, node: str) -> None:
        """Assign the selected columns to a node."""
        column_assignment.assign_columns(self._workspace.session, self.selected_columns, node)

    def unassign(self) -> None:
        """Unassign the selected columns from their nodes."""
        column_assignment.unassign_columns(self._workspace.session, self.selected_columns)

    def assign_menu(self, parent: QWidget) -> QMenu:
        """Return a menu of all Inputs and Outputs, to which the selected columns can be assigned.

        Nodes that can't take the columns are disabled; their tooltips say why.
        """
        session, columns = self._workspace.session, self.selected_columns
        menu = Menu("Assign to node", parent)
        menu.setIcon(icon(self._theme, "connect"))
        menu.setToolTipsVisible(True)
        for node in column_mapping.mappable_nodes(session.graph):
            action = QAction(icon(self._theme, node.kind), node.name, menu)
            reason = column_assignment.assignment_error(session, columns, node.name)
            action.setEnabled(not reason)
            action.setToolTip(plain_tooltip(reason or f"{node.kind} {node.name}"))
            action.setStatusTip(reason)
            action.triggered.connect(partial(self.assign, node.name))
            menu.addAction(action)
        if menu.isEmpty():
            menu.addAction("No Input or Output").setEnabled(False)
        return menu

    def show_assign_menu(self) -> None:
        """Open the menu of nodes to which the selected columns can be assigned."""
        if self.selected_columns:
            menu = self.assign_menu(self)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.table.menu_position())

    def _lay_out(self) -> None:
        columns = QWidget()
        column_layout(self.cell_note, self.table, parent=columns, spacing=0)
        self.tabs = QTabBar(accessibleName="Views of the data", expanding=False, drawBase=False)
        self._views = QStackedWidget()
        self.add_tab("Columns", columns)
        self.tabs.currentChanged.connect(self._views.setCurrentIndex)
        self._header = DataPanelHeader(self.tabs, self.bar)
        filled = QWidget()
        items = (self._header, self.error_note, self._views)
        column_layout(*items, parent=filled, spacing=0, stretch=self._views)
        self._pages = page_stack(self._empty, filled)
        column_layout(self._pages, parent=self)

    def _connect(self, workspace: Workspace) -> None:
        workspace.table_contents_changed.connect(self._on_contents_changed)
        workspace.data_changed.connect(self._on_data_changed)
        workspace.active_changed.connect(self._on_data_changed)
        workspace.project_changed.connect(self._on_project_changed)
        self.bar.choose_requested.connect(self.choose_requested)
        self.bar.dialect.change_requested.connect(self._on_dialect_requested)
        self.error_note.fix_requested.connect(self._on_fix_requested)
        self.cell_note.fix_requested.connect(self._on_fix_requested)
        self.table.selection_changed.connect(self.selection_changed)
        self.table.assign_requested.connect(self.show_assign_menu)
        self.table.menu_requested.connect(self.menu_requested)

    def showEvent(self, event: QShowEvent) -> None:
        """Load the active document's data, and show to which nodes its columns are assigned."""
        super().showEvent(event)
        self._on_data_changed()
        self._on_project_changed()

    def _on_data_changed(self) -> None:
        if self.isVisible():
            self._workspace.session.request_table_contents()
            self._on_contents_changed()

    def _on_contents_changed(self) -> None:
        session = self._workspace.session
        contents = session.table_contents
        self._pages.setCurrentIndex(0 if session.data_path is None else 1)
        self._update_empty_message()
        self.bar.show_contents(session.data_path, contents)
        self._header.update_layout()
        self.error_note.show_diagnostics(() if contents is None else contents.errors)
        self.cell_note.show_diagnostics(() if contents is None else contents.unreadable_cells)
        self.table.show_contents(contents)

    def _on_project_changed(self) -> None:
        if self.isVisible():
            self._update_empty_message()
            project = self._workspace.session.project
            nodes = column_mapping.nodes_by_column(project)
            uses = column_mapping.other_uses_by_column(project)
            self.table.table_model.set_column_uses(nodes, uses)

    def _update_empty_message(self) -> None:
        has_nodes = len(self._workspace.session.graph)
        self._empty.set_message(_NO_DATA, _ASSIGN_HINT if has_nodes else _START_HINT)

    def _on_dialect_requested(self, field: str, value: object) -> None:
        label = f"Set {field_title(field)}"
        self._workspace.session.edit(label, field_edits.set_file, {field: value})

    def _on_fix_requested(self, fix: Fix) -> None:
        self._workspace.session.apply_fix(fix)
