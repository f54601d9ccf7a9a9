"""Navigation of the view: zoom, fit, reveal, and node selection with the arrow keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF

from app.canvas.context import CanvasContext
from app.canvas.items.level_of_detail import MIN_SHAPE_ZOOM
from app.documents.session import ItemKey
from engine.graph.view import frames

Direction = Literal["left", "right", "up", "down"]
_STEP = 1.25
_MARGIN = 16  # margin around nodes that are scrolled into view, in logical pixels


class ViewNavigation:
    """View actions of one canvas; they never change the document."""

    def __init__(self, context: CanvasContext) -> None:
        self._context = context

    def fit(self) -> None:
        """Fit the whole graph into the view, also after later resizes."""
        scene_sync = self._context.scene_sync
        viewer = self._context.viewer
        viewer.fit(scene_sync.nodes_rect(), context_rect=scene_sync.visible_items_rect())
        viewer.is_fitted = True

    def fit_selection(self) -> None:
        """Fit the selected items into the view, or the whole graph if none is selected."""
        names = self._context.session.selected_items
        rect = self._rect_of(names) if names else self._context.scene_sync.nodes_rect()
        self._context.viewer.fit(rect, max_zoom=1.5)

    def reveal(self, names: Iterable[ItemKey]) -> None:
        """Scroll to nodes and notes; zoom too if they would be illegible, or do not fit."""
        names = list(names)
        viewer, rect = self._context.viewer, self._rect_of(names)
        visible = viewer.visible_rect
        has_space = rect.width() < visible.width() and rect.height() < visible.height()
        if has_space and viewer.zoom >= MIN_SHAPE_ZOOM:
            self.ensure_visible(names)
        elif not rect.isEmpty():
            viewer.fit(rect.adjusted(-200, -150, 200, 150))

    def ensure_visible(self, names: Iterable[ItemKey]) -> None:
        """Scroll by the smallest distance that makes items fully visible, without zooming."""
        self._context.session.current_report()  # the node width depends on the inferred shapes
        viewer, rect = self._context.viewer, self._rect_of(list(names))
        if rect.isEmpty():
            return
        target = QRect(viewer.mapFromScene(rect).boundingRect())
        target.adjust(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        viewport = viewer.viewport().rect()
        shift = QPoint(
            _shift(target.left(), target.right(), viewport.right()),
            _shift(target.top(), target.bottom(), viewport.bottom()),
        )
        if not shift.isNull():
            viewer.pan_by(shift)

    def _rect_of(self, names: Collection[ItemKey]) -> QRectF:
        """Return the scene rectangle around items; collapsed frames replace their hidden nodes."""
        scene_sync = self._context.scene_sync
        found = {key: scene_sync.item(key) for key in names}
        visible = [key for key, item in found.items() if item is not None and item.isVisible()]
        rect = scene_sync.nodes_rect(visible)
        project_frames = frames(self._context.session.project)
        for item, frame in zip(scene_sync.frames, project_frames, strict=False):
            if frame.collapsed and not set(names).isdisjoint(frame.nodes):
                rect |= item.sceneBoundingRect()
        return rect

    def zoom_by(self, steps: int) -> None:
        """Zoom in by a factor of 1.25 per step; negative steps zoom out."""
        self._context.viewer.set_zoom_at(self._context.viewer.zoom * _STEP**steps)

    def select_neighbor(self, direction: Direction) -> None:
        """Select a neighbor of the last selected node.

        The neighbor is the nearest node above or below, the nearest source (left), or the nearest
        consumer (right). If no node is selected, the first node is selected.
        """
        session = self._context.session
        if session.selection:
            name = self._next_node(session.selection[-1], direction)
        else:
            name = next(iter(session.graph.by_name), None)
        if name is not None:
            session.reveal([name])

    def _next_node(self, name: str, direction: Direction) -> str | None:
        graph = self._context.session.graph
        if direction == "right":
            return self._nearest(name, graph.consumers[name])
        if direction == "left":
            return self._nearest(name, [s for s in graph[name].sources() if s in graph])
        y = self._center(name).y()
        sign = 1 if direction == "down" else -1
        others = [other for other in graph.by_name if sign * (self._center(other).y() - y) > 1]
        return self._nearest(name, others)

    def _nearest(self, name: str, candidates: Iterable[str]) -> str | None:
        return min(candidates, key=lambda other: self._distance(name, other), default=None)

    def _distance(self, name: str, other: str) -> float:
        delta = self._center(other) - self._center(name)
        return float(abs(delta.x()) * 2 + abs(delta.y()))

    def _center(self, name: str) -> QPointF:
        return self._context.scene_sync.nodes_rect([name]).center()


def _shift(first: int, last: int, last_visible: int) -> int:
    """Return the shift that moves the interval `first`..`last` into 0..`last_visible`.

    If the interval is too long to fit, its start is made visible.
    """
    if last > last_visible:
        return min(last - last_visible, first)
    return min(first, 0)
