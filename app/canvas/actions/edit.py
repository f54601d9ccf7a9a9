"""Edit actions on the selected nodes, wires and frames."""

from __future__ import annotations

from app.canvas import edits
from app.canvas.context import CanvasContext
from app.canvas.items.wire_id import WireId
from app.documents.connection_check import ConnectionCheck
from app.documents.node_deletion import delete_items, delete_nodes
from app.documents.session import ItemKey
from engine.graph.edits import field_edits
from engine.graph.edits.frame_edits import (
    add_frame,
    remove_frame,
    set_collapsed,
    set_frame,
    set_route,
    take_out_of_frames,
)
from engine.graph.model import Project
from engine.graph.notes import notes
from engine.graph.view import Frame, collapsed_nodes, frames_by_node

NEW_FRAME_KEY = "new frame"  # merge key: adding a frame and typing its title are one undo step


class EditActions:
    """Edit actions on the selection of one canvas; each call is one undo step."""

    def __init__(self, context: CanvasContext) -> None:
        self._context = context
        self._session = context.session

    @property
    def _selection(self) -> tuple[str, ...]:
        return self._session.selection

    @property
    def _selected_wires(self) -> list[WireId]:
        return [
            wire for wire in self._context.selected_wires if wire in self._context.scene_sync.wires
        ]

    # Deleting.

    def delete(self, bridge: bool = True) -> None:
        """Delete the selected items and wires; `bridge` connects the neighbors of deleted nodes."""
        keys, wires = self._session.selected_items, self._selected_wires
        if not keys and not wires:
            return
        report = self._session.current_report()

        def remove(project: Project) -> Project:
            remaining = edits.disconnect_wires(project, wires)
            return delete_items(remaining, keys, report, bridge)

        self._context.select_wires(set())
        self._session.edit("Delete" if bridge else "Delete without bridging", remove)

    # Selecting.

    def select_all(self) -> None:
        self._session.select(self._all_items)

    def invert_selection(self) -> None:
        self._session.select(self._all_items - set(self._session.selected_items))

    @property
    def _all_items(self) -> set[ItemKey]:
        session = self._session
        return {*session.graph.by_name, *(note.index for note in notes(session.project))}

    def clear_selection(self) -> None:
        self._session.select(())
        self._context.select_wires(set())

    # Wires.

    def connect_selected(self) -> None:
        """Connect each selected node to the next selected node on its right, at free ports."""
        nodes = self._context.scene_sync.nodes
        names = sorted(self._selection, key=lambda name: (nodes[name].x(), nodes[name].y()))

        def apply(project: Project) -> Project:
            for source, name in zip(names, names[1:], strict=False):
                project = self._connect_to_free_port(project, source, name)
            return project

        if len(names) > 1:
            self._session.edit("Connect", apply)

    def _connect_to_free_port(self, project: Project, source: str, name: str) -> Project:
        if name not in self._context.scene_sync.nodes:
            return project
        check = ConnectionCheck(self._session.current_report())
        wired = {port for port, _, _ in project.graph[name].wires()}
        for slot in self._context.scene_sync.nodes[name].view_model.inputs:
            is_free = slot.is_placeholder or slot.port not in wired
            if is_free and not check.connection_problem(source, name, slot.port, slot.index):
                return edits.connect_wire(project, source, WireId(name, slot.port, slot.index))
        raise ValueError(f"No free port of {name} accepts the output of {source}")

    def straighten_wires(self) -> None:
        """Remove the bends of the selected wires."""
        wires = self._context.scene_sync.wires
        references = {wire: wires[wire].source_port.reference for wire in self._selected_wires}

        def apply(project: Project) -> Project:
            for wire, reference in references.items():
                project = set_route(project, reference, wire.node, wire.port, [])
            return project

        self._session.edit("Straighten wire", apply)

    # Node state.

    def toggle_bypass(self) -> None:
        """Bypass the selected nodes, or stop bypassing them if all are bypassed."""
        graph = self._session.graph
        is_bypassed = not all(graph[name].off for name in self._selection)

        def apply(project: Project) -> Project:
            for name in self._selection:
                project = field_edits.set_off(project, name, is_bypassed)
            return project

        self._session.edit("Bypass" if is_bypassed else "Enable", apply)

    def toggle_collapsed(self) -> None:
        """Collapse the selected nodes to their headers, or expand them if all are collapsed."""
        collapsed_names = collapsed_nodes(self._session.project)
        is_collapsed = not all(name in collapsed_names for name in self._selection)
        label = "Collapse" if is_collapsed else "Expand"
        self._session.edit(label, set_collapsed, list(self._selection), is_collapsed)

    # Frames.

    def add_frame(self) -> bool:
        """Add a frame around the selected nodes; return False if no node is selected.

        Adding the frame and typing its title right afterwards are one undo step.
        """
        nodes = list(self._selection)
        return bool(nodes) and self._session.edit_merging(NEW_FRAME_KEY, "Frame", add_frame, nodes)

    def remove_from_frames(self) -> None:
        self._session.edit("Remove from frame", take_out_of_frames, list(self._selection))

    def toggle_frames_collapsed(self) -> None:
        """Collapse the frames of the selected nodes; if all are collapsed, expand these frames."""
        selected = self._selected_frames
        is_collapsed = not all(frame.collapsed for frame in selected.values())

        def apply(project: Project) -> Project:
            for index in selected:
                project = set_frame(project, index, collapsed=is_collapsed)
            return project

        self._session.edit("Collapse frame" if is_collapsed else "Expand frame", apply)

    def remove_frames(self) -> None:
        """Remove the frames of the selected nodes, but not the nodes."""
        selected = self._selected_frames

        def apply(project: Project) -> Project:
            for index in sorted(selected, reverse=True):
                project = remove_frame(project, index)
            return project

        if selected:
            self._session.edit("Remove frame", apply)

    def delete_frames(self) -> None:
        """Delete the frames of the selected nodes, with all nodes in these frames."""
        names = [name for frame in self._selected_frames.values() for name in frame.nodes]
        report = self._session.current_report()
        if names:
            self._session.edit("Delete frame", delete_nodes, names, report, True)

    @property
    def _selected_frames(self) -> dict[int, Frame]:
        """The frames that contain selected nodes, by the index of the frame in the project file."""
        frame_by_node = frames_by_node(self._session.project)
        return {
            frame_by_node[name].index: frame_by_node[name]
            for name in self._selection
            if name in frame_by_node
        }
