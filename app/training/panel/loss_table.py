"""The table of current losses, one row per output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.controls.inputs.focus import TEMPORARY_REASONS
from app.controls.inputs.number_text import parse_number
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme
from app.training.curves.curve_names import TOTAL_LOSS
from engine.core.formatting.numbers import format_score
from engine.runs.comparison.score_summary import loss_unit_note
from engine.runs.state.loss_shares import loss_shares

if TYPE_CHECKING:
    from app.training.curves.run_curves import Curves

_TITLES = ("Output", "Train", "Val", "Weight", "Share")
_TIPS = (
    "Output of the network",
    "Running mean of the training loss, before its weight",
    "Validation loss after the newest epoch",
    "Factor of the loss in the total loss",
    "Share of this output in the total loss",
)
_WEIGHT = 3  # the column of the loss weights
_EDIT_TIP = (
    "Double-click or press F2, type a weight and press Enter to change it during training; "
    "used from the next step on"
)
_PENALTY = "Regularizers"
_MAX_VISIBLE_ROWS = 10
_MIN_SECTION = 64  # pixels, for the names of outputs
_SHARE_WIDTH = 340  # pixels; a narrower table has no column of shares, which have a chart


class _WeightDelegate(QStyledItemDelegate):
    """Commits a typed weight on Enter only. Leaving the field reverts it.

    Why: a weight that was left half typed must not change a run.
    """

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.lostFocus() and isinstance(editor, QWidget):
            if event.reason() in TEMPORARY_REASONS:
                return False
            self.closeEditor.emit(editor, self.EndEditHint.RevertModelCache)
            return False
        return super().eventFilter(editor, event)


class LossTable(QTableWidget):
    """A table of losses, with a row per output and a row for the total.

    The columns are the training loss, the validation loss, the loss weight and the loss share.

    Signals:
        weight_requested: a new loss weight was typed for an output.
        weight_invalid: the typed text is not a weight; sends the reason.
    """

    weight_requested = Signal(str, float)
    weight_invalid = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, len(_TITLES), objectName="training-losses")
        self._theme = theme
        self._names: list[str] = []
        self._weights: list[str] = []
        self._loss_descriptions: dict[str, str] = {}  # e.g. the unit of the loss
        self._weights_editable = False
        self.setAccessibleName("Losses by output")
        for column, (title, tip) in enumerate(zip(_TITLES, _TIPS, strict=True)):
            head = QTableWidgetItem(title)
            head.setToolTip(tip)
            alignment = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            head.setTextAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(column, head)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setItemDelegateForColumn(_WEIGHT, _WeightDelegate(self))
        self.itemChanged.connect(self._on_item_changed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(_MIN_SECTION)
        theme.changed.connect(self._on_theme_changed)

    def set_weights_editable(self, on: bool) -> None:
        """Make the loss weights editable, or not."""
        if on != self._weights_editable:
            self._weights_editable = on
            self._update_editable_cells()

    def show_losses(self, curves: Curves) -> None:
        """Show the current losses of a run."""
        heads = curves.outputs
        total, penalty = curves.latest_mean(TOTAL_LOSS), curves.penalty
        weights = curves.loss_weights()
        losses = {head.name: curves.latest_mean(f"{head.name}/loss") for head in heads}
        known_losses = {name: loss for name, loss in losses.items() if loss is not None}
        shares = loss_shares(total, known_losses, weights) if total is not None else {}
        names = [head.name for head in heads]
        if penalty or _PENALTY in self._names:
            names.append(_PENALTY)
        self._loss_descriptions = {head.name: loss_unit_note(head) for head in heads}
        if names != self._names or not self.rowCount():
            self._create_rows(names)
        for row, head in enumerate(heads):
            weight = weights.get(head.name, head.weight)
            score, loss, share = f"{head.name}/loss", losses[head.name], shares.get(head.name)
            self._fill_row(row, curves, score, loss, f"{weight:g}", share)
        if _PENALTY in self._names:
            share = 1 - sum(shares.values()) if shares else None
            self._fill_row(len(heads), curves, "", penalty, "", share)
            tip = "Penalties of regularizers are part of the total loss"
            self._cell(len(heads), 0).setToolTip(tip)
        self._fill_row(len(names), curves, TOTAL_LOSS, total, "", None)

    def _fill_row(
        self,
        row: int,
        curves: Curves,
        score: str,
        loss: float | None,
        weight: str,
        share: float | None,
    ) -> None:
        points = curves.validation.get(score)
        validation_loss = points.last if points else None
        texts = (
            "\N{EN DASH}" if loss is None else format_score(loss),
            "\N{EN DASH}" if validation_loss is None else format_score(validation_loss),
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

    def _create_rows(self, names: list[str]) -> None:
        self._names = names
        self._weights = [""] * (len(names) + 1)
        self.setRowCount(len(names) + 1)
        for row, name in enumerate([*names, "Total"]):
            name_item = QTableWidgetItem(name)
            tooltip = plain_tooltip(self._loss_descriptions.get(name, ""))
            name_item.setToolTip(tooltip or plain_tooltip(name))
            self.setItem(row, 0, name_item)
            for column in range(1, len(_TITLES)):
                item = QTableWidgetItem()
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column < _WEIGHT:
                    item.setToolTip(tooltip)
                self.setItem(row, column, item)
        self._on_theme_changed()
        self._fit_height()

    def _update_editable_cells(self) -> None:
        with QSignalBlocker(self):
            for row in range(self.rowCount()):
                is_output = row < len(self._names) and self._names[row] != _PENALTY
                for column in range(len(_TITLES)):
                    cell = self._cell(row, column)
                    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                    is_editable = column == _WEIGHT and is_output and self._weights_editable
                    cell.setFlags(flags | Qt.ItemFlag.ItemIsEditable if is_editable else flags)
                    if column == _WEIGHT:
                        cell.setToolTip(_EDIT_TIP if is_editable else "")
                        role = "accent" if is_editable else "text"
                        cell.setForeground(self._theme.color(role))

    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        """Request the typed weight; the cell shows the old weight until the run has applied it."""
        row, typed = item.row(), item.text()
        if item.column() != _WEIGHT or typed.strip() == self._weights[row]:
            return
        with QSignalBlocker(self):
            item.setText(self._weights[row])
        try:
            weight = parse_number(typed, integer=False)
        except ValueError as error:
            self.weight_invalid.emit(f"Weight of {self._names[row]}: {error}")
            return
        self.weight_requested.emit(self._names[row], float(weight))

    def _fit_height(self) -> None:
        self.resizeRowsToContents()
        rows = sum(self.rowHeight(row) for row in range(min(_MAX_VISIBLE_ROWS, self.rowCount())))
        frame = 2 * self.frameWidth() + 2
        self.setFixedHeight(rows + self.horizontalHeader().sizeHint().height() + frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setColumnHidden(_WEIGHT + 1, self.width() < _SHARE_WIDTH)

    def showEvent(self, event: QShowEvent) -> None:
        """Update the height, because the table style is not known before the first show."""
        super().showEvent(event)
        self._fit_height()

    def _cell(self, row: int, column: int) -> QTableWidgetItem:
        item = self.item(row, column)
        assert item is not None, "all cells were created"
        return item

    def _on_theme_changed(self) -> None:
        last = self.rowCount() - 1
        blocked = QSignalBlocker(self)
        for row in range(self.rowCount()):
            self._cell(row, 0).setFont(self._theme.ui_font(9, bold=row == last))
            for column in range(1, len(_TITLES)):
                self._cell(row, column).setFont(self._theme.mono_font(8.5))
        blocked.unblock()
        if last >= 0:
            self._update_editable_cells()
