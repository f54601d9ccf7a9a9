"""The user's notes on a run: name, star and text, saved in notes.json of its folder."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import diagnostic_error
from engine.core.files.atomic_write import write_bytes

NOTES_FILE = "notes.json"
MAX_NAME_LENGTH, MAX_TEXT_LENGTH = 200, 100_000


@dataclass(frozen=True, slots=True)
class RunNotes:
    """The content of notes.json. If `name` is "", the folder's name is displayed."""

    name: str = ""
    star: bool = False
    text: str = ""


def read_notes(run: Path) -> RunNotes:
    """Return the notes on a run, with default values for missing or invalid fields."""
    with suppress(OSError, ValueError, RecursionError):
        fields = json.loads((run / NOTES_FILE).read_bytes().decode())
        if isinstance(fields, dict):
            name, text = _text(fields.get("name")), _text(fields.get("text"))
            return RunNotes(name, fields.get("star") is True, text)
    return RunNotes()


def set_name(run: Path, name: str) -> RunNotes:
    """Set the display name of a run, and return its notes.

    The folder of the run is not renamed because the folder may be in use.

    Raises:
        DiagnosticError: run-name-unfit, or if notes.json can't be written.
    """
    name = name.strip()
    if len(name) > MAX_NAME_LENGTH or not name.isprintable():
        is_long = len(name) > MAX_NAME_LENGTH
        raise diagnostic_error(
            "run-name-unfit",
            "the name of the run is not allowed",
            "Use a shorter name, and put the rest into the notes.",
            found=f"{len(name):,} characters" if is_long else repr(name[:40]),
            expected=f"one line of at most {MAX_NAME_LENGTH} characters",
        )
    return _write(run, replace(read_notes(run), name=name))


def set_star(run: Path, starred: bool = True) -> RunNotes:
    """Set or clear the star of a run, and return its notes.

    Raises:
        DiagnosticError: if notes.json can't be written.
    """
    return _write(run, replace(read_notes(run), star=starred))


def set_text(run: Path, text: str) -> RunNotes:
    """Set the text of a run's notes, and return the notes.

    Raises:
        DiagnosticError: if notes.json can't be written.
    """
    return _write(run, replace(read_notes(run), text=text[:MAX_TEXT_LENGTH]))


def _write(run: Path, notes: RunNotes) -> RunNotes:
    write_bytes(run / NOTES_FILE, json.dumps(asdict(notes), indent=1).encode() + b"\n")
    return notes


def _text(value: Any) -> str:
    return value[:MAX_TEXT_LENGTH] if isinstance(value, str) else ""
