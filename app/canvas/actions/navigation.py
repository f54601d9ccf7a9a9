"""What is in sight: zoom, fit, and walking from node to node by arrow keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF

from app.canvas.gestures.context import Stage
from app.canvas.items.level_of_detail import SHAPES
from engine.graph.view import frames

Direction = Literal["left", "right", "up", "down"]
_STEP = 1.25
_SPACE = 16  # logical pixels around what has to be seen


class Looking:
    """Changes what part of one canvas is seen, and never the document."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def fit(self) -> None:
        """Show everything, and go on doing so while the window is resized."""
        picture = self._stage.picture
        self._stage.viewer.fit(picture.rect_of(), around=picture.drawn_rect())
        self._stage.viewer.fitted = True

    def fit_selection(self) -> None:
        """Show the selected nodes, or if there are none everything."""
        names = self._stage.session.selection
        rect = self._rect_of(names) if names else self._stage.picture.rect_of()
        self._stage.viewer.fit(rect, most=1.5)

    def reveal(self, names: Iterable[str]) -> None:
        """Bring nodes into sight, and no nearer than they can be read."""
        rect = self._rect_of(list(names))
        viewer = self._stage.viewer
        if rect.isEmpty() or (viewer.in_sight.contains(rect) and viewer.zoom >= SHAPES):
            return
        viewer.fit(rect.adjusted(-200, -150, 200, 150))

    def keep_in_sight(self, names: Iterable[str]) -> None:
        """Move the view by as little as it takes to see nodes whole, at the same zoom."""
        self._stage.session.settle_report()  # for its shape makes a node wider
        viewer, rect = self._stage.viewer, self._rect_of(list(names))
        if rect.isEmpty():
            return
        shown = QRect(viewer.mapFromScene(rect).boundingRect())
        shown.adjust(-_SPACE, -_SPACE, _SPACE, _SPACE)
        room = viewer.viewport().rect()
        by = QPoint(
            _shift(shown.left(), shown.right(), room.right()),
            _shift(shown.top(), shown.bottom(), room.bottom()),
        )
        if not by.isNull():
            viewer.pan_by(by)

    def _rect_of(self, names: Collection[str]) -> QRectF:
        """Return the rectangle around nodes; those in a collapsed frame are seen as the frame."""
        picture = self._stage.picture
        seen = [name for name in names if name in picture.nodes and picture.nodes[name].isVisible()]
        rect = picture.rect_of(seen)
        drawn = frames(self._stage.session.project)
        for item, frame in zip(picture.frames, drawn, strict=False):
            if frame.collapsed and not set(names).isdisjoint(frame.nodes):
                rect |= item.sceneBoundingRect()
        return rect

    def zoom_to(self, zoom: float) -> None:
        """Show at a scale, 1.0 being the size on paper."""
        self._stage.viewer.set_zoom_at(zoom)

    def zoom_by(self, steps: int) -> None:
        """Come nearer, or go further away."""
        self._stage.viewer.set_zoom_at(self._stage.viewer.zoom * _STEP**steps)

    def walk(self, direction: Direction) -> None:
        """Select the node that a wire leads to, or the neighbour above or below."""
        session = self._stage.session
        names = session.selection
        if not names:
            first = next(iter(session.graph), None)
            if first is not None:
                session.reveal([first.name])
            return
        found = self._next(names[-1], direction)
        if found is not None:
            session.reveal([found])

    def _next(self, name: str, direction: Direction) -> str | None:
        graph = self._stage.session.graph
        if direction == "right":
            return self._nearest(name, graph.consumers[name])
        if direction == "left":
            return self._nearest(name, [s for s in graph[name].sources() if s in graph])
        here = self._middle(name)
        sign = 1 if direction == "down" else -1
        others = [
            other for other in graph.by_name if sign * (self._middle(other).y() - here.y()) > 1
        ]
        return min(others, key=lambda other: self._distance(name, other), default=None)

    def _nearest(self, name: str, others: Iterable[str]) -> str | None:
        return min(others, key=lambda other: self._distance(name, other), default=None)

    def _distance(self, one: str, other: str) -> float:
        between = self._middle(other) - self._middle(one)
        return float(abs(between.x()) * 2 + abs(between.y()))

    def _middle(self, name: str) -> QPointF:
        return self._stage.picture.rect_of([name]).center()


def _shift(first: int, last: int, most: int) -> int:
    """Return by how much to move so that a stretch lies within 0 and `most`, its start at least."""
    if last > most:
        return min(last - most, first)
    return min(first, 0)
