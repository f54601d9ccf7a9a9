"""Prediction cards: the predicted value of an output, and the probability of each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGraphicsOpacityEffect, QSizePolicy, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.results.phrases import percent
from app.theme.theme import Theme

_ROW_HEIGHT, _GAP, _BAR_HEIGHT = 20.0, 8.0, 8.0  # pixels
_MAX_LABEL, _NUMBER_WIDTH = 0.38, 52.0  # of the width of the chart; in pixels
_OUTDATED_OPACITY = 0.4  # opacity of a prediction for a previous input
_MAX_BARS = 12  # only the most likely labels are shown


class ProbabilityBars(QWidget):
    """A bar chart of label probabilities. The highest one has the accent color."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.probabilities: Sequence[tuple[str, float]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_probabilities(self, probabilities: Sequence[tuple[str, float]]) -> None:
        """Set (label, probability) for each bar."""
        most_likely = sorted(probabilities, key=lambda item: -item[1])[:_MAX_BARS]
        self.probabilities = [item for item in probabilities if item in most_likely]
        texts = [f"{name} {percent(probability)}" for name, probability in most_likely]
        self.setAccessibleName(", ".join(texts))
        self.setToolTip("")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, round(_ROW_HEIGHT * len(self.probabilities)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        label_font, number_font = self._theme.ui_font(9), self._theme.mono_font(8.5)
        metrics = QFontMetricsF(label_font)
        names = (name for name, _ in self.probabilities)
        widest = max(map(metrics.horizontalAdvance, names), default=0)
        left = min(widest, self.width() * _MAX_LABEL)
        highest = max((probability for _, probability in self.probabilities), default=0)
        for index, (name, probability) in enumerate(self.probabilities):
            row = QRectF(0, index * _ROW_HEIGHT, self.width(), _ROW_HEIGHT)
            painter.setFont(label_font)
            painter.setPen(self._theme.color("text"))
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left)
            painter.drawText(QRectF(0, row.top(), left + 1, _ROW_HEIGHT), _LEFT, text)
            width = max(8.0, self.width() - left - 2 * _GAP - _NUMBER_WIDTH)
            top = row.center().y() - _BAR_HEIGHT / 2
            track = QRectF(left + _GAP, top, width, _BAR_HEIGHT)
            self._paint_bar(painter, track, probability, probability == highest)
            painter.setFont(number_font)
            painter.setPen(self._theme.color("text" if probability == highest else "dim"))
            number = QRectF(self.width() - _NUMBER_WIDTH, row.top(), _NUMBER_WIDTH, _ROW_HEIGHT)
            painter.drawText(number, _RIGHT, percent(probability))

    def _paint_bar(self, painter: QPainter, track: QRectF, value: float, highest: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("border"))
        painter.drawRoundedRect(track, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        if value <= 0:
            return
        bar = QRectF(track)
        bar.setWidth(max(_BAR_HEIGHT, track.width() * value))
        painter.setBrush(self._theme.color("accent" if highest else "outline"))
        painter.drawRoundedRect(bar, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PredictionCard(QFrame):
    """A card with the prediction of one output."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._name, self.value_label = plain_label("", "dim", wrap=False), plain_label()
        for label in (self._name, self.value_label):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.value_label.setFont(theme.ui_font(14, bold=True))
        self.target_label = plain_label("", "dim", wrap=False)
        self.bars = ProbabilityBars(theme)
        items = (self._name, self.value_label, self.target_label, self.bars)
        column_layout(*items, parent=self, margins=(12, 8, 12, 10), spacing=4)
        self._opacity_effect = QGraphicsOpacityEffect(self, opacity=_OUTDATED_OPACITY)
        self._opacity_effect.setEnabled(False)
        self.setGraphicsEffect(self._opacity_effect)

    @property
    def is_outdated(self) -> bool:
        """Whether the prediction is for a previous input."""
        return self._opacity_effect.isEnabled()

    def set_outdated(self, is_outdated: bool) -> None:
        """Set whether the prediction is for a previous input. An outdated one is drawn faint."""
        self._opacity_effect.setEnabled(is_outdated)
        self.setAccessibleDescription("Prediction for the previous input" if is_outdated else "")

    def show_prediction(self, prediction: Mapping[str, Any], target: str) -> None:
        """Show the prediction of an output, and its target; "" if the target is unknown.

        `prediction` is JSON received from the engine.
        """
        unit = prediction.get("unit") or ""
        self._name.setText(str(prediction.get("name", "")))
        self.value_label.setText(f"{prediction.get('answer', '')} {unit}".strip())
        self.target_label.setText(f"In the table: {target} {unit}".rstrip())
        self.target_label.setVisible(bool(target))
        shares = prediction.get("shares", ())
        probabilities = [(str(item["label"]), float(item["share"] or 0)) for item in shares]
        self.bars.setVisible(bool(probabilities))
        self.bars.set_probabilities(probabilities)
