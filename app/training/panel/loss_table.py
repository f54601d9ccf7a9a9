"""The losses of a run as they are now, one row an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.controls.inputs.number_list import read
from app.text.numbers import TOTAL, figure
from app.text.phrases import plain_tip
from app.theme.theme.theme import Theme
from engine.runs.comparison.loss_shares import shares
from engine.runs.comparison.score_summary import loss_in_words

if TYPE_CHECKING:
    from app.training.curves.run_curves.run_curves import Curves

_TITLES = ("Output", "Train", "Val", "Weight", "Share")
_TIPS = (
    "Where the loss is counted",
    "Loss of the newest step, before its weight",
    "Loss on the rows held back, after the newest epoch",
    "What the loss is multiplied by in the total",
    "How much of the total comes from this output",
)
_WEIGHT = 3  # the column
_TURN = "Double-click, or press F2, to change it while the run goes on: the next step takes it"
_REST = "Regularisers"
_ROWS = 10
_TIGHT = """
    QHeaderView::section { padding: 5px 3px; }
    QHeaderView::section:first { padding-left: 9px; }
"""  # leaves room for names


class LossTable(QTableWidget):
    """Total and outputs: training and validation loss, weight, share of the total.

    Signals:
        weight_asked: an output, and the weight that the person wants its loss to have.
        weight_unread: why what was typed is no weight.
    """

    weight_asked = Signal(str, float)
    weight_unread = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_TITLES), parent)
        self._theme = theme
        self._names: list[str] = []
        self._weights: list[str] = []
        self._counted: dict[str, str] = {}  # what the loss of an output counts in, in words
        self._turnable = False
        self.setObjectName("training-losses")
        self.setAccessibleName("Losses by output")
        for column, (title, tip) in enumerate(zip(_TITLES, _TIPS, strict=True)):
            head = QTableWidgetItem(title)
            head.setToolTip(tip)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, head)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.itemChanged.connect(self._on_item_changed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setStyleSheet(_TIGHT)
        theme.changed.connect(self._on_theme_changed)

    def set_turnable(self, on: bool) -> None:
        """Let weights be typed, while there is a run that can take them."""
        if on != self._turnable:
            self._turnable = on
            self._mark_weights()

    def show_losses(self, curves: Curves) -> None:
        """Show what a run has come to."""
        heads = curves.outputs
        total, rest = curves.last(TOTAL), curves.penalty
        weights = curves.weights()
        losses = {head.name: curves.last(f"{head.name}/loss") for head in heads}
        known = {name: loss for name, loss in losses.items() if loss is not None}
        parts = shares(total, known, weights) if total is not None else {}
        names = [head.name for head in heads] + ([_REST] if rest or _REST in self._names else [])
        self._counted = {head.name: loss_in_words(head) for head in heads}
        if names != self._names or not self.rowCount():
            self._lay_out(names)
        for row, head in enumerate(heads):
            weight = weights.get(head.name, head.weight)
            self._fill(
                row, curves, f"{head.name}/loss", losses[head.name], f"{weight:g}",
                parts.get(head.name),
            )  # fmt: skip
        if _REST in self._names:
            share = 1 - sum(parts.values()) if parts else None
            self._fill(len(heads), curves, "", rest, "", share)
            self._cell(len(heads), 0).setToolTip("What keeps weights small adds to the total too")
        self._fill(len(names), curves, TOTAL, total, "", None)

    def _fill(
        self,
        row: int,
        curves: Curves,
        score: str,
        loss: float | None,
        weight: str,
        share: float | None,
    ) -> None:
        points = curves.validation.get(score)
        held = points.last if points else None
        texts = (
            "\N{EN DASH}" if loss is None else figure(loss),
            "\N{EN DASH}" if held is None else figure(held),
            weight,
            "" if share is None else f"{share:.0%}",
        )
        if len(self._weights) > row:
            self._weights[row] = weight
        editing = self.state() == QAbstractItemView.State.EditingState
        for column, text in enumerate(texts, 1):
            item = self._cell(row, column)
            if item.text() != text and not (editing and column == _WEIGHT):
                with QSignalBlocker(self):
                    item.setText(text)

    def _lay_out(self, names: list[str]) -> None:
        self._names = names
        self._weights = [""] * (len(names) + 1)
        self.setRowCount(len(names) + 1)
        for row, name in enumerate([*names, "Total"]):
            first = QTableWidgetItem(name)
            told = plain_tip(self._counted.get(name, ""))
            first.setToolTip(told or plain_tip(name))
            self.setItem(row, 0, first)
            for column in range(1, len(_TITLES)):
                item = QTableWidgetItem()
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column < _WEIGHT:
                    item.setToolTip(told)
                self.setItem(row, column, item)
        self._on_theme_changed()
        self._fit_height()

    def _mark_weights(self) -> None:
        """Show which cells can be typed into."""
        with QSignalBlocker(self):
            for row in range(self.rowCount()):
                own = row < len(self._names) and self._names[row] != _REST
                for column in range(len(_TITLES)):
                    cell = self._cell(row, column)
                    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                    turns = column == _WEIGHT and own and self._turnable
                    cell.setFlags(flags | Qt.ItemFlag.ItemIsEditable if turns else flags)
                    if column == _WEIGHT:
                        cell.setToolTip(_TURN if turns else "")
                        role = "accent" if turns else "text"
                        cell.setForeground(self._theme.color(role))

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        """Hand on what was typed; the run's answer says whether it holds."""
        row, typed = item.row(), item.text()
        if item.column() != _WEIGHT or typed.strip() == self._weights[row]:
            return
        with QSignalBlocker(self):
            item.setText(self._weights[row])
        try:
            weight = read(typed, whole=False)
        except ValueError as refusal:
            self.weight_unread.emit(f"Weight of {self._names[row]}: {refusal}")
            return
        self.weight_asked.emit(self._names[row], float(weight))

    def _fit_height(self) -> None:
        """Show all rows up to `_ROWS`; more than that are scrolled."""
        self.resizeRowsToContents()
        rows = sum(self.rowHeight(row) for row in range(min(_ROWS, self.rowCount())))
        frame = 2 * self.frameWidth() + 2
        self.setFixedHeight(rows + self.horizontalHeader().sizeHint().height() + frame)

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height that the style asks for."""
        super().showEvent(event)
        self._fit_height()

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        item = self.item(row, column)
        assert item is not None, "every cell was laid out"
        return item

    def _on_theme_changed(self) -> None:
        last = self.rowCount() - 1
        blocked = QSignalBlocker(self)
        for row in range(self.rowCount()):
            self._cell(row, 0).setFont(self._theme.ui(9, bold=row == last))
            for column in range(1, len(_TITLES)):
                self._cell(row, column).setFont(self._theme.mono(8.5))
        blocked.unblock()
        if last >= 0:
            self._mark_weights()
