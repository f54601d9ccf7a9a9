"""One chart: its title, values at the pointer, what was called out, and the plot below them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.controls.display.elided_label import Elided
from app.controls.display.plot import tell_at
from app.processes.answer_parser import diagnostic_from
from app.text.numbers import SHARES
from app.text.phrases import capital
from app.theme.theme import icons
from app.theme.theme.theme import Theme
from app.training.charts.chart_grid.base_plot import Axes
from app.training.charts.chart_grid.chart_spec import Subject
from app.training.charts.chart_grid.line_plot import Plot
from app.training.charts.chart_grid.share_plot import Bands
from app.training.charts.chart_grid.view_options import Look
from app.training.curves.run_curves.run_curves import Curves

_NARROW = 300  # pixels, below which the title is short
_LETTER = 14  # pixels of the chart's width for each letter of the values
_LEAST = 4  # pixels that a dragged range must have


class Chart(QWidget):
    """Draws one subject.

    Signals:
        hovered: the step under the pointer, 0 when the pointer has left.
        zoomed: the first and the last step of a range that was dragged.
        reset_asked: the plot was double-clicked.
        menu_asked: this chart's menu is wanted at a place of the screen.
    """

    hovered = Signal(int)
    zoomed = Signal(int, int)
    reset_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self, theme: Theme, subject: Subject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.subject = subject
        self._theme = theme
        self._curves = Curves()
        self._drawn = (-1, -1, -1, -1)
        self.blank = True  # until it is drawn for the first time
        self._pointed = 0  # step, 0 for none
        self._pressed: QPointF | None = None
        self._title = Elided()
        self._readout = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._sign, self._warning = QLabel(), Elided()
        self.plot: Axes = Bands(theme, subject) if subject.score == SHARES else Plot(theme, subject)
        self._lay_out()
        self._recolour_head()
        self.plot.widget.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.widget.installEventFilter(self)
        self.plot.widget.viewport().installEventFilter(self)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 0, 10, 2)
        head.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._readout)
        called = QHBoxLayout()
        called.setContentsMargins(10, 0, 10, 2)
        called.setSpacing(5)
        called.addWidget(self._sign)
        called.addWidget(self._warning, 1)
        self._warning.setProperty("role", "warning")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2, 7, 4, 4)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addLayout(called)
        rows.addWidget(self.plot.widget, 1)
        for widget in (self._sign, self._warning):
            widget.hide()
        tip = "Training, then validation on the rows held back"
        self._readout.setToolTip(_SHARES_TIP if self.subject.score == SHARES else tip)
        self.setAccessibleName(self.subject.title)

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        self._recolour_head()
        self.plot.recolour()

    def _recolour_head(self) -> None:
        self._title.setFont(self._theme.ui(9, bold=True))
        self._readout.setFont(self._theme.mono(8))
        self._warning.setFont(self._theme.ui(8.5))
        self._sign.setPixmap(icons.pixmap(self._theme, "warning", "warning", 14))

    def set_look(self, look: Look) -> None:
        """Draw in another way."""
        self.plot.set_look(look)
        self.forget()

    def lags(self, curves: Curves) -> bool:
        """Return whether there is more than it shows."""
        return self._drawn != self._extent(curves)

    def forget(self) -> None:
        """Count what is drawn as out of date."""
        self._drawn = (-1, -1, -1, -1)

    def redraw(self, curves: Curves, first: int, last: int) -> None:
        """Draw the steps from `first` to `last`."""
        self._curves = curves
        self._drawn, self.blank = self._extent(curves), False
        self.plot.redraw(curves, first, last)
        self._show_warning(curves)

    def show_newest(self, curves: Curves) -> None:
        """Say the newest values, unless the pointer asks for others."""
        self._curves = curves
        self.plot.take(curves)
        if not self._pointed:
            self.show_at(0)

    def show_at(self, step: int) -> None:
        """Show the values at a step and a line there; at 0, the newest values and no line."""
        self._pointed = step
        self.plot.mark(step)
        self._readout.setText(self.plot.readout(step, self.width() // _LETTER))

    def _show_warning(self, curves: Curves) -> None:
        """Say beside the curve what was called out about it last."""
        found = [plain for _, plain in curves.warned if self.subject.concerned(plain)]
        warning = diagnostic_from(found[-1]) if found else None
        for widget in (self._sign, self._warning):
            widget.setVisible(warning is not None)
        if warning is not None:
            text = capital(warning.message)
            advice = " ".join(fix.text for fix in warning.fixes)
            self._warning.set_text(text, f"{text}. {advice}")
            self._warning.setAccessibleName(f"Warning: {text}. {advice}")

    @property
    def _narrow(self) -> bool:
        return self.width() < _NARROW

    def _extent(self, curves: Curves) -> tuple[int, int, int, int]:
        marks = len(curves.marks) + len(curves.warned)
        best = curves.best.step if curves.best else 0
        return self.subject.newest(curves), len(curves.epochs.steps), marks, best

    # The pointer.

    def _on_mouse_moved(self, at: QPointF) -> None:
        self.hovered.emit(self.plot.step_at(at))
        tell_at(self.plot.widget, at, self.plot.told_at(at))

    def _press(self, event: QMouseEvent) -> bool:
        """Begin a range where the left button goes down."""
        scene = self.plot.widget.mapToScene(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not self.plot.step_at(scene):
            return False
        self._pressed = scene
        return True

    def _move(self, event: QMouseEvent) -> bool:
        """Show the range as far as it goes by now."""
        if self._pressed is None:
            return False
        first, last, wide = self._range_to(event)
        self.plot.drag(first, last if wide else first)
        return False  # the cross-hair follows too

    def _release(self, event: QMouseEvent) -> bool:
        """Zoom to the range, unless it was a mere click."""
        if self._pressed is None:
            return False
        first, last, wide = self._range_to(event)
        self._pressed = None
        self.plot.drag(0, 0)
        if wide and last > first:
            self.zoomed.emit(first, last)
        return True

    def _range_to(self, event: QMouseEvent) -> tuple[int, int, bool]:
        assert self._pressed is not None
        scene = self.plot.widget.mapToScene(event.position().toPoint())
        box = self.plot.widget.getViewBox().sceneBoundingRect()
        inside = QPointF(min(max(scene.x(), box.left()), box.right() - 1), box.center().y())
        ends = sorted((self.plot.step_at(self._pressed), self.plot.step_at(inside)))
        return ends[0], ends[1], abs(inside.x() - self._pressed.x()) >= _LEAST

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Zoom by dragging; take the line away when the pointer leaves."""
        kind = event.type()
        if kind == QEvent.Type.Leave:
            self.hovered.emit(0)
        if isinstance(event, QContextMenuEvent) and watched is self.plot.widget.viewport():
            self.menu_asked.emit(event.globalPos())
            return True
        if isinstance(event, QMouseEvent) and watched is self.plot.widget.viewport():
            if kind == QEvent.Type.MouseButtonPress:
                return self._press(event)
            if kind == QEvent.Type.MouseMove:
                return self._move(event)
            if kind == QEvent.Type.MouseButtonRelease:
                return self._release(event)
            if kind == QEvent.Type.MouseButtonDblClick:
                self.reset_asked.emit()
                return True
        return super().eventFilter(watched, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with this chart."""
        self.menu_asked.emit(event.globalPos())

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


_SHARES_TIP = "How much of the total comes from each output, its weight included"
