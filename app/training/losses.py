"""The losses of a run as they are now, one row an output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.theme import Theme
from app.training.figures import TOTAL, figure
from app.words import plain_tip

if TYPE_CHECKING:
    from app.training.curves import Curves

_TITLES = ("Output", "Train", "Val", "Weight", "Share")
_TIPS = (
    "Where the loss is counted",
    "Loss of the newest step, before its weight",
    "Loss on the rows held back, after the newest epoch",
    "What the loss is multiplied by in the total",
    "How much of the total comes from this output",
)
_REST = "Regularisers"
_ROWS = 10
_TIGHT = """
    QHeaderView::section { padding: 5px 3px; }
    QHeaderView::section:first { padding-left: 9px; }
"""  # leaves room for names


class LossTable(QTableWidget):
    """Total and outputs: training and validation loss, weight, share of the total."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(0, len(_TITLES), parent)
        self._theme = theme
        self._names: list[str] = []
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
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setStyleSheet(_TIGHT)
        theme.changed.connect(self._on_theme_changed)

    def show_losses(self, curves: Curves) -> None:
        """Show what a run has come to."""
        heads = curves.outputs
        total, rest = curves.last(TOTAL), curves.penalty
        names = [head.name for head in heads] + ([_REST] if rest or _REST in self._names else [])
        if names != self._names or not self.rowCount():
            self._lay_out(names)
        for row, head in enumerate(heads):
            loss = curves.last(f"{head.name}/loss")
            share = loss * head.weight / total if loss is not None and total else None
            self._fill(row, curves, f"{head.name}/loss", loss, f"{head.weight:g}", share)
        if _REST in self._names:
            share = rest / total if total else None
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
        for column, text in enumerate(texts, 1):
            item = self._cell(row, column)
            if item.text() != text:
                item.setText(text)

    def _lay_out(self, names: list[str]) -> None:
        self._names = names
        self.setRowCount(len(names) + 1)
        for row, name in enumerate([*names, "Total"]):
            self.setItem(row, 0, QTableWidgetItem(name))
            self._cell(row, 0).setToolTip(plain_tip(name))
            for column in range(1, len(_TITLES)):
                item = QTableWidgetItem()
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(row, column, item)
        self._on_theme_changed()
        self._fit_height()

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
        for row in range(self.rowCount()):
            self._cell(row, 0).setFont(self._theme.ui(9, bold=row == last))
            for column in range(1, len(_TITLES)):
                self._cell(row, column).setFont(self._theme.mono(8.5))
