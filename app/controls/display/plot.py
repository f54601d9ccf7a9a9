"""A bare plot: axes in the colours of the theme, and nothing on it that could be pressed.

Import it only when there is something to draw: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsView, QToolTip

from app.text.phrases import plain_tooltip
from app.theme.theme import CurveStyle, Theme

_AXIS = 56  # pixels beside the plot


def bare_plot(name: str) -> Any:
    """Return a plot that shows what it is told to, and is called `name` by a screen reader."""
    widget = pg.PlotWidget(enableMenu=False)  # a menu is a third of what a plot takes to make
    widget.setAccessibleName(name)
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
    plot = widget.getPlotItem()
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    plot.disableAutoRange()
    plot.getAxis("left").setWidth(_AXIS)
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)
    return widget


def recolour(widget: Any, theme: Theme) -> None:
    """Give ground and axes the theme's colours and fonts."""
    widget.setBackground(theme.color("surface"))
    for side in ("left", "bottom"):
        axis = widget.getPlotItem().getAxis(side)
        axis.setTickFont(theme.mono_font(7.5))
        axis.setTextPen(theme.color("dim"))
        axis.setPen(theme.color("border"))
        axis.setTickPen(theme.color("grid"))


def pen_of(curve: CurveStyle, width: float = 1.5) -> QPen:
    """Return the pen of a line that is told apart by its strokes, too."""
    pen = QPen(curve.color, width)
    pen.setCosmetic(True)
    if curve.dash:
        pen.setDashPattern(list(curve.dash))
    return pen


def tell_at(widget: Any, at: QPointF, told: str) -> None:
    """Say something beside a place of the plot's scene; "" says nothing any more."""
    if told:
        place = widget.mapToGlobal(widget.mapFromScene(at))
        QToolTip.showText(place, plain_tooltip(told), widget)
    elif QToolTip.isVisible():
        QToolTip.hideText()
