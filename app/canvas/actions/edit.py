"""What keys and menus do to the nodes and wires that are selected."""

from __future__ import annotations

from app.canvas import edits
from app.canvas.gestures.connection_check import Fits
from app.canvas.gestures.context import Stage
from app.canvas.scene_sync import End
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import (
    add_frame,
    remove_frame,
    set_collapsed,
    set_frame,
    set_route,
    take_out_of_frames,
)
from engine.graph.model import Project
from engine.graph.view import Frame, collapsed, frame_of

NEW = "new frame"  # its first title is one step of undo with it


class Editing:
    """Edits of what is selected on one canvas; each is one step of undo.

    Args:
        stage: the canvas.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._session = stage.session

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
            without = edits.unwired(project, cut)
            return edits.deleted(without, names, report, bridge)

        self._stage.select_wires(set())
        self._session.edit("Delete" if bridge else "Delete without bridging", gone)

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
                return edits.wired(project, source, End(name, slot.port, slot.place))
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
                project = node_edits.set_off(project, name, off)
            return project

        self._session.edit("Bypass" if off else "Use again", run)

    def fold(self) -> None:
        """Draw the selected nodes as their headers only, or whole again."""
        folded = collapsed(self._session.project)
        on = not all(name in folded for name in self._chosen)
        self._session.edit("Collapse" if on else "Expand", set_collapsed, list(self._chosen), on)

    # Frames.

    def frame(self) -> bool:
        """Draw a frame around the selected nodes; its title is still to be typed."""
        chosen = list(self._chosen)
        return bool(chosen) and self._session.edit_merging(NEW, "Frame", add_frame, chosen)

    def unframe(self) -> None:
        """Take the selected nodes out of their frames."""
        self._session.edit("Take out of frame", take_out_of_frames, list(self._chosen))

    def fold_frames(self) -> None:
        """Draw the frames of the selected nodes as one box each, or open them again."""
        chosen = self._chosen_frames
        on = not all(frame.collapsed for frame in chosen.values())

        def run(project: Project) -> Project:
            for at in chosen:
                project = set_frame(project, at, collapsed=on)
            return project

        self._session.edit("Collapse frame" if on else "Expand frame", run)

    def remove_frames(self) -> None:
        """Take the frames of the selected nodes away and leave the nodes."""
        chosen = self._chosen_frames

        def run(project: Project) -> Project:
            for at in sorted(chosen, reverse=True):
                project = remove_frame(project, at)
            return project

        if chosen:
            self._session.edit("Remove frame", run)

    def delete_frames(self) -> None:
        """Delete the frames of the selected nodes with all nodes in them."""
        names = [name for frame in self._chosen_frames.values() for name in frame.nodes]
        report = self._session.settle_report()
        if names:
            self._session.edit("Delete frame", edits.deleted, names, report, True)

    @property
    def _chosen_frames(self) -> dict[int, Frame]:
        """The frames of the selected nodes, by their places in the file."""
        within = frame_of(self._session.project)
        return {within[name].at: within[name] for name in self._chosen if name in within}
