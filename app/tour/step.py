"""A step of the tour, and the place of its callout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize, SignalInstance
from PySide6.QtWidgets import QWidget

_GAP = 12  # pixels between target and callout


@dataclass(frozen=True)
class TourStep:
    """A step of the tour.

    Args:
        title, text: what the callout says.
        target: returns the widget that the step is about, and the part of it to highlight.
        done, is_done: the step is done if `is_done` returns True when `done` is emitted.
        prepare: makes the target visible when the step begins.
    """

    title: str
    text: str
    target: Callable[[], tuple[QWidget, QRect]]
    done: SignalInstance[*tuple[Any, ...]]
    is_done: Callable[[], bool]
    prepare: Callable[[], object] = lambda: None


def callout_position(target: QRect, size: QSize, area: QRect) -> QPoint:
    """Return where a callout goes: beside the target if there is room, else in its corner."""
    free = QRect(area.topLeft(), area.size() - size)  # of the callout's top left corner
    middle = target.center() - QRect(QPoint(), size).center()
    x, y = (
        _clip(middle.x(), free.left(), free.right()),
        _clip(middle.y(), free.top(), free.bottom()),
    )
    below, above = target.bottom() + _GAP, target.top() - size.height() - _GAP
    left, right = target.left() - size.width() - _GAP, target.right() + _GAP
    places = (QPoint(x, below), QPoint(x, above), QPoint(left, y), QPoint(right, y))
    corner = target.bottomRight() - QPoint(size.width() + _GAP, size.height() + _GAP)
    inside = QPoint(
        _clip(corner.x(), free.left(), free.right()), _clip(corner.y(), free.top(), free.bottom())
    )
    return next((place for place in places if free.contains(place)), inside)


def _clip(value: int, minimum: int, maximum: int) -> int:
    return max(minimum, min(value, maximum))
