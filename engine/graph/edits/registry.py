"""Applies the edits of fixes to a project; `EDITS` holds the edit functions by edit name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence

from engine.graph.edits import (
    field_edits,
    frame_edits,
    node_edits,
    note_edits,
    output_edits,
    wire_edits,
)
from engine.graph.model import Json, Project


def apply_edit(project: Project, edit: Mapping[str, Json]) -> Project:
    """Apply the edit of a fix, `{"do": name, ...arguments}`; raise a ValueError if that fails."""
    arguments = {key: value for key, value in edit.items() if key != "do"}
    function = EDITS.get(str(edit.get("do")))
    if function is None:
        raise ValueError(f"there is no edit called {edit.get('do')!r}")
    try:
        inspect.signature(function).bind(project, **arguments)
    except TypeError as error:
        raise ValueError(f"{edit['do']}: {error}") from None
    return function(project, **arguments)


def apply_edits(project: Project, edits: Sequence[Mapping[str, Json]]) -> Project:
    """Return the project after the edits of several fixes, applied in order."""
    for edit in edits:
        project = apply_edit(project, edit)
    return project


EDITS: Mapping[str, Callable[..., Project]] = {
    "add_node": node_edits.add_node,
    "remove_node": node_edits.remove_node,
    "remove_nodes": node_edits.remove_nodes,
    "rename_node": node_edits.rename_node,
    "set_kind": node_edits.set_kind,
    "share": node_edits.share,
    "unshare": node_edits.unshare,
    "insert_on_wire": node_edits.insert_on_wire,
    "connect": output_edits.connect_with_objectives,
    "rewire": wire_edits.rewire,
    "disconnect": wire_edits.disconnect,
    "move_wires": wire_edits.move_wires,
    "set_params": field_edits.set_params,
    "remove_param": field_edits.remove_param,
    "rename_param": field_edits.rename_param,
    "set_off": field_edits.set_off,
    "move": field_edits.move,
    "set_description": field_edits.set_description,
    "set_recipe": field_edits.set_recipe,
    "remove_recipe": field_edits.remove_recipe,
    "rename_recipe": field_edits.rename_recipe,
    "set_mapping": field_edits.set_mapping,
    "set_file": field_edits.set_file,
    "take_missing": field_edits.take_missing,
    "set_weights": field_edits.set_weights,
    "set_split": field_edits.set_split,
    "set_windows": field_edits.set_windows,
    "add_frame": frame_edits.add_frame,
    "set_frame": frame_edits.set_frame,
    "remove_frame": frame_edits.remove_frame,
    "put_in_frame": frame_edits.put_in_frame,
    "take_out_of_frames": frame_edits.take_out_of_frames,
    "set_route": frame_edits.set_route,
    "set_collapsed": frame_edits.set_collapsed,
    "add_note": note_edits.add_note,
    "set_note": note_edits.set_note,
    "move_notes": note_edits.move_notes,
    "remove_notes": note_edits.remove_notes,
    "several": apply_edits,
}
