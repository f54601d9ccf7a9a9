"""The summary panel: the layers of the current document, with totals."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QToolButton, QWidget

from app.controls import EmptyState
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.documents.workspace import Workspace
from app.summary.rows import SummaryTable, as_csv, as_text, table
from app.summary.totals import Figures
from app.summary.view import SummaryView
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.check.report import Report
from engine.core.formatting.counts import count_noun

REFRESH_DELAY = 80  # milliseconds after the last edit


class SummaryPanel(QWidget):
    """A table of layers with shapes and parameters, and totals of parameters, memory and MACs."""

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self._report: Report | None = None
        self._table = SummaryTable()
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_DELAY, timeout=self.refresh)
        self.view = SummaryView(theme, self)
        self.figures = Figures(theme, self)
        self._count = plain_label("", "dim", wrap=False)
        self._empty = EmptyState(
            theme, "table", "No layers yet", "The layers that you draw are listed here."
        )
        self._lay_out()
        self.view.nodes_selected.connect(self._on_nodes_selected)
        self.view.nodes_chosen.connect(self._on_nodes_chosen)
        self.view.copy_pressed.connect(self._on_copy_pressed)
        workspace.report_changed.connect(self._on_report_changed)
        workspace.selection_changed.connect(self._on_selection_changed)

    def refresh(self) -> None:
        """Update the table if the document has changed."""
        self._timer.stop()
        session = self._workspace.session
        if self._report is not session.report:
            self._report = session.report
            self._show_table(table(session.report))
        self.view.show_selection(session.selection)

    def copy_text(self) -> None:
        """Copy the table with its totals to the clipboard, as aligned text."""
        self._copy(as_text(self._table), "Table")

    def copy_csv(self) -> None:
        """Copy the table to the clipboard as CSV."""
        self._copy(as_csv(self._table), "Table as CSV")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _lay_out(self) -> None:
        text = self._tool_button("Text", "Copy the table with its totals", self.copy_text)
        csv = self._tool_button("CSV", "Copy the table for a spreadsheet", self.copy_csv)
        top = row_layout(self._count, None, text, csv, margins=(10, 2, 6, 2))
        page = QWidget(self)
        column_layout(top, self.view, self.figures, parent=page, spacing=0, stretch=self.view)
        self._pages = page_stack(page, self._empty)
        column_layout(self._pages, parent=self)

    def _tool_button(self, text: str, tip: str, pressed: Callable[[], None]) -> QToolButton:
        button = QToolButton(self, text=text, autoRaise=True, toolTip=tip, accessibleName=tip)
        button.setObjectName(f"summary-copy-{text.lower()}")
        button.setIcon(icon(self._theme, "copy"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(pressed)
        return button

    def _show_table(self, table: SummaryTable) -> None:
        self._pages.setCurrentIndex(0 if table.lines else 1)
        if table == self._table:
            return
        self._table = table
        self._count.setText(count_noun(len(table.lines), "layer"))
        self.view.show_table(table)
        self.figures.show_figures(table.figures)

    def _copy(self, text: str, name: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._workspace.session.message.emit(f"{name} copied.")

    def _on_report_changed(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _on_selection_changed(self) -> None:
        if self.isVisible():
            self.view.show_selection(self._workspace.session.selection)

    def _on_nodes_selected(self, names: list[str]) -> None:
        self._workspace.session.select(names)

    def _on_nodes_chosen(self, names: list[str]) -> None:
        graph = self._workspace.session.graph
        self._workspace.session.reveal([name for name in names if name in graph])

    def _on_copy_pressed(self) -> None:
        layers = self.view.chosen()
        if layers:
            self._copy(as_text(self._table, layers), count_noun(len(layers), "row"))
        else:
            self.copy_text()
