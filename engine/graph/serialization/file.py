"""Reading and writing graph files (*.loom.json)."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.core.files import atomic_write
from engine.graph.model import Project
from engine.graph.serialization.decoder import project_from_json
from engine.graph.serialization.encoder import dumps
from engine.graph.serialization.json_reader import MAX_BYTES, decode_text, parse_json
from engine.graph.serialization.migration import migrate
from engine.graph.serialization.parse_error import GraphFileError, limit_error

__all__ = ["LoadedProject", "dumps", "project_name", "parse", "read", "write"]


@dataclass(frozen=True)
class LoadedProject:
    """A project read from a file, with notes on a migration and on unknown keys."""

    project: Project
    diagnostics: tuple[Diagnostic, ...] = ()


def parse(data: bytes) -> LoadedProject:
    """Return the project in the content of a file.

    Time and memory are bounded for any content. The graph may be invalid; `check` reports that.

    Raises:
        DiagnosticError: the content is not a valid graph file. The error names its position.
    """
    text = decode_text(data)
    value = parse_json(text)
    try:
        value, notes = migrate(value)
        project, unknown_keys = project_from_json(value)
    except GraphFileError as error:
        raise error.to_diagnostic_error(text) from None
    return LoadedProject(project, (*notes, *unknown_keys))


def read(path: str | os.PathLike[str]) -> LoadedProject:
    """Return the project in a file.

    Raises:
        DiagnosticError: the file can't be read, or is not a valid graph file.
    """
    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):
            raise IsADirectoryError(21, "not a regular file")
        if state.st_size > MAX_BYTES:
            raise limit_error("bytes", state.st_size, MAX_BYTES).to_diagnostic_error("")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise atomic_write.file_error(error, Path(path), "read") from error
    return parse(data)


def write(path: str | os.PathLike[str], project: Project) -> None:
    """Save a project. If the path is a symbolic link, the file that it points to is replaced.

    Raises:
        DiagnosticError: the project can't be written, or its file would be invalid. An existing
            file is then unchanged.
    """
    data = dumps(project).encode()
    parse(data)  # never save a file that could not be opened again
    try:
        target = os.path.realpath(path)
    except (OSError, ValueError) as error:
        raise atomic_write.file_error(error, Path(path), "written") from error
    atomic_write.write_bytes(target, data)


def project_name(path: Path) -> str:
    """Return the name of a graph file without its extension: "posts" for "posts.loom.json"."""
    return path.name.removesuffix(".json").removesuffix(".loom") or "network"
