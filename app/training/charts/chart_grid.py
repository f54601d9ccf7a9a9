"""The scrollable grid of all charts of one run.

A wide grid has one column of charts for the whole network and one column per output. A narrow grid
has fewer columns; there, all loss charts come before the other charts.
"""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from app.controls.layout.boxes import column_layout, row_layout
from app.theme.theme import Theme
from app.training.charts.chart import Chart
from app.training.charts.chart_spec import ChartSpec, network_chart_specs, output_chart_specs
from app.training.charts.view_options import ViewOptionsModel
from app.training.curves.run_curves import Curves
from engine.events import OutputInfo

_REDRAW_INTERVAL = 40  # milliseconds; each tick draws one chart
_FIRST_DRAW_INTERVAL = 5  # milliseconds; used while some charts are still blank
_MIN_COLUMN_WIDTH = 150  # pixels
_LOSS_HEIGHT, _METRIC_HEIGHT = 112, 112  # minimum heights of loss charts and of all others


class ChartGrid(QScrollArea):
    """The charts of a run's `Curves`. The charts are drawn only while the grid is visible.

    Signals:
        menu_requested: requests the context menu of a chart, given by its score name, at a screen
            position.
    """

    menu_requested = Signal(str, QPoint)

    def __init__(self, theme: Theme, curves: Curves, view: ViewOptionsModel) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self._theme = theme
        self._curves = curves
        self._options_model = view
        self._options = view.options
        # The charts of the whole network, then those of each output; the loss chart comes first.
        self._groups: list[list[Chart]] = []
        self._column_count = 0
        self._wheel_filter = _WheelFilter(self)
        self._drawn_outputs: tuple[OutputInfo, ...] = ()
        self.charts: list[Chart] = []
        self._pending: deque[Chart] = deque()
        self._timer = QTimer(self, interval=_REDRAW_INTERVAL, timeout=self._on_tick)
        self.setAccessibleName("Curves")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.changed.connect(self._on_theme_changed)
        view.changed.connect(self._on_options_changed)

    @property
    def visible_charts(self) -> list[Chart]:
        """The charts that the options do not hide."""
        return [chart for chart in self.charts if self._options.is_visible(chart.spec.score)]

    @property
    def background_color(self) -> QColor:
        """The background color of the charts."""
        return self._theme.color("window")

    def refresh(self) -> None:
        """Schedule a redraw of the visible charts that are outdated."""
        if self._curves.started is not None and self._curves.outputs != self._drawn_outputs:
            self._build()
        pending = set(self._pending)
        for chart in self.visible_charts:
            if chart not in pending and chart.is_outdated(self._curves):
                self._pending.append(chart)
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def show_latest_values(self) -> None:
        """Show the newest values as text in all charts at once. The curves are redrawn later."""
        for chart in self.charts:
            chart.show_latest_values(self._curves)

    def _on_options_changed(self) -> None:
        previous, self._options = self._options, self._options_model.options
        if (previous.hidden_charts, previous.isolated_chart) != (
            self._options.hidden_charts,
            self._options.isolated_chart,
        ):
            self._column_count = 0
            self._arrange()
        for chart in self.charts:
            chart.set_options(self._options)
        self._refresh_all()

    def draw_now(self) -> None:
        """Redraw all visible charts without delay, for example before an image export."""
        self._refresh_all()
        while self._pending:
            self._draw(self._pending.popleft())

    def _refresh_all(self) -> None:
        for chart in self.charts:
            chart.invalidate()
        self.refresh()

    def _on_tick(self) -> None:
        """Draw one outdated chart. Only one per timer tick, to keep the window responsive."""
        if self._pending:
            self._draw(self._pending.popleft())
        else:
            self._timer.stop()
        blank = bool(self._pending) and self._pending[0].is_blank
        self._timer.setInterval(_FIRST_DRAW_INTERVAL if blank else _REDRAW_INTERVAL)

    def _draw(self, chart: Chart) -> None:
        options, last = self._options, max(1, self._curves.step)
        if options.zoom_range is not None:
            first, last = options.zoom_range
        else:
            first = max(1, last - options.last_steps + 1) if options.last_steps else 1
        chart.redraw(self._curves, first, last)

    def _build(self) -> None:
        self._drawn_outputs = self._curves.outputs
        self._pending.clear()
        started = self._curves.started
        has_validation = started is not None and started.validation_rows > 0
        groups = [
            network_chart_specs(has_validation, len(self._drawn_outputs)),
            *(output_chart_specs(head, has_validation) for head in self._drawn_outputs),
        ]
        self._groups = [[self._create_chart(spec) for spec in group] for group in groups]
        self.charts = [chart for group in self._groups for chart in group]
        for chart in self.charts:
            chart.set_options(self._options)
        self._column_count = 0
        self._limit_heights()
        self._arrange()

    def _create_chart(self, spec: ChartSpec) -> Chart:
        chart = Chart(self._theme, spec)
        chart.setMinimumHeight(_LOSS_HEIGHT if spec.score.endswith("loss") else _METRIC_HEIGHT)
        chart.hovered.connect(self._on_hovered)
        chart.zoomed.connect(self._on_zoomed)
        chart.reset_requested.connect(self._options_model.reset_zoom)
        chart.menu_requested.connect(self._on_menu_requested)
        chart.plot.widget.viewport().installEventFilter(self._wheel_filter)
        return chart

    def _arrange(self) -> None:
        """Lay out the visible charts: one column for the network and one per output, if all fit.

        Otherwise, lay out a grid with fewer columns, in which the loss charts come first.
        """
        groups = [[c for c in group if c in self.visible_charts] for group in self._groups]
        groups = [group for group in groups if group]
        column_count = max(1, min(len(groups), self.viewport().width() // _MIN_COLUMN_WIDTH))
        if not self._groups or column_count == self._column_count:
            return
        self._column_count = column_count
        for chart in self.charts:  # else the charts would be deleted with the old content
            chart.hide()
            chart.setParent(self)
        if column_count >= len(groups):
            content = _column_layout(groups)
        else:
            content = _grid_layout(groups, column_count)
        self.setWidget(content)  # deletes the previous content
        for chart in self.visible_charts:
            chart.show()

    def _limit_heights(self) -> None:
        """Limit the height of each chart to the viewport, so that the whole chart fits in."""
        for chart in self.charts:
            chart.setMaximumHeight(max(chart.minimumHeight(), self.viewport().height()))

    def _on_zoomed(self, first: int, last: int) -> None:
        self._options_model.update(zoom_range=(first, last))

    def _on_menu_requested(self, position: QPoint) -> None:
        chart = self.sender()
        if isinstance(chart, Chart):
            self.menu_requested.emit(chart.spec.score, position)

    def _on_hovered(self, step: int) -> None:
        for chart in self.charts:
            chart.show_values_at(step)

    def _on_theme_changed(self) -> None:
        for chart in self.charts:
            chart.apply_theme()
        self._refresh_all()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._limit_heights()
        self._arrange()
        self._refresh_all()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the new points that arrived while the charts were hidden."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


class _WheelFilter(QObject):
    """An event filter that forwards wheel events of plots to the scroll area."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        self._area = area

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QWheelEvent):
            return False
        self._area.wheelEvent(event)
        return True


def _column_layout(groups: list[list[Chart]]) -> QWidget:
    """Return a widget with one column per group; the first chart of each column is the tallest."""
    content = QWidget()
    columns = row_layout(parent=content, spacing=8)
    for group in groups:
        column = column_layout(spacing=8)
        for index, chart in enumerate(group):
            column.addWidget(chart, 2 if index else 3)
        column.addStretch()  # takes the space beyond the maximum heights
        columns.addLayout(column, 1)
    return content


def _grid_layout(groups: list[list[Chart]], column_count: int) -> QWidget:
    content = QWidget()
    grid = QGridLayout(content, spacing=8)
    grid.setContentsMargins(0, 0, 0, 0)
    firsts = [group[0] for group in groups]
    others = [chart for group in groups for chart in group[1:]]
    for index, chart in enumerate([*firsts, *others]):
        grid.addWidget(chart, index // column_count, index % column_count)
    for index in range(column_count):
        grid.setColumnStretch(index, 1)
    return content
