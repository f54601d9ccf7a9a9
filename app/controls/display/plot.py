"""A non-interactive pyqtgraph plot with axes in the colors of the theme.

Import this module only when a plot is needed: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsView, QToolTip

from app.text.phrases import plain_tooltip
from app.theme.theme import CurveStyle, Theme
from engine.core.formatting.ticks import integer_ticks

_AXIS_WIDTH = 56  # pixels


def create_plot(name: str) -> Any:
    """Return a plot without mouse interaction, with an accessible name."""
    widget = pg.PlotWidget(enableMenu=False)  # the menu takes a third of the creation time
    widget.setAccessibleName(name)
    widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    widget.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
    plot = widget.getPlotItem()
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    plot.disableAutoRange()
    plot.getAxis("left").setWidth(_AXIS_WIDTH)
    for side in ("left", "bottom"):
        plot.getAxis(side).enableAutoSIPrefix(False)
    return widget


def apply_theme(widget: Any, theme: Theme) -> None:
    """Set the colors and fonts of the background and the axes of a plot to those of the theme."""
    widget.setBackground(theme.color("surface"))
    for side in ("left", "bottom"):
        axis = widget.getPlotItem().getAxis(side)
        axis.setTickFont(theme.mono_font(7.5))
        axis.setTextPen(theme.color("dim"))
        axis.setPen(theme.color("border"))
        axis.setTickPen(theme.color("grid"))


def set_integer_ticks(plot: Any, low: int, high: int, min_step: float) -> None:
    """Set ticks at round integers from `low` to `high` on the x axis of a plot item."""
    ticks = [(tick, f"{tick:,}") for tick in integer_ticks(low, high, min_step)]
    plot.getAxis("bottom").setTicks([ticks])


def padded_range(low: float, high: float) -> tuple[float, float]:
    """Return the range of an axis for values from `low` to `high`, with a margin at each end."""
    margin = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    return low - margin, high + margin


def curve_pen(curve: CurveStyle, width: float = 1.5) -> QPen:
    """Return the pen of a curve, with its color and dash pattern."""
    pen = QPen(curve.color, width)
    pen.setCosmetic(True)
    if curve.dash:
        pen.setDashPattern(list(curve.dash))
    return pen


def show_tooltip(widget: Any, scene_position: QPointF, text: str) -> None:
    """Show a tooltip at a position in the scene of the plot; "" hides it."""
    if text:
        global_position = widget.mapToGlobal(widget.mapFromScene(scene_position))
        QToolTip.showText(global_position, plain_tooltip(text), widget)
    elif QToolTip.isVisible():
        QToolTip.hideText()
