"""Actions that position nodes: nudge, align, distribute, tidy."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.canvas import edits
from app.canvas.actions.navigation import ViewNavigation
from app.canvas.context import GRID_SIZE, CanvasContext
from app.canvas.items.node_layout import HEADER_HEIGHT
from engine.diagram.alignment import Axis, Side, align, distribute
from engine.diagram.tidy import tidy
from engine.graph.edits import field_edits
from engine.graph.repeats import collapse_repeats


class ArrangeActions:
    """Actions that move the selected nodes of one canvas; each call is one undo step."""

    def __init__(self, context: CanvasContext, navigation: ViewNavigation) -> None:
        self._context, self._navigation = context, navigation
        self._session = context.session

    @property
    def _selection(self) -> tuple[str, ...]:
        return self._session.selection

    def nudge(self, across: int, down: int) -> None:
        """Move the selected items right by `across` and down by `down` grid cells.

        Consecutive nudges merge into one undo step.
        """
        keys, item = self._session.selected_items, self._context.scene_sync.item
        positions = {
            key: (found.x() + across * GRID_SIZE, found.y() + down * GRID_SIZE)
            for key in keys
            if (found := item(key)) is not None
        }
        if positions:
            self._session.edit_merging(("nudge", keys), "Nudge", edits.move_items, positions)

    def align(self, side: Side) -> None:
        """Align the selected nodes at one of their sides or at their centers."""
        self._move("Align", align(self._boxes(), side))

    def distribute(self, axis: Axis) -> None:
        """Space the selected nodes evenly along an axis."""
        self._move("Distribute", distribute(self._boxes(), axis))

    def tidy(self, across: bool = True) -> None:
        """Lay out the selected nodes, or all nodes if fewer than two are selected.

        If `across` is true, the layout runs from left to right, otherwise from top to bottom.
        """
        nodes = self._context.scene_sync.nodes
        sizes = {name: (item.width, item.height) for name, item in nodes.items()}
        selected: Collection[str] | None = self._selection if len(self._selection) > 1 else None
        current_positions = {name: (item.x(), item.y()) for name, item in nodes.items()}
        if self._session.edit(
            "Tidy", tidy, sizes, across, selected, positions=current_positions, header=HEADER_HEIGHT
        ):
            self._navigation.reveal(selected or nodes)

    def collapse_repeats(self) -> None:
        """Collapse each repeated section into a frame of its own, as one undo step."""
        if self._session.edit("Collapse repeats", collapse_repeats):
            self._navigation.reveal(self._context.scene_sync.nodes)

    def _boxes(self) -> dict[str, tuple[float, float, float, float]]:
        nodes = self._context.scene_sync.nodes
        return {
            name: (nodes[name].x(), nodes[name].y(), nodes[name].width, nodes[name].height)
            for name in self._selection
        }

    def _move(self, label: str, positions: Mapping[str, tuple[float, float]]) -> None:
        if positions:
            self._session.edit(label, field_edits.move, positions)
