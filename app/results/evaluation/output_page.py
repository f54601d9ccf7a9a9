"""The results page of one output: a grid of charts, with a table of rows below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QPushButton, QScrollArea, QWidget

from app.controls import Heading
from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import column_layout, row_layout
from app.documents.background_job import BackgroundWorker
from app.results.charts import charts
from app.results.charts.chart_card import ChartCard, ExportFunction
from app.results.charts.confusion_matrix import ConfusionMatrixChart
from app.results.charts.result_chart import ResultChart, to_csv
from app.results.evaluation.rows_table import ROW_NUMBER_HINT, RowsTable, read_cells
from app.results.phrases import percent
from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun
from engine.core.formatting.numbers import score_or_dash
from engine.recipe.csv_dialect import Dialect
from engine.runs.evaluation import MAX_CHARTS, OutputEvaluation, Residuals, WorstRow

_MIN_CARD_WIDTH = 330  # pixels
_MAX_SMALL_MATRIX = 6  # classes; a larger matrix spans two columns


class OutputPage(QScrollArea):
    """A scrollable page with the evaluation of one output.

    Args:
        theme: for fonts and colors.
        output: the evaluation of the output.
        data: the path of the evaluated table, and its CSV dialect.
        export: the function that saves an exported file.

    Signals:
        row_requested: the index of a row of the table, to open in the prediction form.
    """

    row_requested = Signal(int)

    def __init__(
        self,
        theme: Theme,
        output: OutputEvaluation,
        data: tuple[Path, Dialect],
        export: ExportFunction,
    ) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._theme, self._output, self._data, self._export = theme, output, data, export
        self._columns = 0
        self.confusion_matrix: ConfusionMatrixChart | None = None
        self.cards = list(self._make_cards())
        self.rows_table = RowsTable(theme, f"Rows of {output.name}")
        self.rows_table.row_requested.connect(self.row_requested)
        self.cell_reader = BackgroundWorker(self)
        self.cell_reader.result_ready.connect(self._on_read)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._build_layout()
        self._is_loaded = False

    # Cards.

    def _make_cards(self) -> Iterator[ChartCard]:
        output, theme = self._output, self._theme
        if output.confusion.counts:
            yield self._make_matrix()
        for residuals in output.residuals[:MAX_CHARTS]:
            if residuals.truth:
                name = f" of {residuals.title}" if residuals.title else ""
                scatter = charts.PredictedVsActual(theme, residuals, output.unit)
                note = "Predictions on the dashed line are exact"
                yield self._card(f"Predicted vs. actual{name}", scatter, note)
                histogram = charts.ResidualHistogram(theme, residuals, output.unit)
                note = _residual_note(residuals, output.unit)
                yield self._card(f"Residuals{name}", histogram, note)
        if output.roc:
            note = "True positive rate vs. false positive rate at all thresholds"
            chart = charts.RankingChart(theme, output.roc, is_precision_recall=False)
            yield self._card("ROC", chart, note)
        if output.precision_recall:
            chart = charts.RankingChart(theme, output.precision_recall, is_precision_recall=True)
            yield self._card("Precision-recall", chart, "The legend shows the average precision")
        if output.calibration.bins:
            error = output.calibration.error
            note = "" if error is None else f"Expected calibration error {percent(error)}"
            diagram = charts.CalibrationChart(theme, output.calibration)
            yield self._card("Calibration", diagram, note)

    def _make_matrix(self) -> ChartCard:
        matrix = self.confusion_matrix = ConfusionMatrixChart(self._theme, self._output.confusion)
        matrix.cell_chosen.connect(self._on_cell_chosen)
        card = self._card("Confusion matrix", matrix, "Click a cell to see its rows")
        normalize = QCheckBox("Normalize")
        normalize.setToolTip("Show fractions of each true class instead of counts")
        normalize.toggled.connect(matrix.set_normalized)
        card.add_control(normalize)
        return card

    def _card(self, title: str, chart: ResultChart, note: str) -> ChartCard:
        name = f"{self._output.name}, {title}"
        card = ChartCard(self._theme, title, chart, note, self._export)
        card.chart.setAccessibleName(name)
        return card

    def _build_layout(self) -> None:
        content = QWidget()
        self._grid = QGridLayout(spacing=8)
        self._heading = Heading("")
        self._caption = ElidedLabel(role="dim")
        self._caption.setFont(self._theme.ui_font(8.5))
        self.worst_rows_button = QPushButton("Worst rows", clicked=self.show_worst)
        self.worst_rows_button.setProperty("role", "quiet")
        export_button = QPushButton("Export rows…", clicked=self._on_export_clicked)
        export_button.setProperty("role", "quiet")
        row = (self._heading, self._caption, self.worst_rows_button, export_button)
        header = row_layout(*row, spacing=10, stretch=self._caption)
        items = (self._grid, header, self.rows_table, None)
        column_layout(*items, parent=content, margins=(0, 8, 6, 4), spacing=8)
        self.setWidget(content)
        self._arrange()
        self.show_worst()

    def _arrange(self) -> None:
        """Arrange the cards in as many columns as fit. A large confusion matrix takes two."""
        count = sum(1 + self._is_large(card) for card in self.cards)
        columns = max(1, min(count, self.viewport().width() // _MIN_CARD_WIDTH))
        if columns == self._columns:
            return
        for column in range(max(self._columns, columns)):
            self._grid.setColumnStretch(column, int(column < columns))
        self._columns = columns
        slot = 0
        for card in self.cards:
            span = 2 if self._is_large(card) and columns > 1 else 1
            if slot % columns + span > columns:
                slot += columns - slot % columns
            self._grid.addWidget(card, slot // columns, slot % columns, 1, span)
            slot += span

    def _is_large(self, card: ChartCard) -> bool:
        class_count = len(self._output.confusion.labels)
        return card.chart is self.confusion_matrix and class_count > _MAX_SMALL_MATRIX

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # Rows.

    def show_worst(self) -> None:
        """Show the rows with the largest loss."""
        worst = self._output.worst
        has_confidence = any(row.confidence is not None for row in worst)
        titles = ["True", "Predicted", *(["Confidence"] if has_confidence else []), "Loss"]
        rows = [(row.row, _row_texts(row, has_confidence)) for row in worst]
        self._show_rows("Worst rows", f"largest loss first; {ROW_NUMBER_HINT}", titles, rows)
        self.worst_rows_button.hide()

    def _on_cell_chosen(self, truth: int, predicted: int) -> None:
        confusion = self._output.confusion
        rows, labels = confusion.rows(truth, predicted), confusion.labels
        count = confusion.counts[truth][predicted]
        title = f"{labels[truth]} → {labels[predicted]}"
        caption = count_noun(count, "prediction")
        if 0 < len(rows) < count:
            caption = f"{len(rows)} rows of {caption}, largest loss first"
        texts = [(row, [labels[truth], labels[predicted]]) for row in rows]
        self._show_rows(title, f"{caption}; {ROW_NUMBER_HINT}", ["True", "Predicted"], texts)
        self.worst_rows_button.show()
        self.ensureWidgetVisible(self.rows_table, 0, 40)

    def _show_rows(
        self, title: str, caption: str, titles: Sequence[str], rows: list[tuple[int, list[str]]]
    ) -> None:
        self._heading.setText(title)
        self._caption.set_text(caption)
        self.rows_table.set_rows(titles, rows, ("Confidence", "Loss"))
        self.rows_table.setFixedHeight(min(self.rows_table.content_height, 340))
        self._is_loaded = False
        self.load_cells()

    def load_cells(self) -> None:
        """Read the shown rows from the data table, if the page is visible and has not read them."""
        if self.isVisible() and not self._is_loaded:
            self._is_loaded = True
            self.cell_reader.cancel()
            data, dialect = self._data
            rows = list(dict.fromkeys(int(row[0]) for row in self.rows_table.table()[1:]))
            if rows and data.exists():
                self.cell_reader.run(partial(read_cells, data, rows, dialect))

    def _on_read(self, cells: object) -> None:
        if isinstance(cells, dict):
            self.rows_table.set_cells(cells)

    def _on_export_clicked(self) -> None:
        self._export(self._heading.text(), "csv", to_csv(self.rows_table.table()))


def _row_texts(worst: WorstRow, has_confidence: bool) -> list[str]:
    confidence = score_or_dash(None) if worst.confidence is None else percent(worst.confidence)
    confidences = [confidence] if has_confidence else []
    return [worst.truth, worst.predicted, *confidences, score_or_dash(worst.loss)]


def _residual_note(residuals: Residuals, unit: str) -> str:
    if residuals.mean is None or residuals.deviation is None:
        return ""
    unit_suffix = f" {unit}" if unit else ""
    mean, deviation = f"{residuals.mean:+.4g}", f"{residuals.deviation:.4g}"
    return f"Mean error {mean}{unit_suffix}, SD {deviation}{unit_suffix}"
