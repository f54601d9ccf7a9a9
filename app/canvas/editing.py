"""What keys and menus do to the nodes and wires that are selected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from PySide6.QtCore import QMimeData, QPointF
from PySide6.QtGui import QGuiApplication

from app.canvas import commands
from app.canvas.card import HEAD
from app.canvas.fits import Fits
from app.canvas.picture import End
from app.canvas.stage import SNAP, Stage, snapped
from engine.core.diagnostic import Refused
from engine.graph import edits, file, fragment
from engine.graph.frames import (
    add_frame,
    remove_frame,
    set_collapsed,
    set_frame,
    set_route,
    take_out_of_frames,
)
from engine.graph.model import Project
from engine.graph.view import collapsed, frame_of, places
from engine.picture.align import Axis, Side, align, distribute
from engine.picture.tidy import tidy

_LONGEST_CLIPBOARD = 4_000_000  # characters; a longer text is no network, and cut off no JSON


class Editing:
    """Edits of what is selected on one canvas; each is one step of undo.

    Args:
        stage: the canvas.
        pointer: answers the place of the scene that is pointed at.
        show: brings new nodes into sight.
    """

    def __init__(
        self,
        stage: Stage,
        pointer: Callable[[], QPointF],
        show: Callable[[Iterable[str]], object],
    ) -> None:
        self._stage, self._show = stage, show
        self._session = stage.session
        self._pointer = pointer
        self._pasted = 0  # times at the same place, each a little further down
        self._pasted_at = (0.0, 0.0)

    @property
    def _chosen(self) -> tuple[str, ...]:
        return self._session.selection

    @property
    def _cut(self) -> list[End]:
        return [end for end in self._stage.wires if end in self._stage.picture.wires]

    # Deleting.

    def delete(self, bridge: bool = True) -> None:
        """Delete selected nodes and wires; with `bridge`, wires close over the gap."""
        names, cut = self._chosen, self._cut
        if not names and not cut:
            return
        report = self._session.settle_report()

        def gone(project: Project) -> Project:
            without = commands.unwired(project, cut)
            return commands.deleted(without, names, report, bridge)

        self._stage.select_wires(set())
        self._session.edit("Delete" if bridge else "Delete without bridging", gone)

    # Clipboard.

    def copy(self) -> None:
        """Put the selected nodes on the clipboard, as text that a file would hold."""
        if not self._chosen:
            return
        text = file.dumps(fragment.copy(self._session.project, self._chosen))
        # Not as data of our own type: PySide deletes those twice where the program ends.
        QGuiApplication.clipboard().setText(text)
        self._pasted = 0

    def cut(self) -> None:
        """Copy the selected nodes and delete them."""
        self.copy()
        if self._chosen:
            self._session.edit(
                "Cut", commands.deleted, self._chosen, self._session.settle_report(), True
            )

    def paste(self, outside: bool = False) -> None:
        """Put what is on the clipboard at the pointer.

        Args:
            outside: also keep wires from nodes that were not copied.
        """
        copied = self._clipboard()
        if copied is None:
            return
        corners = places(copied).values()
        at = snapped(self._pointer())
        if at != self._pasted_at:
            self._pasted, self._pasted_at = 0, at
        left = min((x for x, _ in corners), default=0)
        top = min((y for _, y in corners), default=0)
        by = (at[0] - left + self._pasted * 2 * SNAP, at[1] - top + self._pasted * 2 * SNAP)
        self._pasted += 1
        self._put("Paste", lambda project: fragment.paste(project, copied, by, outside))

    def _clipboard(self) -> Project | None:
        # Where nothing was ever copied, some systems have no data at all.
        mime = QGuiApplication.clipboard().mimeData() or QMimeData()
        text = mime.text()
        try:
            return file.parse(text[:_LONGEST_CLIPBOARD].encode()).project
        except Refused:
            self._session.told.emit("The clipboard holds no nodes. Copy some nodes first.")
            return None

    def duplicate(self) -> None:
        """Copy the selected nodes beside themselves, with the wires that enter them."""
        copied = fragment.copy(self._session.project, self._chosen)
        by = (2 * SNAP, self._height() + 2 * SNAP)
        self._put("Duplicate", lambda project: fragment.paste(project, copied, by, True))

    def linked_copy(self) -> None:
        """Copy the selected nodes so that the copies use the same weights."""
        chosen, by = self._chosen, (2 * SNAP, self._height() + 2 * SNAP)
        self._put("Linked copy", lambda project: fragment.linked(project, chosen, by))

    def _put(self, label: str, paste: Callable[[Project], fragment.Pasted]) -> None:
        put: list[str] = []

        def run(project: Project) -> Project:
            pasted = paste(project)
            put.extend(pasted.names.values())
            return pasted.project

        if self._session.edit(label, run):
            self._session.select(put)
            self._show(put)

    def _height(self) -> float:
        return float(self._stage.picture.rect_of(self._chosen).height())

    # Selecting.

    def select_all(self) -> None:
        """Select every node."""
        self._session.select(self._session.graph.by_name)

    def invert(self) -> None:
        """Select the nodes that are not selected."""
        self._session.select(set(self._session.graph.by_name) - set(self._chosen))

    def select_none(self) -> None:
        """Select nothing."""
        self._session.select(())
        self._stage.select_wires(set())

    # Wires.

    def connect_selected(self) -> None:
        """Wire the selected nodes to one another, from left to right, where ports are free."""
        nodes = self._stage.picture.nodes
        names = sorted(self._chosen, key=lambda name: (nodes[name].x(), nodes[name].y()))

        def run(project: Project) -> Project:
            for source, name in zip(names, names[1:], strict=False):
                project = self._joined(project, source, name)
            return project

        if len(names) > 1:
            self._session.edit("Connect", run)

    def _joined(self, project: Project, source: str, name: str) -> Project:
        if name not in self._stage.picture.nodes:
            return project
        item, fits = self._stage.picture.nodes[name], Fits(self._session.settle_report())
        wired = {port for port, _, _ in project.graph[name].wires()}
        for slot in item.face.inputs:
            free = slot.spare or slot.port not in wired
            if free and not fits.refusal(source, name, slot.port, slot.place):
                return commands.wired(project, source, End(name, slot.port, slot.place))
        raise ValueError(f"{source} does not fit a free port of {name}")

    def straighten(self) -> None:
        """Take the bends out of the selected wires."""
        cut = self._cut
        references = {end: self._stage.picture.wires[end].start.reference for end in cut}

        def run(project: Project) -> Project:
            for end, reference in references.items():
                project = set_route(project, reference, end.node, end.port, [])
            return project

        self._session.edit("Straighten wire", run)

    # What nodes are.

    def bypass(self) -> None:
        """Bypass the selected nodes, or if all are bypassed put them back into use."""
        graph = self._session.graph
        off = not all(graph[name].off for name in self._chosen)

        def run(project: Project) -> Project:
            for name in self._chosen:
                project = edits.set_off(project, name, off)
            return project

        self._session.edit("Bypass" if off else "Use again", run)

    def fold(self) -> None:
        """Draw the selected nodes as their headers only, or whole again."""
        folded = collapsed(self._session.project)
        on = not all(name in folded for name in self._chosen)
        self._session.edit("Collapse" if on else "Expand", set_collapsed, list(self._chosen), on)

    # Frames.

    def frame(self) -> None:
        """Draw a frame around the selected nodes."""
        if self._chosen:
            self._session.edit("Frame", add_frame, list(self._chosen))

    def unframe(self) -> None:
        """Take the selected nodes out of their frames."""
        self._session.edit("Take out of frame", take_out_of_frames, list(self._chosen))

    def fold_frames(self) -> None:
        """Draw the frames of the selected nodes as one box each, or open them again."""
        within = frame_of(self._session.project)
        chosen = {within[name].at: within[name] for name in self._chosen if name in within}
        on = not all(frame.collapsed for frame in chosen.values())

        def run(project: Project) -> Project:
            for at in chosen:
                project = set_frame(project, at, collapsed=on)
            return project

        self._session.edit("Collapse frame" if on else "Expand frame", run)

    def remove_frames(self) -> None:
        """Take the frames of the selected nodes away and leave the nodes."""
        within = frame_of(self._session.project)
        chosen = {within[name].at for name in self._chosen if name in within}

        def run(project: Project) -> Project:
            for at in sorted(chosen, reverse=True):
                project = remove_frame(project, at)
            return project

        if chosen:
            self._session.edit("Remove frame", run)

    # Places.

    def nudge(self, across: int, down: int) -> None:
        """Move the selected nodes by steps of the grid; a row of nudges is one step of undo."""
        nodes = self._stage.picture.nodes
        places = {
            name: (nodes[name].x() + across * SNAP, nodes[name].y() + down * SNAP)
            for name in self._chosen
        }
        if places:
            self._session.edit_merging(("nudge", self._chosen), "Nudge", edits.move, places)

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
        self._session.edit("Tidy", tidy, sizes, across, chosen, places=standing, header=HEAD)

    def _boxes(self) -> dict[str, tuple[float, float, float, float]]:
        nodes = self._stage.picture.nodes
        return {
            name: (nodes[name].x(), nodes[name].y(), nodes[name].width, nodes[name].height)
            for name in self._chosen
        }

    def _place(self, label: str, places: Mapping[str, tuple[float, float]]) -> None:
        if places:
            self._session.edit(label, edits.move, places)
