"""Rows of the data beside what was said of them: the worst ones, or those of a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from app.documents.background_job import BackgroundWorker, ReportResult
from app.results.charts.chart_base import Table, tabbed
from app.text.phrases import capitalize, plain_tooltip
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.recipe.csv_dialect import Dialect

_WIDEST = 260  # pixels of a column of cells
_ROW = 26
FROM_0 = "rows count from 0"
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter

Cells = Mapping[int, Mapping[str, str]]


class CellReader(QObject):
    """Reads rows of a table beside the window, a few at a time.

    Signals:
        read: by row, its cells by column; {} where the table is not at hand. Qt knows no mapping
            by numbers, so it is handed on as an object.
    """

    read = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = BackgroundWorker(self)
        self._background.result_ready.connect(self._on_told)

    def ask(self, data: Path, rows: Sequence[int], dialect: Dialect) -> None:
        """Read these rows; an earlier question is forgotten."""
        wanted = list(dict.fromkeys(rows))
        if not wanted or not data.exists():
            self._background.cancel()
            self.read.emit({})
            return
        self._background.run(lambda tell: _read(data, wanted, dialect, tell))

    def cancel(self) -> None:
        """Read nothing more."""
        self._background.cancel()

    def _on_told(self, found: object) -> None:
        if isinstance(found, dict):
            self.read.emit(found)


def _read(data: Path, rows: list[int], dialect: Dialect, tell: ReportResult) -> None:
    from engine.data.readers.row_reader import read_table_rows
    from engine.data.table.cell_format import format_cells
    from engine.data.table.number_parser import with_decimal_point

    try:
        table = read_table_rows(data, rows, dialect)
    except (DiagnosticError, OSError):  # the table has changed, or is one no more
        tell({})
        return
    columns = {name: list(format_cells(column)) for name, column in table.columns.items()}
    if table.decimal == ",":  # as all other numbers are shown
        columns = {name: list(map(with_decimal_point, cells)) for name, cells in columns.items()}
    tell({
        row: {name: cells[place] for name, cells in columns.items()}
        for place, row in enumerate(rows)
    })  # fmt: skip


class RowsTable(QTableWidget):
    """A table of rows; Ctrl+C copies it.

    Signals:
        row_asked: a row was double-clicked, or Enter was pressed on it; its number.
    """

    row_asked = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._titles: Sequence[str] = ()
        self._rows: Sequence[tuple[int, Sequence[str]]] = ()
        self._right: frozenset[str] = frozenset()
        self._cells: Cells = {}
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setHighlightSections(False)
        self.itemDoubleClicked.connect(self._on_double_clicked)

    def show_rows(
        self, titles: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], right: Sequence[str]
    ) -> None:
        """Show rows by their number in the table, with what is said of each.

        Args:
            titles: of what is said; the number stands before it.
            rows: number and texts.
            right: titles whose texts are numbers.
        """
        self._titles, self._rows, self._right = titles, rows, frozenset(right)
        self._cells = {}
        self._fill()

    def show_cells(self, cells: Cells) -> None:
        """Show the rows' own cells behind it."""
        self._cells = cells
        self._fill()

    def table(self) -> Table:
        """Return all that is shown."""
        names = self._names()
        rows = [
            [str(row), *texts, *(self._cells.get(row, {}).get(name, "") for name in names)]
            for row, texts in self._rows
        ]
        return [["Row", *self._titles, *names], *rows]

    def _names(self) -> list[str]:
        return list(next(iter(self._cells.values()), {}))

    def _fill(self) -> None:
        head, *rows = self.table()
        own = 1 + len(self._titles)
        self.clear()
        self.setColumnCount(len(head))
        self.setRowCount(len(rows))
        for column, title in enumerate(head):
            item = QTableWidgetItem(title)
            item.setToolTip(plain_tooltip(capitalize(FROM_0) if column == 0 else title))
            item.setTextAlignment(_RIGHT if self._is_number(column, head) else _LEFT)
            self.setHorizontalHeaderItem(column, item)
        mono = self._theme.mono_font(8.5)
        for down, texts in enumerate(rows):
            for across, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tooltip(text))
                if self._is_number(across, head):
                    item.setTextAlignment(_RIGHT)
                    item.setFont(mono)
                if across >= own:
                    item.setForeground(self._theme.color("dim"))
                self.setItem(down, across, item)
        self.horizontalHeader().setStretchLastSection(len(head) > own)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.resizeColumnsToContents()
        for column in range(len(head)):
            self.setColumnWidth(column, min(_WIDEST, self.columnWidth(column) + 8))

    def _is_number(self, column: int, head: Sequence[str]) -> bool:
        """Return whether a column holds numbers that were worked out, the row's own among them."""
        return not column or (column <= len(self._titles) and head[column] in self._right)

    @property
    def needed(self) -> int:
        """Pixels that all rows take."""
        return self.horizontalHeader().sizeHint().height() + _ROW * max(1, len(self._rows)) + 16

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, or ask for a row."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(tabbed(self._chosen()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.row_asked.emit(self._rows[self.currentRow()][0])
        else:
            super().keyPressEvent(event)

    def _chosen(self) -> Table:
        head, *rows = self.table()
        chosen = sorted({index.row() for index in self.selectedIndexes()}) or range(len(rows))
        return [head, *(rows[row] for row in chosen)]

    def _on_double_clicked(self, item: QTableWidgetItem) -> None:
        self.row_asked.emit(self._rows[item.row()][0])
