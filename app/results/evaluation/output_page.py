"""All that was found about one output: cards side by side, and its rows below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.controls import Heading
from app.controls.display.elided_label import Elided
from app.results.charts.chart_base import Drawing, csv
from app.results.charts.chart_card import Card, Export
from app.results.charts.charts import Against, Deserved, Histogram, Rankings
from app.results.charts.confusion_matrix import Matrix
from app.results.evaluation.rows_table import FROM_0, CellReader, RowsTable
from app.results.phrases import percent, score
from app.text.phrases import count_noun
from app.theme.theme import Theme
from engine.recipe.csv_dialect import Dialect
from engine.runs.evaluation import Output, Residuals, Worst

_COLUMN = 330  # least width of a card
_FEW = 6  # classes, more than which make a matrix twice as wide


class OutputPage(QScrollArea):
    """Shows one output of an evaluation.

    Args:
        theme: of the window.
        output: what was found.
        data: the table whose rows are named, and how it is written if it is a CSV.
        export: asks where a file goes, and writes it.

    Signals:
        row_asked: the number of a row that is to be looked at more closely.
    """

    row_asked = Signal(int)

    def __init__(
        self, theme: Theme, output: Output, data: tuple[Path, Dialect], export: Export
    ) -> None:
        super().__init__()
        self._theme, self._output, self._data, self._export = theme, output, data, export
        self._columns = 0
        self.matrix: Matrix | None = None
        self.cards = list(self._make_cards())
        self.rows = RowsTable(theme, f"Rows of {output.name}")
        self.rows.row_asked.connect(self.row_asked)
        self.reader = CellReader(self)
        self.reader.read.connect(self._on_read)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        self._asked = False

    # Cards.

    def _make_cards(self) -> Iterator[Card]:
        output, theme = self._output, self._theme
        if output.confusion.counts:
            yield self._make_matrix()
        for each in output.residuals:
            if each.truth:
                name = f" of column {each.column}" if each.column else ""
                against = Against(theme, each, output.unit)
                yield self._card(
                    f"Predicted against true{name}", against, "On the dashed line it is right"
                )
                yield self._card(
                    f"Residuals{name}", Histogram(theme, each, output.unit), _off(each, output.unit)
                )
        if output.roc:
            note = "Found against false alarms, over all thresholds"
            yield self._card("ROC", Rankings(theme, output.roc, falling=False), note)
        if output.precision_recall:
            drawn = Rankings(theme, output.precision_recall, falling=True)
            yield self._card("Precision and recall", drawn, "With the average precision")
        if output.calibration.bins:
            error = output.calibration.error
            note = "" if error is None else f"Confidence is off by {percent(error)} on average"
            yield self._card(
                "Is its confidence deserved?", Deserved(theme, output.calibration), note
            )

    def _make_matrix(self) -> Card:
        matrix = self.matrix = Matrix(self._theme, self._output.confusion)
        matrix.cell_chosen.connect(self._on_cell_chosen)
        card = self._card("Which was taken for which", matrix, "Click a cell to see its rows")
        shares = QCheckBox("Shares")
        shares.setToolTip("Shares of each true class instead of counts")
        shares.toggled.connect(matrix.set_shares)
        card.add(shares)
        return card

    def _card(self, title: str, drawing: Drawing, note: str) -> Card:
        name = f"{self._output.name}, {title[:1].lower()}{title[1:]}"
        card = Card(self._theme, title, drawing, note, self._export)
        card.drawing.setAccessibleName(name)
        return card

    def _lay_out(self) -> None:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 8, 6, 4)
        rows.setSpacing(8)
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        rows.addLayout(self._grid)
        self._heading = Heading("")
        self._said = Elided()
        self._said.setFont(self._theme.ui_font(8.5))
        self._said.setProperty("role", "dim")
        self.back = QPushButton("Worst rows")
        self.back.setProperty("role", "quiet")
        self.back.clicked.connect(self.show_worst)
        take = QPushButton("Export rows…")
        take.setProperty("role", "quiet")
        take.clicked.connect(self._on_export_clicked)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self._heading)
        line.addWidget(self._said, 1)
        line.addWidget(self.back)
        line.addWidget(take)
        rows.addLayout(line)
        rows.addWidget(self.rows)
        rows.addStretch(1)
        self.setWidget(inside)
        self._arrange()
        self.show_worst()

    def _arrange(self) -> None:
        """Put as many cards beside one another as there is room for."""
        count = sum(1 + self._is_large(card) for card in self.cards)
        columns = max(1, min(count, self.viewport().width() // _COLUMN))
        if columns == self._columns:
            return
        for at in range(max(self._columns, columns)):
            self._grid.setColumnStretch(at, int(at < columns))
        self._columns = columns
        place = 0
        for card in self.cards:
            wide = 2 if self._is_large(card) and columns > 1 else 1
            if place % columns + wide > columns:
                place += columns - place % columns
            self._grid.addWidget(card, place // columns, place % columns, 1, wide)
            place += wide

    def _is_large(self, card: Card) -> bool:
        return card.drawing is self.matrix and len(self._output.confusion.labels) > _FEW

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the room there is."""
        super().resizeEvent(event)
        self._arrange()

    # Rows.

    def show_worst(self) -> None:
        """Show the rows with the largest loss."""
        worst = self._output.worst
        sure = any(each.confidence is not None for each in worst)
        titles = ["True", "Predicted", *(["Confidence"] if sure else []), "Loss"]
        rows = [(each.row, _texts(each, sure)) for each in worst]
        self._show("Worst rows", f"largest loss first; {FROM_0}", titles, rows)
        self.back.hide()

    def _on_cell_chosen(self, truth: int, said: int) -> None:
        found = self._output.confusion
        rows, labels = found.rows(truth, said), found.labels
        count = found.counts[truth][said]
        title = f"{labels[truth]} → {labels[said]}"
        told = f"{count_noun(count, 'answer')}; {FROM_0}"
        if 0 < len(rows) < count:
            told = (
                f"{len(rows)} rows of {count_noun(count, 'answer')}, largest loss first; {FROM_0}"
            )
        texts = [(row, [labels[truth], labels[said]]) for row in rows]
        self._show(title, told, ["True", "Predicted"], texts)
        self.back.show()
        self.ensureWidgetVisible(self.rows, 0, 40)

    def _show(
        self, title: str, told: str, titles: Sequence[str], rows: list[tuple[int, list[str]]]
    ) -> None:
        self._heading.setText(title)
        self._said.set_text(told)
        self.rows.show_rows(titles, rows, ("Confidence", "Loss"))
        self.rows.setFixedHeight(min(self.rows.needed, 340))
        self._asked = False
        self.look()

    def look(self) -> None:
        """Read the rows' own cells, once somebody sees them."""
        if self.isVisible() and not self._asked:
            self._asked = True
            data, dialect = self._data
            self.reader.ask(data, [int(row[0]) for row in self.rows.table()[1:]], dialect)

    def _on_read(self, cells: object) -> None:
        if isinstance(cells, dict):
            self.rows.show_cells(cells)

    def _on_export_clicked(self) -> None:
        self._export(self._heading.text(), "csv", csv(self.rows.table()))


def _texts(worst: Worst, sure: bool) -> list[str]:
    confidence = score(None) if worst.confidence is None else percent(worst.confidence)
    return [worst.truth, worst.predicted, *([confidence] if sure else []), score(worst.loss)]


def _off(found: Residuals, unit: str) -> str:
    if found.mean is None or found.deviation is None:
        return ""
    behind = f" {unit}" if unit else ""
    return f"Off by {found.mean:+.4g}{behind} on average, deviation {found.deviation:.4g}{behind}"
