"""A table of evaluated rows, such as the worst ones or those of a confusion matrix cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.documents.background_job import ReportResult
from app.results.charts.result_chart import TextTable, to_tsv
from app.text.phrases import capitalize, plain_tooltip
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.recipe.csv_dialect import Dialect

_MAX_COLUMN_WIDTH = 260  # pixels
_ROW_HEIGHT = 26
ROW_NUMBER_HINT = "row numbers start at 0"
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

CellsByRow = Mapping[int, Mapping[str, str]]


def read_cells(data: Path, rows: Sequence[int], dialect: Dialect, report: ReportResult) -> None:
    """Report the cells of rows by row index and column, {} if the table can't be read."""
    from engine.data.readers.row_reader import read_table_rows
    from engine.data.table.cell_format import format_cells
    from engine.data.table.number_parser import with_decimal_point

    try:
        table = read_table_rows(data, rows, dialect)
    except (DiagnosticError, OSError):  # the table has changed since the evaluation, or is invalid
        report({})
        return
    columns = {name: list(format_cells(column)) for name, column in table.columns.items()}
    if table.decimal == ",":  # since all numbers in the window have a decimal point
        columns = {name: list(map(with_decimal_point, cells)) for name, cells in columns.items()}
    report(
        {
            row: {name: cells[index] for name, cells in columns.items()}
            for index, row in enumerate(rows)
        }
    )


class RowsTable(QTableWidget):
    """A table of evaluated data rows; Ctrl+C copies the selected rows as text.

    Signals:
        row_requested: the index in the data of a row on which Enter or a double-click was used.
    """

    row_requested = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(accessibleName=name)
        self._theme = theme
        self._titles: Sequence[str] = ()
        self._rows: Sequence[tuple[int, Sequence[str]]] = ()
        self._numeric: frozenset[str] = frozenset()
        self._cells: CellsByRow = {}
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.horizontalHeader().setHighlightSections(False)
        self.itemDoubleClicked.connect(self._on_double_clicked)

    def set_rows(
        self,
        titles: Sequence[str],
        rows: Sequence[tuple[int, Sequence[str]]],
        numbers: Sequence[str],
    ) -> None:
        """Set the rows.

        Args:
            titles: the column titles, without the first column, which shows the row index.
            rows: (row index, texts in the order of `titles`) for each row.
            numbers: the entries of `titles` whose columns are numeric, which are right-aligned.
        """
        self._titles, self._rows, self._numeric = titles, rows, frozenset(numbers)
        self._cells = {}
        self._update_items()

    def set_cells(self, cells: CellsByRow) -> None:
        """Set cells of the data table, shown in columns to the right of those from `set_rows`.

        Args:
            cells: a mapping from row index to a mapping from column name to cell.
        """
        self._cells = cells
        self._update_items()

    def table(self) -> TextTable:
        """Return all texts of the table, with a header row."""
        names = self._column_names()
        rows = [
            [str(row), *texts, *(self._cells.get(row, {}).get(name, "") for name in names)]
            for row, texts in self._rows
        ]
        return [["Row", *self._titles, *names], *rows]

    def _column_names(self) -> list[str]:
        return list(next(iter(self._cells.values()), {}))

    def _update_items(self) -> None:
        header, *rows = self.table()
        fixed_count = 1 + len(self._titles)
        self.clear()
        self.setColumnCount(len(header))
        self.setRowCount(len(rows))
        for column, title in enumerate(header):
            item = QTableWidgetItem(title)
            item.setToolTip(plain_tooltip(capitalize(ROW_NUMBER_HINT) if column == 0 else title))
            item.setTextAlignment(_RIGHT if self._is_number(column, header) else _LEFT)
            self.setHorizontalHeaderItem(column, item)
        mono = self._theme.mono_font(8.5)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tooltip(text))
                if self._is_number(column, header):
                    item.setTextAlignment(_RIGHT)
                    item.setFont(mono)
                if column >= fixed_count:
                    item.setForeground(self._theme.color("dim"))
                self.setItem(row, column, item)
        self.horizontalHeader().setStretchLastSection(len(header) > fixed_count)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.resizeColumnsToContents()
        for column in range(len(header)):
            self.setColumnWidth(column, min(_MAX_COLUMN_WIDTH, self.columnWidth(column) + 8))

    def _is_number(self, column: int, header: Sequence[str]) -> bool:
        """Return whether a column has row indices, or was declared numeric in `set_rows`.

        `column` is the index of the column in `header`, which has the titles of all columns.
        """
        return not column or (column <= len(self._titles) and header[column] in self._numeric)

    @property
    def content_height(self) -> int:
        """The height of the header and all rows in pixels."""
        header_height = self.horizontalHeader().sizeHint().height()
        return header_height + _ROW_HEIGHT * max(1, len(self._rows)) + 16

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(to_tsv(self._selected_table()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.row_requested.emit(self._rows[self.currentRow()][0])
        else:
            super().keyPressEvent(event)

    def _selected_table(self) -> TextTable:
        header, *rows = self.table()
        selected = sorted({index.row() for index in self.selectedIndexes()}) or range(len(rows))
        return [header, *(rows[row] for row in selected)]

    def _on_double_clicked(self, item: QTableWidgetItem) -> None:
        self.row_requested.emit(self._rows[item.row()][0])
