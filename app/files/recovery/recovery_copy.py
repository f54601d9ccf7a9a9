"""The format of a recovery copy: a snapshot of a document."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.documents.session import SplitPaths
from engine.graph.model import Project
from engine.graph.serialization.file import dumps

FORMAT = "layerloom-recovery"


@dataclass(frozen=True)
class RecoveryCopy:
    """A snapshot of a document.

    Args:
        title: the title of the document's tab.
        path: the file of the document, None if it was never saved.
        saved: the hash of the document's file when it was last read or written, "" without a file.
        pid: the id of the process that wrote the copy.
        written: the time of writing, in seconds since the epoch.
        text: the project in the file format.
        runs: the run folders of the document that are not next to its file.
        data: the training data, None if none was chosen.
        splits: the validation and the test file, None for each that was not chosen.
    """

    title: str
    path: Path | None
    saved: str
    pid: int
    written: float
    text: str
    runs: tuple[Path, ...] = ()
    data: Path | None = None
    splits: SplitPaths = (None, None)

    def to_bytes(self) -> bytes:
        """Return the copy as JSON."""
        path = None if self.path is None else os.fspath(self.path)
        value = {
            "format": FORMAT,
            "version": 1,
            "path": path,
            "title": self.title,
            "saved": self.saved,
            "pid": self.pid,
            "written": self.written,
            "project": self.text,
            "runs": [os.fspath(run) for run in self.runs],
        }
        if self.data is not None:
            value["data"] = os.fspath(self.data)
        if any(self.splits):
            value["splits"] = [split and os.fspath(split) for split in self.splits]
        return json.dumps(value).encode("ascii")

    @staticmethod
    def from_bytes(data: bytes) -> RecoveryCopy:
        """Return the recovery copy that JSON data describes.

        Raises:
            ValueError: the data is not a valid recovery copy.
        """
        try:
            value = json.loads(data)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise ValueError("not a recovery copy")
        path = _required(value, "path", str, type(None))
        if path is not None and (not os.path.isabs(path) or "\0" in path):
            raise ValueError("not an absolute path")
        return RecoveryCopy(
            title=_required(value, "title", str),
            path=None if path is None else Path(path),
            saved=_required(value, "saved", str),
            pid=_required(value, "pid", int),
            written=_timestamp(_required(value, "written", int, float)),
            text=_required(value, "project", str),
            runs=_paths(value.get("runs")),
            data=_path(value.get("data")),
            splits=_split_paths(value.get("splits")),
        )


def create_recovery_copy(
    title: str,
    path: Path | None,
    saved: str,
    project: Project,
    runs: tuple[Path, ...] = (),
    data: Path | None = None,
    splits: SplitPaths = (None, None),
) -> RecoveryCopy:
    """Return a snapshot of a document, with the id of this process and the current time.

    `saved` is the hash of the document's file, "" if there is no file. `runs` are the run folders
    of the document that are not next to its file, `data` is its training data, and `splits` are
    its validation and test files.
    """
    text, now = dumps(project), time.time()
    return RecoveryCopy(title, path, saved, os.getpid(), now, text, runs, data, splits)


def _paths(value: object) -> tuple[Path, ...]:
    """Return the valid absolute paths in the list `value`, () if `value` is not a list."""
    items = value if isinstance(value, list) else []
    return tuple(path for item in items if (path := _path(item)) is not None)


def _split_paths(value: object) -> SplitPaths:
    """Return the valid paths in a list of two, None instead of each that is not valid."""
    match value:
        case [validation, test]:
            return _path(validation), _path(test)
    return None, None


def _path(value: object) -> Path | None:
    """Return `value` as a path, None if it is not a valid absolute path."""
    if isinstance(value, str) and os.path.isabs(value) and "\0" not in value:
        return Path(value)
    return None


def _required(value: dict[str, Any], key: str, *types: type) -> Any:
    item = value.get(key)
    if isinstance(item, bool) or not isinstance(item, types):
        raise ValueError(f"{key} is missing")  # noqa: TRY004 - the file is at fault, not a caller
    return item


def _timestamp(written: float) -> float:
    try:
        return float(written)
    except OverflowError:
        raise ValueError("not a time") from None
