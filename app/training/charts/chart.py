"""One chart: title, values at the pointer, newest warning, and a plot below the texts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from app.controls.display.elided_label import ElidedLabel
from app.controls.display.labels import plain_label
from app.controls.display.plot import show_tooltip
from app.controls.layout.boxes import column_layout, row_layout
from app.processes.output_parser import parse_diagnostic
from app.text.phrases import capitalize
from app.theme import icons
from app.theme.theme import Theme
from app.training.charts.base_plot import BasePlot
from app.training.charts.chart_spec import ChartSpec
from app.training.charts.line_plot import LinePlot
from app.training.charts.share_plot import SharePlot
from app.training.charts.view_options import ViewOptions
from app.training.curves.curve_names import LOSS_SHARES
from app.training.curves.run_curves import Curves

_SHORT_TITLE_WIDTH = 300  # pixels; narrower charts have the short title
_HEADER_MARGINS = 42  # pixels of the width that title and values can't use
_MIN_DRAG_PIXELS = 4  # shorter drags count as clicks


class Chart(QWidget):
    """A chart of one quantity, described by a `ChartSpec`.

    Signals:
        hovered: the pointer has moved to a step, or left the plot (step 0).
        zoomed: a range was dragged, given by its first and last step.
        reset_requested: the plot was double-clicked.
        menu_requested: the context menu was requested, at a screen position.
    """

    hovered = Signal(int)
    zoomed = Signal(int, int)
    reset_requested = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme, spec: ChartSpec) -> None:
        super().__init__()
        self.spec = spec
        self._theme = theme
        self._curves = Curves()
        self._drawn_extent = (-1, -1, -1, -1)
        self.is_blank = True  # until the first redraw
        self._hovered_step = 0  # the step under the pointer, 0 for none
        self._press_position: QPointF | None = None
        self._title = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._readout = plain_label(wrap=False)
        self._warning_icon, self._warning = QLabel(), ElidedLabel(role="warning")
        plot_type = SharePlot if spec.score == LOSS_SHARES else LinePlot
        self.plot: BasePlot = plot_type(theme, spec)
        self._create_layout()
        self._update_header_theme()
        self.plot.widget.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.widget.installEventFilter(self)
        self.plot.widget.viewport().installEventFilter(self)

    def _create_layout(self) -> None:
        title, warning, plot = self._title, self._warning, self.plot.widget
        margins = (10, 0, 10, 2)
        header = row_layout(title, self._readout, margins=margins, spacing=8, stretch=title)
        icon = self._warning_icon
        warning_row = row_layout(icon, warning, margins=margins, spacing=5, stretch=warning)
        rows = (header, warning_row, plot)
        column_layout(*rows, parent=self, margins=(2, 7, 4, 4), spacing=0, stretch=plot)
        self._warning_icon.hide()
        self._warning.hide()
        tooltip = "Training value, then validation value"
        if self.spec.score == LOSS_SHARES:
            tooltip = "Share of each output in the total loss, including its loss weight"
        self._readout.setToolTip(tooltip)
        self._readout.setMinimumWidth(1)  # the values of one chart must not widen all
        self.setAccessibleName(self.spec.title)

    def apply_theme(self) -> None:
        """Apply the colors and fonts of the theme."""
        self._update_header_theme()
        self.plot.apply_theme()

    def _update_header_theme(self) -> None:
        self._title.setFont(self._theme.ui_font(9, bold=True))
        self._readout.setFont(self._theme.mono_font(8))
        self._warning.setFont(self._theme.ui_font(8.5))
        self._warning_icon.setPixmap(icons.icon_pixmap(self._theme, "warning", "warning", 14))

    def set_options(self, options: ViewOptions) -> None:
        """Set the chart options and mark the chart as outdated."""
        self.plot.set_options(options)
        self.invalidate()

    def is_outdated(self, curves: Curves) -> bool:
        """Return whether the curves have changed since the chart was drawn."""
        return self._drawn_extent != self._extent(curves)

    def invalidate(self) -> None:
        """Mark the chart as outdated, so that it is redrawn."""
        self._drawn_extent = (-1, -1, -1, -1)

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        self._curves = curves
        self._drawn_extent, self.is_blank = self._extent(curves), False
        self.plot.redraw(curves, first, last)
        self._show_warning(curves)

    def show_latest_values(self, curves: Curves) -> None:
        """Show the newest values, unless the pointer is over a step."""
        self._curves = curves
        self.plot.set_curves(curves)
        if not self._hovered_step:
            self.show_values_at(0)

    def show_values_at(self, step: int) -> None:
        """Show values and cursor line at a step; for step 0, show the newest values and no line."""
        self._hovered_step = step
        self.plot.set_cursor(step)
        title_width = 0 if step else self._title.sizeHint().width()  # else values come first
        width = self.width() - _HEADER_MARGINS - title_width
        texts, metrics = self.plot.readouts(step), self._readout.fontMetrics()
        fitting = (text for text in texts if metrics.horizontalAdvance(text) <= width)
        self._readout.setText(next(fitting, texts[-1]))

    def _show_warning(self, curves: Curves) -> None:
        warnings = [found for _, found in curves.warnings if self.spec.matches_warning(found)]
        warning = parse_diagnostic(warnings[-1]) if warnings else None
        self._warning_icon.setVisible(warning is not None)
        self._warning.setVisible(warning is not None)
        if warning is not None:
            text = capitalize(warning.message)
            advice = " ".join(fix.text for fix in warning.fixes)
            self._warning.set_text(text, f"{text}. {advice}")
            self._warning.setAccessibleName(f"Warning: {text}. {advice}")

    def _extent(self, curves: Curves) -> tuple[int, int, int, int]:
        marks = len(curves.control_events) + len(curves.warnings)
        best = curves.best.step if curves.best else 0
        return self.spec.latest_step(curves), len(curves.epochs.steps), marks, best

    # The pointer.

    def _on_mouse_moved(self, position: QPointF) -> None:
        self.hovered.emit(self.plot.step_at(position))
        show_tooltip(self.plot.widget, position, self.plot.annotation_at(position))

    def _start_drag(self, event: QMouseEvent) -> bool:
        """Start a drag if the left button was pressed inside the axes, else return False."""
        scene = self.plot.widget.mapToScene(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not self.plot.step_at(scene):
            return False
        self._press_position = scene
        return True

    def _update_drag(self, event: QMouseEvent) -> bool:
        if self._press_position is None:
            return False
        first, last, is_drag = self._dragged_range(event)
        self.plot.set_drag_range(first, last if is_drag else first)
        return False  # not consumed: the cursor line follows too

    def _finish_drag(self, event: QMouseEvent) -> bool:
        """End a drag and zoom to the dragged range, if any; return False if no drag was active."""
        if self._press_position is None:
            return False
        first, last, is_drag = self._dragged_range(event)
        self._press_position = None
        self.plot.set_drag_range(0, 0)
        if is_drag and last > first:
            self.zoomed.emit(first, last)
        return True

    def _dragged_range(self, event: QMouseEvent) -> tuple[int, int, bool]:
        assert self._press_position is not None
        scene = self.plot.widget.mapToScene(event.position().toPoint())
        box = self.plot.widget.getViewBox().sceneBoundingRect()
        inside = QPointF(min(max(scene.x(), box.left()), box.right() - 1), box.center().y())
        ends = sorted((self.plot.step_at(self._press_position), self.plot.step_at(inside)))
        return ends[0], ends[1], abs(inside.x() - self._press_position.x()) >= _MIN_DRAG_PIXELS

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle mouse drags and context menus in the plot, and the pointer leaving the plot."""
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self.hovered.emit(0)
        if isinstance(event, QContextMenuEvent) and watched is self.plot.widget.viewport():
            self.menu_requested.emit(event.globalPos())
            return True
        if isinstance(event, QMouseEvent) and watched is self.plot.widget.viewport():
            if kind == QEvent.Type.MouseButtonPress:
                return self._start_drag(event)
            if kind == QEvent.Type.MouseMove:
                return self._update_drag(event)
            if kind == QEvent.Type.MouseButtonRelease:
                return self._finish_drag(event)
            if kind == QEvent.Type.MouseButtonDblClick:
                self.reset_requested.emit()
                return True
        return super().eventFilter(watched, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the long or the short title, depending on the width."""
        super().resizeEvent(event)
        is_narrow = self.width() < _SHORT_TITLE_WIDTH
        title = self.spec.short_title if is_narrow else self.spec.title
        self._title.set_text(title, self.spec.title)
        self.show_values_at(0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
