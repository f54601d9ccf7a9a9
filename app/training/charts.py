"""All charts of one run in a grid: the total, then a column for each output."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.theme import Theme
from app.training.chart import Chart
from app.training.curves import Curves
from app.training.subject import Subject, of_output, of_the_whole
from engine.events import Head

_EVERY = 40  # milliseconds between two redraws, each of one chart
_COLUMN = 205  # least width


class Charts(QScrollArea):
    """Draws what `Curves` holds, while it is seen.

    Args:
        theme: of the window.
        curves: of the run; call `refresh` when it has grown.
    """

    def __init__(self, theme: Theme, curves: Curves, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._curves = curves
        self._log = False
        self._newest = 0
        self._columns: list[QWidget] = []
        self._shown: tuple[Head, ...] = ()
        self.charts: list[Chart] = []
        self._waiting: deque[Chart] = deque()
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._on_tick)
        self.setObjectName("training-charts")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Curves")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = QWidget()
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self.setWidget(self._inside)
        theme.changed.connect(self._on_theme_changed)

    def refresh(self) -> None:
        """Draw what is new, at the next turn."""
        if self._curves.started is not None and self._curves.outputs != self._shown:
            self._build()
        waiting = set(self._waiting)
        self._waiting.extend(
            chart for chart in self.charts if chart not in waiting and chart.lags(self._curves)
        )
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def set_log(self, on: bool) -> None:
        """Draw losses by their powers of ten."""
        self._log = on
        for chart in self.charts:
            chart.set_log(on and chart.subject.score.endswith("loss"))
        self._refresh_all()

    def set_newest(self, steps: int) -> None:
        """Show so many of the newest steps, 0 for the whole run."""
        self._newest = steps
        self._refresh_all()

    def draw_now(self) -> None:
        """Draw everything at once, as for a picture."""
        self._refresh_all()
        while self._waiting:
            self._draw(self._waiting.popleft())

    def _refresh_all(self) -> None:
        for chart in self.charts:
            chart.forget()
        self.refresh()

    def _on_tick(self) -> None:
        """Draw one chart; the others wait for their turn, so that the window stays quick."""
        if self._waiting:
            self._draw(self._waiting.popleft())
        else:
            self._timer.stop()

    def _draw(self, chart: Chart) -> None:
        last = max(1, chart.subject.newest(self._curves))
        first = max(1, last - self._newest + 1) if self._newest else 1
        chart.redraw(self._curves, first, last)

    def _build(self) -> None:
        for column in self._columns:
            column.deleteLater()
        self._shown = self._curves.outputs
        self.charts, self._columns = [], []
        self._waiting.clear()
        started = self._curves.started
        held = started is not None and started.validation_rows > 0
        self._add_column(of_the_whole(held))
        for head in self._shown:
            self._add_column(of_output(head, held))
        self.set_log(self._log)
        self._arrange()

    def _add_column(self, subjects: list[Subject]) -> None:
        column = QWidget()
        rows = QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(8)
        for place, subject in enumerate(subjects):
            chart = Chart(self._theme, subject)
            chart.setMinimumHeight(140 if place == 0 else 110)
            chart.hovered.connect(self._on_hovered)
            rows.addWidget(chart, 3 if place == 0 else 2)
            self.charts.append(chart)
        self._columns.append(column)

    def _arrange(self) -> None:
        count = len(self._columns)
        fit = max(1, min(count, self.viewport().width() // _COLUMN))
        rows = -(-count // fit) or 1
        fit = -(-count // rows) or 1  # as many in each row
        for place, column in enumerate(self._columns):
            self._grid.addWidget(column, place // fit, place % fit)
        for place in range(count):
            self._grid.setColumnStretch(place, 1 if place < fit else 0)

    def _on_hovered(self, step: int) -> None:
        for chart in self.charts:
            chart.show_at(step)

    def _on_theme_changed(self) -> None:
        for chart in self.charts:
            chart.recolour()
        self._refresh_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many columns as fit."""
        super().resizeEvent(event)
        self._arrange()
        self._refresh_all()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Draw nothing while nobody sees it."""
        super().hideEvent(event)
        self._timer.stop()
