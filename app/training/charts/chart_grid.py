"""All charts of one run: a column for the whole and for each output, or the losses first."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.theme.theme.theme import Theme
from app.training.charts.chart_grid.chart import Chart
from app.training.charts.chart_grid.chart_spec import Subject, of_output, of_the_whole
from app.training.charts.chart_grid.view_options import View
from app.training.curves.run_curves.run_curves import Curves
from engine.events import Head

_EVERY = 40  # milliseconds between two redraws, each of one chart
_AT_FIRST = 5  # of those while there are charts that show nothing yet
_COLUMN = 205  # least width
_HIGH, _LOW = 140, 110  # least heights of losses, and of all else


class Charts(QScrollArea):
    """Draws what `Curves` holds, while it is seen.

    Args:
        theme: of the window.
        curves: of the run; call `refresh` when it has grown.
        view: how it is looked at.

    Signals:
        menu_asked: the menu of a chart, by the name of its score, at a place of the screen.
    """

    menu_asked = Signal(str, QPoint)

    def __init__(
        self, theme: Theme, curves: Curves, view: View, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._curves = curves
        self._view = view
        self._look = view.look
        self._groups: list[list[Chart]] = []  # of the whole, then of each output; its loss first
        self._fit = 0  # charts side by side
        self._turns = _WheelTurns(self)
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
        theme.changed.connect(self._on_theme_changed)
        view.changed.connect(self._on_view_changed)

    @property
    def shown(self) -> list[Chart]:
        """The charts that are not hidden."""
        return [chart for chart in self.charts if self._look.shows(chart.subject.score)]

    @property
    def ground(self) -> QColor:
        """The colour behind the charts."""
        return self._theme.color("window")

    def refresh(self) -> None:
        """Draw what is new, at the next turn."""
        if self._curves.started is not None and self._curves.outputs != self._shown:
            self._build()
        waiting = set(self._waiting)
        self._waiting.extend(
            chart for chart in self.shown if chart not in waiting and chart.lags(self._curves)
        )
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def show_newest(self) -> None:
        """Say the newest values above all charts at once, so that they belong together."""
        for chart in self.charts:
            chart.show_newest(self._curves)

    def _on_view_changed(self) -> None:
        """Look in another way."""
        before, self._look = self._look, self._view.look
        if (before.hidden, before.alone) != (self._look.hidden, self._look.alone):
            self._fit = 0
            self._arrange()
        for chart in self.charts:
            chart.set_look(self._look)
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
        blank = bool(self._waiting) and self._waiting[0].blank
        self._timer.setInterval(_AT_FIRST if blank else _EVERY)

    def _draw(self, chart: Chart) -> None:
        look, last = self._look, max(1, self._curves.step)
        if look.zoom is not None:
            first, last = look.zoom
        else:
            first = max(1, last - look.newest + 1) if look.newest else 1
        chart.redraw(self._curves, first, last)

    def _build(self) -> None:
        self._shown = self._curves.outputs
        self._waiting.clear()
        started = self._curves.started
        held = started is not None and started.validation_rows > 0
        subjects = [
            of_the_whole(held, len(self._shown)),
            *(of_output(head, held) for head in self._shown),
        ]
        self._groups = [[self._chart(subject) for subject in group] for group in subjects]
        self.charts = [chart for group in self._groups for chart in group]
        for chart in self.charts:
            chart.set_look(self._look)
        self._fit = 0
        self._limit()
        self._arrange()

    def _chart(self, subject: Subject) -> Chart:
        chart = Chart(self._theme, subject)
        chart.setMinimumHeight(_HIGH if subject.score.endswith("loss") else _LOW)
        chart.hovered.connect(self._on_hovered)
        chart.zoomed.connect(self._on_zoomed)
        chart.reset_asked.connect(self._view.whole)
        chart.menu_asked.connect(self._on_menu_asked)
        chart.plot.widget.viewport().installEventFilter(self._turns)
        return chart

    def _arrange(self) -> None:
        """Give every group a column, or where there is no room for that, show all losses first."""
        groups = [[c for c in group if c in self.shown] for group in self._groups]
        groups = [group for group in groups if group]
        fit = max(1, min(len(groups), self.viewport().width() // _COLUMN))
        if not self._groups or fit == self._fit:
            return
        self._fit = fit
        for chart in self.charts:  # else the old inside would take them along
            chart.hide()
            chart.setParent(self)
        wide = fit >= len(groups)
        inside = _side_by_side(groups) if wide else _by_rank(groups, fit)
        inside.setObjectName("training-charts-inside")
        self.setWidget(inside)  # what was there before is deleted
        for chart in self.shown:
            chart.show()

    def _limit(self) -> None:
        """Let no chart be higher than can be seen at once, beside longer columns too."""
        for chart in self.charts:
            chart.setMaximumHeight(max(chart.minimumHeight(), self.viewport().height()))

    def _on_zoomed(self, first: int, last: int) -> None:
        self._view.set(zoom=(first, last))

    def _on_menu_asked(self, at: QPoint) -> None:
        chart = self.sender()
        if isinstance(chart, Chart):
            self.menu_asked.emit(chart.subject.score, at)

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
        self._limit()
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


class _WheelTurns(QObject):
    """Lets the wheel scroll the charts though it is over a plot, which would keep its turn."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        self._area = area

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the wheel on."""
        if not isinstance(event, QWheelEvent):
            return False
        self._area.wheelEvent(event)
        return True


def _side_by_side(groups: list[list[Chart]]) -> QWidget:
    """Return a column for each group; its first chart is the largest."""
    inside = QWidget()
    columns = QHBoxLayout(inside)
    columns.setContentsMargins(0, 0, 0, 0)
    columns.setSpacing(8)
    for group in groups:
        column = QVBoxLayout()
        column.setSpacing(8)
        for place, chart in enumerate(group):
            column.addWidget(chart, 2 if place else 3)
        column.addStretch()  # takes what charts may not
        columns.addLayout(column, 1)
    return inside


def _by_rank(groups: list[list[Chart]], fit: int) -> QWidget:
    """Return a grid that begins with the first chart of every group, then all the others."""
    inside = QWidget()
    grid = QGridLayout(inside)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(8)
    firsts, others = (
        [group[0] for group in groups],
        [each for group in groups for each in group[1:]],
    )
    for place, chart in enumerate([*firsts, *others]):
        grid.addWidget(chart, place // fit, place % fit)
    for place in range(fit):
        grid.setColumnStretch(place, 1)
    return inside
