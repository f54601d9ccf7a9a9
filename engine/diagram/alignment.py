"""Alignment and even distribution of boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from engine.graph.view import Point

Box = tuple[float, float, float, float]  # left, top, width, height
Side = Literal["left", "right", "top", "bottom", "middle", "center"]
Axis = Literal["across", "down"]

_ALIGNED: Mapping[Side, Callable[[Box, Box], Point]] = {
    "left": lambda box, area: (area[0], box[1]),
    "right": lambda box, area: (area[0] + area[2] - box[2], box[1]),
    "top": lambda box, area: (box[0], area[1]),
    "bottom": lambda box, area: (box[0], area[1] + area[3] - box[3]),
    "middle": lambda box, area: (box[0], area[1] + (area[3] - box[3]) / 2),
    "center": lambda box, area: (area[0] + (area[2] - box[2]) / 2, box[1]),
}


def align(boxes: Mapping[str, Box], side: Side) -> dict[str, Point]:
    """Align boxes at one side of their common bounding box; return top-left corners by box name.

    The side "middle" gives all boxes the same vertical center, "center" the same horizontal one.
    """
    if not boxes:
        return {}
    area = bounding_box(boxes)
    return {name: _ALIGNED[side](box, area) for name, box in boxes.items()}


def distribute(boxes: Mapping[str, Box], axis: Axis) -> dict[str, Point]:
    """Return positions with equal gaps along `axis`. The outermost boxes stay in place.

    If the other boxes do not fit between the outermost boxes, the gaps are negative.
    """
    start, size = (0, 2) if axis == "across" else (1, 3)
    order = sorted(boxes, key=lambda name: 2 * boxes[name][start] + boxes[name][size])
    positions: dict[str, Point] = {name: (box[0], box[1]) for name, box in boxes.items()}
    if len(order) < 3:
        return positions
    first, last = boxes[order[0]], boxes[order[-1]]
    free = last[start] + last[size] - first[start] - sum(boxes[name][size] for name in order)
    gap = free / (len(order) - 1)
    offset = first[start]
    for name in order[:-1]:
        x, y = positions[name]
        positions[name] = (offset, y) if axis == "across" else (x, offset)
        offset += boxes[name][size] + gap
    return positions


def edge_point(box: Box, other: Box) -> Point:
    """Return the point where the line from the center of `box` to that of `other` leaves `box`."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    across, down = other[0] + other[2] / 2 - x, other[1] + other[3] / 2 - y
    ratio = max(abs(across) / box[2] * 2, abs(down) / box[3] * 2, 1.0)
    return x + across / ratio, y + down / ratio


def bounding_box(boxes: Mapping[str, Box]) -> Box:
    """Return the bounding box of all `boxes`. There must be at least one box."""
    left, top = min(box[0] for box in boxes.values()), min(box[1] for box in boxes.values())
    right = max(box[0] + box[2] for box in boxes.values())
    bottom = max(box[1] + box[3] for box in boxes.values())
    return left, top, right - left, bottom - top
