"""Reading of the notes in a project's view: plain text on the canvas, with links to nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.graph.model import Json, Project
from engine.graph.view import MAX_COORDINATE, Point, frame_members, get_list, parse_point

MAX_NOTES = 1000
MAX_NOTE_LENGTH = 4000  # characters
MIN_NOTE_WIDTH, NOTE_WIDTH, MAX_NOTE_WIDTH = 100, 220, 2000  # in scene units


@dataclass(frozen=True)
class Note:
    """A text on the canvas.

    Args:
        index: the index in the file's list of notes; edits identify the note by its index.
        at: the top left corner.
        width: the width; the height follows from the text.
        nodes: names of the nodes that the note is linked to.
    """

    index: int
    text: str
    at: Point
    width: int = NOTE_WIDTH
    nodes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The first line of the text."""
        return self.text.strip().split("\n", 1)[0].strip()


def notes(project: Project) -> tuple[Note, ...]:
    """Return the notes that have a text and a valid position. A very long text is truncated."""
    entries = enumerate(get_list(project.view, "notes")[:MAX_NOTES])
    found = (_note(project, index, entry) for index, entry in entries)
    return tuple(note for note in found if note is not None)


def _note(project: Project, index: int, entry: Json) -> Note | None:
    if not isinstance(entry, Mapping):
        return None
    text, at = entry.get("text"), parse_point(entry.get("at"))
    if not isinstance(text, str) or not text.strip() or at is None:
        return None
    names = dict.fromkeys(name for name in frame_members(entry) if name in project.graph)
    width = clamp_width(entry.get("width"))
    return Note(index, text[:MAX_NOTE_LENGTH], at, width, tuple(names))


def clamp_width(value: Json) -> int:
    """Return the nearest width that a note may have, the default for an invalid value."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return NOTE_WIDTH
    if not abs(value) <= MAX_COORDINATE:  # `not <=` also catches NaN
        return NOTE_WIDTH
    return max(MIN_NOTE_WIDTH, min(round(value), MAX_NOTE_WIDTH))
