"""What a chart works out before it draws: ranges, places of labels, colours."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QColor

from app.theme.theme.theme import Theme
from app.training.curves.run_curves.run_curves import Points
from app.training.curves.run_curves.series import Numbers

_WILDEST = 0.005  # share of the values, at either end, that may leave the picture


def point_at(points: Points | None, step: int) -> float | None:
    """Return the value of the epoch that holds a step, the newest if none does or step is 0."""
    if points is None or not points.steps:
        return None
    place = bisect_left(points.steps, step) if step > 0 else -1
    return points.values[min(place, len(points.values) - 1)]


def reach(lines: Sequence[Numbers], tame: bool) -> tuple[float, float]:
    """Return lowest and highest value to show; with `tame`, the wildest of the first may leave."""
    known = [values for values in lines if len(values)]
    if not known:
        return 0.0, 1.0
    ordered, left_out = np.sort(known[0]), _WILDEST if tame else 0.0
    low = min([_quantile(ordered, left_out), *(float(values.min()) for values in known[1:])])
    high = max([_quantile(ordered, 1 - left_out), *(float(values.max()) for values in known[1:])])
    room = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    return low - room, high + room


def _quantile(ordered: Numbers, share: float) -> float:
    """Return the value below which a share of the ordered values lies.

    Why: numpy's own loads its masked arrays, which takes as long as to draw ten charts.
    """
    place = share * (len(ordered) - 1)
    below = int(place)
    least, most = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return least + (place - below) * (most - least)


def apart_heights(heights: list[float], apart: float, low: float, high: float) -> list[float]:
    """Return heights for two labels that neither meet nor leave the picture."""
    if len(heights) == 2 and abs(heights[0] - heights[1]) < apart:
        middle = min(max(sum(heights) / 2, low + apart), high - apart)
        half = apart / 2 if heights[0] >= heights[1] else -apart / 2
        return [middle + half, middle - half]
    return [min(max(height, low + apart / 2), high - apart / 2) for height in heights]


def thinned(color: QColor, theme: Theme, share: float = 0.4) -> QColor:
    """Return a colour near to the ground; a translucent pen would be slower to draw."""
    ground = theme.color("surface")
    red, green, blue = (
        round(share * over + (1 - share) * under)
        for over, under in (
            (color.red(), ground.red()),
            (color.green(), ground.green()),
            (color.blue(), ground.blue()),
        )
    )
    return QColor(red, green, blue)
