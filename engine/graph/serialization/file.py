"""Graph files, *.loom.json: bytes to a project or a refusal, and a project to bytes."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.core.files import atomic_write
from engine.graph.model import Project
from engine.graph.serialization.decoder import project_of
from engine.graph.serialization.encoder import dumps
from engine.graph.serialization.json_reader import MAX_BYTES, text_of, value_of
from engine.graph.serialization.migration import migrated
from engine.graph.serialization.parse_error import Fault, too_many

__all__ = ["Loaded", "dumps", "name_of", "parse", "read", "write"]


@dataclass(frozen=True)
class Loaded:
    """A project that was opened, and what of its file an older or newer version wrote."""

    project: Project
    diagnostics: tuple[Diagnostic, ...] = ()


def parse(data: bytes) -> Loaded:
    """Return the project that the bytes of a file say.

    Any bytes give either an answer or a refusal, in bounded time and memory. What is wrong with
    the graph itself is left to the checks.

    Raises:
        Refused: the bytes are no graph file, and why, with line, column and path.
    """
    text = text_of(data)
    value = value_of(text)
    try:
        today, notes = migrated(value)
        project, unknown = project_of(today)
    except Fault as fault:
        raise fault.refused(text) from None
    return Loaded(project, (*notes, *unknown))


def read(path: str | os.PathLike[str]) -> Loaded:
    """Return the project in a file.

    Raises:
        Refused: it can't be read, or is no graph file.
    """
    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):
            raise IsADirectoryError(21, "not a regular file")
        if state.st_size > MAX_BYTES:
            raise too_many("bytes", state.st_size, MAX_BYTES).refused("")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise atomic_write.refusal(error, Path(path), "read") from error
    return parse(data)


def write(path: str | os.PathLike[str], project: Project) -> None:
    """Save a project. A path that is a link keeps being one; the file behind it is replaced.

    Raises:
        Refused: it can't be written, or could not be opened again; the old file stands.
    """
    data = dumps(project).encode()
    parse(data)  # nothing is saved that this program would refuse to open
    try:
        target = os.path.realpath(path)
    except (OSError, ValueError) as error:
        raise atomic_write.refusal(error, Path(path), "written") from error
    atomic_write.write_bytes(target, data)


def name_of(path: Path) -> str:
    """Return what people call a graph file: "posts" for "posts.loom.json"."""
    return path.name.removesuffix(".json").removesuffix(".loom") or "network"
