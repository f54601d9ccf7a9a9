"""One recovery copy: a document as it was at some moment, and the file that holds it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.graph.model import Project
from engine.graph.serialization.file import dumps

FORMAT = "layerloom-recovery"


@dataclass(frozen=True)
class Copy:
    """A document as it was at some moment.

    Args:
        title: what its tab was called.
        path: its own file, None if it had none.
        saved: the hash of that file as it was read or written last, "" if it never was.
        pid: the program that wrote the copy.
        written: when, in seconds since 1970.
        text: the whole project, as its file would hold it.
        runs: those of its runs that do not lie beside its file.
    """

    title: str
    path: Path | None
    saved: str
    pid: int
    written: float
    text: str
    runs: tuple[Path, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the copy as a file."""
        path = None if self.path is None else os.fspath(self.path)
        value = {"format": FORMAT, "version": 1, "path": path, "title": self.title,
                 "saved": self.saved, "pid": self.pid, "written": self.written,
                 "project": self.text, "runs": [os.fspath(run) for run in self.runs]}  # fmt: skip
        return json.dumps(value).encode("ascii")

    @staticmethod
    def from_bytes(data: bytes) -> Copy:
        """Return the copy in a file.

        Raises:
            ValueError: it is none, or not a whole one.
        """
        try:
            value = json.loads(data)
        except RecursionError:
            raise ValueError("too many brackets") from None
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise ValueError("no recovery copy")
        path = _take(value, "path", str, type(None))
        if path is not None and (not os.path.isabs(path) or "\0" in path):
            raise ValueError("no whole path")
        return Copy(
            title=_take(value, "title", str),
            path=None if path is None else Path(path),
            saved=_take(value, "saved", str),
            pid=_take(value, "pid", int),
            written=_moment(_take(value, "written", int, float)),
            text=_take(value, "project", str),
            runs=_paths(value.get("runs")),
        )


def copy_of(
    title: str, path: Path | None, saved: str, project: Project, runs: tuple[Path, ...] = ()
) -> Copy:
    """Return a copy of a document as it is now."""
    return Copy(title, path, saved, os.getpid(), time.time(), dumps(project), runs)


def _paths(value: object) -> tuple[Path, ...]:
    """Return the paths in a list; an earlier version wrote none."""
    found = value if isinstance(value, list) else []
    return tuple(
        Path(path) for path in found if isinstance(path, str) and os.path.isabs(path)
        if "\0" not in path
    )  # fmt: skip


def _take(value: dict[str, Any], key: str, *types: type) -> Any:
    found = value.get(key)
    if isinstance(found, bool) or not isinstance(found, types):
        raise ValueError(f"{key} is missing")  # noqa: TRY004 - the file is at fault, not a caller
    return found


def _moment(written: float) -> float:
    try:
        return float(written)
    except OverflowError:
        raise ValueError("no moment") from None
