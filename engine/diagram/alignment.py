"""Lines nodes up with one another, and spaces them evenly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from engine.graph.view import Point

Box = tuple[float, float, float, float]  # left, top, width, height
Side = Literal["left", "right", "top", "bottom", "middle", "centre"]
Axis = Literal["across", "down"]

_ALIGNED: Mapping[Side, Callable[[Box, Box], Point]] = {
    "left": lambda box, all_: (all_[0], box[1]),
    "right": lambda box, all_: (all_[0] + all_[2] - box[2], box[1]),
    "top": lambda box, all_: (box[0], all_[1]),
    "bottom": lambda box, all_: (box[0], all_[1] + all_[3] - box[3]),
    "middle": lambda box, all_: (box[0], all_[1] + (all_[3] - box[3]) / 2),
    "centre": lambda box, all_: (all_[0] + (all_[2] - box[2]) / 2, box[1]),
}


def align(boxes: Mapping[str, Box], side: Side) -> dict[str, Point]:
    """Return places where all boxes have one side on a line.

    Args:
        boxes: by node, left, top, width and height.
        side: an edge of what the boxes take up together; "middle" is halfway down, "centre"
            halfway across.
    """
    if not boxes:
        return {}
    whole = bounds(boxes)
    return {name: _ALIGNED[side](box, whole) for name, box in boxes.items()}


def distribute(boxes: Mapping[str, Box], axis: Axis) -> dict[str, Point]:
    """Return places with equal gaps between neighbours; the outermost boxes stay.

    Boxes that do not fit between them overlap evenly.
    """
    at, size = (0, 2) if axis == "across" else (1, 3)
    order = sorted(boxes, key=lambda name: 2 * boxes[name][at] + boxes[name][size])
    places: dict[str, Point] = {name: (box[0], box[1]) for name, box in boxes.items()}
    if len(order) < 3:
        return places
    first, last = boxes[order[0]], boxes[order[-1]]
    room = last[at] + last[size] - first[at] - sum(boxes[name][size] for name in order)
    gap = room / (len(order) - 1)
    here = first[at]
    for name in order[:-1]:
        x, y = places[name]
        places[name] = (here, y) if axis == "across" else (x, here)
        here += boxes[name][size] + gap
    return places


def bounds(boxes: Mapping[str, Box]) -> Box:
    """Return the box around all boxes, of which there is at least one."""
    left, top = min(box[0] for box in boxes.values()), min(box[1] for box in boxes.values())
    right = max(box[0] + box[2] for box in boxes.values())
    bottom = max(box[1] + box[3] for box in boxes.values())
    return left, top, right - left, bottom - top
