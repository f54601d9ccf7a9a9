"""Edits of notes, which identify a note by its index in the file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.graph.edits.field_edits import rounded_point
from engine.graph.edits.frame_edits import view_entries
from engine.graph.edits.wire_edits import get_node
from engine.graph.model import Json, Project
from engine.graph.notes import MAX_NOTE_LENGTH, MAX_NOTES, NOTE_WIDTH, clamp_width
from engine.graph.view import with_list


def add_note(
    project: Project,
    text: str,
    at: Sequence[float],
    width: int = NOTE_WIDTH,
    nodes: Sequence[str] = (),
) -> Project:
    """Add a note with its top left corner at `at`, linked to `nodes`."""
    entries = view_entries(project, "notes")
    if len(entries) >= MAX_NOTES:
        raise ValueError(f"there are at most {MAX_NOTES} notes")
    entry = _changed(project, {"text": "", "at": rounded_point(at)}, text, width, nodes)
    return _with_notes(project, [*entries, entry])


def set_note(
    project: Project,
    note: int,
    text: str | None = None,
    width: int | None = None,
    nodes: Sequence[str] | None = None,
) -> Project:
    """Set text, width and linked nodes of the note with index `note`; None keeps a value."""
    entries = view_entries(project, "notes")
    entries[note] = _changed(project, _entry(entries, note), text, width, nodes)
    return _with_notes(project, entries)


def move_notes(project: Project, places: Sequence[Sequence[float]]) -> Project:
    """Move notes; `places` has [index, x, y] for each."""
    entries = view_entries(project, "notes")
    for index, *at in places:
        entries[int(index)] = {**_entry(entries, int(index)), "at": rounded_point(at)}
    return _with_notes(project, entries)


def remove_notes(project: Project, notes: Collection[int]) -> Project:
    """Remove the notes with these indices."""
    entries = view_entries(project, "notes")
    for index in notes:
        _entry(entries, index)
    return _with_notes(project, [e for index, e in enumerate(entries) if index not in notes])


def _entry(entries: Sequence[Json], index: int) -> dict[str, Json]:
    is_index = isinstance(index, int) and 0 <= index < len(entries)
    if not is_index or not isinstance(entries[index], Mapping):
        raise ValueError(f"there is no note {index}")
    return dict(entries[index])


def _changed(
    project: Project,
    entry: dict[str, Json],
    text: str | None,
    width: int | None,
    nodes: Sequence[str] | None,
) -> dict[str, Json]:
    """Return `entry` with the values that are not None; defaults are not stored."""
    if text is not None:
        if not isinstance(text, str) or not text.strip() or len(text) > MAX_NOTE_LENGTH:
            raise ValueError(f"a note has 1 to {MAX_NOTE_LENGTH:,} characters")
        entry["text"] = text
    if width is not None:
        entry["width"] = clamp_width(width)
    if nodes is not None:
        entry["nodes"] = [*dict.fromkeys(get_node(project, name).name for name in nodes)]
    return {
        key: value
        for key, value in entry.items()
        if not (key == "nodes" and not value) and not (key == "width" and value == NOTE_WIDTH)
    }


def _with_notes(project: Project, entries: list[Json]) -> Project:
    return replace(project, view=with_list(project.view, "notes", entries))
