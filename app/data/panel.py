"""The data panel: the table of the document in front, and what becomes of its columns."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app.controls import EmptyState
from app.controls.display.diagnostics_note import FindingsNote
from app.data.csv_options import field_in_words
from app.data.pages.data_check_job import Examination
from app.data.pages.registry import pages
from app.data.source_bar import DataBar
from app.data.tab_header import Above
from app.data.table.data_table import DataTable
from app.data.table.feed_menu import feed_menu
from app.data.table.loader import TableSource
from app.documents.column_mapping import (
    assign_columns,
    nodes_by_column,
    other_uses_by_column,
    unassign_columns,
)
from app.documents.workspace import Workspace
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Fix
from engine.graph.edits import node_edits

_NO_DATA = "No data is chosen"
_CHOOSE = "Choose a table, or drop a file on the window."
_THEN_FEED = f"{_CHOOSE}\nThen drag its columns onto Inputs and Outputs."
_THEN_DRAW = f"{_CHOOSE}\nStart from data, in the File menu, draws a first network for it."


class DataPanel(QWidget):
    """Shows the data and lets its columns feed nodes. While hidden it does nothing.

    Signals:
        choose_asked: other data is to be chosen.
        chosen_changed: other columns are chosen.
        menu_asked: a menu for the chosen columns is wanted at a place of the screen.
    """

    choose_asked = Signal()
    chosen_changed = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data-panel")
        self._workspace, self._theme = workspace, theme
        self.source = TableSource(workspace, self)
        self.examination = Examination(workspace, self)
        self.bar = DataBar(theme)
        self.table = DataTable(theme)
        self.problem, self.strange = FindingsNote(theme), FindingsNote(theme)
        for note in (self.problem, self.strange):
            note.setContentsMargins(10, 4, 10, 6)
        choose = QAction(icon(theme, "database"), "Choose data…", self)
        choose.setToolTip("Choose a table, a file of arrays or a folder")
        choose.triggered.connect(self.choose_asked)
        self._empty = EmptyState(
            theme,
            "table",
            _NO_DATA,
            "",
            choose,
        )
        self._lay_out()
        for title, page in pages(workspace, self.examination, theme):
            self.add_tab(title, page)
        self._connect(workspace)
        self._on_contents_changed()

    def add_tab(self, title: str, widget: QWidget) -> None:
        """Put what else is to be said of the data behind a tab of its own."""
        widget.setAccessibleName(title)
        self._views.addWidget(widget)
        self.tabs.addTab(title)

    def show_tab(self, title: str) -> None:
        """Bring the tab of that title to the front."""
        titles = [self.tabs.tabText(at) for at in range(self.tabs.count())]
        self.tabs.setCurrentIndex(titles.index(title))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The chosen columns."""
        return self.table.chosen

    def feed(self, node: str) -> None:
        """Let the chosen columns feed a node."""
        assign_columns(self._workspace.session, self.chosen, node)

    def unfeed(self) -> None:
        """Take the chosen columns from the nodes that they feed."""
        unassign_columns(self._workspace.session, self.chosen)

    def feed_menu(self, parent: QWidget) -> QMenu:
        """Return a menu of the nodes that the chosen columns can feed."""
        return feed_menu(self._workspace.session, self.chosen, self._theme, parent, self.feed)

    def ask_node(self) -> None:
        """Ask which node the chosen columns shall feed."""
        if self.chosen:
            menu = self.feed_menu(self)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.table.menu_place())

    def _lay_out(self) -> None:
        columns = QWidget()
        inside = QVBoxLayout(columns)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.strange)
        inside.addWidget(self.table)
        self.tabs = QTabBar()
        self.tabs.setObjectName("data-tabs")
        self.tabs.setAccessibleName("Views of the data")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self._views = QStackedWidget()
        self.add_tab("Columns", columns)
        self.tabs.currentChanged.connect(self._views.setCurrentIndex)
        self._above = Above(self.tabs, self.bar)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._above)
        column.addWidget(self.problem)
        column.addWidget(self._views, 1)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(filled)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _connect(self, workspace: Workspace) -> None:
        workspace.contents_changed.connect(self._on_contents_changed)
        workspace.data_changed.connect(self._on_data_changed)
        workspace.active_changed.connect(self._on_data_changed)
        workspace.project_changed.connect(self._on_project_changed)
        self.bar.choose_asked.connect(self.choose_asked)
        self.bar.dialect.asked.connect(self._on_dialect_asked)
        self.problem.mend.connect(self._on_mend)
        self.strange.mend.connect(self._on_mend)
        self.table.chosen_changed.connect(self.chosen_changed)
        self.table.feed_asked.connect(self.ask_node)
        self.table.menu_asked.connect(self.menu_asked)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what is looked at now."""
        super().showEvent(event)
        self._on_data_changed()
        self._on_project_changed()

    def _on_data_changed(self) -> None:
        if self.isVisible():
            self._workspace.session.request_contents()
            self._on_contents_changed()

    def _on_contents_changed(self) -> None:
        session = self._workspace.session
        contents = session.contents
        self._pages.setCurrentIndex(0 if session.data is None else 1)
        self._say_how_to_begin()
        self.bar.show_contents(session.data, contents)
        self._above.arrange()
        self.problem.show_findings(() if contents is None else contents.errors)
        self.strange.show_findings(() if contents is None else contents.unreadable_cells)
        self.table.show_contents(contents)

    def _on_project_changed(self) -> None:
        if self.isVisible():
            self._say_how_to_begin()
            project = self._workspace.session.project
            self.table.rows.show_feeds(nodes_by_column(project), other_uses_by_column(project))

    def _say_how_to_begin(self) -> None:
        """Say where a table is best taken up, which hangs on whether anything is drawn yet."""
        drawn = len(self._workspace.session.graph)
        self._empty.set_message(_NO_DATA, _THEN_FEED if drawn else _THEN_DRAW)

    def _on_dialect_asked(self, field: str, value: object) -> None:
        label = f"Set {field_in_words(field)}"
        self._workspace.session.edit(label, node_edits.set_file, {field: value})

    def _on_mend(self, fix: object) -> None:
        assert isinstance(fix, Fix)
        self._workspace.session.apply_fix(fix)
