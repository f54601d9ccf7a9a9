"""What a person says of a run: its name, a star, a text. Kept beside the run, never in it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import write_bytes

NAME = "notes.json"
LONGEST_NAME, LONGEST_TEXT = 200, 100_000


@dataclass(frozen=True, slots=True)
class Notes:
    """What stands in notes.json.

    Args:
        name: what the person calls the run, "" for the folder's name.
        star: True if it is one to come back to.
        text: anything.
    """

    name: str = ""
    star: bool = False
    text: str = ""


def read_notes(run: Path) -> Notes:
    """Return what was said of a run; what can't be understood counts as unsaid."""
    with suppress(OSError, ValueError, RecursionError):
        said = json.loads((run / NAME).read_bytes().decode())
        if isinstance(said, dict):
            return Notes(_text(said.get("name")), said.get("star") is True, _text(said.get("text")))
    return Notes()


def rename(run: Path, name: str) -> Notes:
    """Call a run something; its folder keeps its name, since a training may be at work in it.

    Raises:
        Refused: name-unfit, or if it can't be written.
    """
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise DiagnosticError(_unfit(name))
    return _write(run, replace(read_notes(run), name=name))


def star(run: Path, on: bool = True) -> Notes:
    """Mark a run, or take the mark away.

    Raises:
        Refused: if it can't be written.
    """
    return _write(run, replace(read_notes(run), star=on))


def annotate(run: Path, text: str) -> Notes:
    """Keep a text with a run.

    Raises:
        Refused: if it can't be written.
    """
    return _write(run, replace(read_notes(run), text=text[:LONGEST_TEXT]))


def _write(run: Path, notes: Notes) -> Notes:
    write_bytes(run / NAME, json.dumps(asdict(notes), indent=1).encode() + b"\n")
    return notes


def _text(value: Any) -> str:
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def _unfit(name: str) -> Diagnostic:
    return Diagnostic(
        "run-name-unfit",
        "a run can't be called that",
        found=f"{len(name):,} characters" if len(name) > LONGEST_NAME else repr(name[:40]),
        expected=f"one line of at most {LONGEST_NAME} characters",
        fixes=(Fix("Use a shorter name, and keep the rest as a note."),),
    )
