"""Places of widgets in pixels of the screen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QWidget,
)

Seen = dict[str, Any]


def pixel(widget: QWidget, at: QPoint) -> list[int]:
    """Return a place of a widget in pixels of the screen, which has one scale."""
    ratio = widget.devicePixelRatioF()
    spot = widget.mapToGlobal(at)
    return [round(spot.x() * ratio), round(spot.y() * ratio)]


def middle(widget: QWidget) -> list[int]:
    return pixel(widget, widget.rect().center())


def box(widget: QWidget, rect: QRect | None = None) -> list[int]:
    inside = widget.rect() if rect is None else rect
    return [*pixel(widget, inside.topLeft()), *pixel(widget, inside.bottomRight())]


def control(control: QWidget) -> Seen:
    shown = {
        "at": middle(control),
        "in sight": in_sight(control),
        "focused": control.hasFocus(),
    }
    if isinstance(control, QLineEdit):
        return {**shown, "text": control.text(), "way": "line"}
    if isinstance(control, QComboBox):
        return {**shown, "text": control.currentText(), "way": "box"}
    return {**shown, "text": "", "way": "other"}


def in_sight(widget: QWidget) -> bool:
    return widget.visibleRegion().contains(widget.rect().center())
