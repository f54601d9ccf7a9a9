"""One chart on its card: title, values at the pointer, and the plot below them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import Theme
from app.training.curves import Curves
from app.training.drawing import point_at
from app.training.elided import Elided
from app.training.figures import figure
from app.training.plot import Plot
from app.training.subject import Subject

_NARROW = 300  # pixels, below which the title is short


class Chart(QWidget):
    """Draws one subject.

    Signals:
        hovered: the step under the pointer, 0 when the pointer has left.
    """

    hovered = Signal(int)

    def __init__(self, theme: Theme, subject: Subject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.subject = subject
        self._theme = theme
        self._curves = Curves()
        self._drawn = (-1, -1)
        self._pointed = 0  # step, 0 for none
        self._title = Elided()
        self._readout = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.plot = Plot(theme, subject)
        self._lay_out()
        self.recolour()
        self.plot.widget.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.widget.installEventFilter(self)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 10, 2)
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._readout)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2, 7, 4, 4)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addWidget(self.plot.widget, 1)
        self._readout.setToolTip("Training, then validation on the rows held back")
        self.setAccessibleName(self.subject.title)

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        self._title.setFont(self._theme.ui(9, bold=True))
        self._readout.setFont(self._theme.mono(8))
        self.plot.recolour()

    def set_log(self, on: bool) -> None:
        """Draw values by their powers of ten."""
        self.plot.set_log(on)

    def lags(self, curves: Curves) -> bool:
        """Answer whether there is more than it shows."""
        return self._drawn != self._extent(curves)

    def forget(self) -> None:
        """Count what is drawn as out of date."""
        self._drawn = (-1, -1)

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        self._curves = curves
        self._drawn = self._extent(curves)
        self.plot.redraw(curves, first, last)

    def show_newest(self, curves: Curves) -> None:
        """Say the newest values, unless the pointer asks for others."""
        self._curves = curves
        if not self._pointed:
            self.show_at(0)

    def show_at(self, step: int) -> None:
        """Show the values at a step and a line there; at 0, the newest values and no line."""
        self._pointed = step
        self.plot.mark(step)
        train, held = self._at(step)
        parts = [] if train is None else [figure(train)]
        if held is not None:
            parts.append(f"/ {figure(held)}" if self._narrow else f" val {figure(held)}")
        self._readout.setText(" ".join(parts))

    @property
    def _narrow(self) -> bool:
        return self.width() < _NARROW

    def _extent(self, curves: Curves) -> tuple[int, int]:
        return self.subject.newest(curves), len(curves.epochs.steps)

    def _at(self, step: int) -> tuple[float | None, float | None]:
        held = point_at(self.subject.validation(self._curves), step)
        series = self.subject.steps(self._curves)
        if series is None:
            return point_at(self.subject.epochs(self._curves), step), held
        values = series.values
        at = step if 0 < step <= len(values) else len(values)
        return (float(values[at - 1]) if at else None), held

    def _on_mouse_moved(self, at: QPointF) -> None:
        self.hovered.emit(self.plot.step_at(at))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much in the title as fits."""
        super().resizeEvent(event)
        title = self.subject.title
        self._title.set_text(self.subject.short if self._narrow else title, title)
        self.show_at(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Stand on a card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the line away when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(0)
        return super().eventFilter(watched, event)
