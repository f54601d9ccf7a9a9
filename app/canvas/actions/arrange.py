"""Where the selected nodes stand: nudged, aligned, spread, or laid out anew."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from app.canvas.gestures.context import SNAP, Stage
from app.canvas.items.node_layout import HEAD
from engine.diagram.alignment import Axis, Side, align, distribute
from engine.diagram.tidy import tidy
from engine.graph.edits import node_edits


class Arranging:
    """Moves what is selected on one canvas; each is one step of undo.

    Args:
        stage: the canvas.
        show: brings nodes into sight.
    """

    def __init__(self, stage: Stage, show: Callable[[Iterable[str]], object]) -> None:
        self._stage, self._show = stage, show
        self._session = stage.session

    @property
    def _chosen(self) -> tuple[str, ...]:
        return self._session.selection

    def nudge(self, across: int, down: int) -> None:
        """Move the selected nodes by steps of the grid; a row of nudges is one step of undo."""
        nodes = self._stage.picture.nodes
        places = {
            name: (nodes[name].x() + across * SNAP, nodes[name].y() + down * SNAP)
            for name in self._chosen
        }
        if places:
            self._session.edit_merging(("nudge", self._chosen), "Nudge", node_edits.move, places)

    def align(self, side: Side) -> None:
        """Put the selected nodes in one line."""
        self._place("Align", align(self._boxes(), side))

    def distribute(self, axis: Axis) -> None:
        """Put equal gaps between the selected nodes."""
        self._place("Distribute", distribute(self._boxes(), axis))

    def tidy(self, across: bool = True) -> None:
        """Lay out the selected nodes, or if fewer than two are selected all.

        Args:
            across: from left to right, else from top to bottom.
        """
        nodes = self._stage.picture.nodes
        sizes = {name: (item.width, item.height) for name, item in nodes.items()}
        chosen: Collection[str] | None = self._chosen if len(self._chosen) > 1 else None
        standing = {name: (item.x(), item.y()) for name, item in nodes.items()}
        if self._session.edit("Tidy", tidy, sizes, across, chosen, places=standing, header=HEAD):
            self._show(chosen or nodes)

    def _boxes(self) -> dict[str, tuple[float, float, float, float]]:
        nodes = self._stage.picture.nodes
        return {
            name: (nodes[name].x(), nodes[name].y(), nodes[name].width, nodes[name].height)
            for name in self._chosen
        }

    def _place(self, label: str, places: Mapping[str, tuple[float, float]]) -> None:
        if places:
            self._session.edit(label, node_edits.move, places)
