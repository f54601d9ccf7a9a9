"""Places of rectangles inside an area."""

from PySide6.QtCore import QRect


def moved_into(rect: QRect, area: QRect) -> QRect:
    """Return a rectangle moved into an area as little as needed; its top left is always inside."""
    moved = QRect(rect)
    moved.moveRight(min(moved.right(), area.right()))
    moved.moveBottom(min(moved.bottom(), area.bottom()))
    moved.moveLeft(max(moved.left(), area.left()))
    moved.moveTop(max(moved.top(), area.top()))
    return moved
