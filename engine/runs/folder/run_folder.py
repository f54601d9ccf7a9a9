"""The run folder: what stands where, and how a run comes into being and is found again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import file_error, make_folder, printable_path, write_bytes
from engine.graph.serialization.file import project_name
from engine.graph.serialization.json_reader import MAX_BYTES
from engine.runs.control import requests
from engine.runs.folder import notes
from engine.runs.folder.run_json import FORMAT, RUN, VERSION, described, missing
from engine.runs.log import event_log, lock

GRAPH = "graph.loom.json"
STATUS = "status.json"
CHECKPOINTS = "checkpoints"
BEST = "best.json"  # among them, which one is of the best epoch
MODEL = "model.safetensors"
RESULTS = "results"
TENSORBOARD = "tensorboard"
CURVES = "curves.cache"
NAMES = frozenset({
    RUN, GRAPH, STATUS, CHECKPOINTS, MODEL, RESULTS, TENSORBOARD, CURVES,
    lock.NAME, event_log.NAME, requests.NAME, notes.NAME,
})  # fmt: skip
_MOST_STATUS = 1 << 16  # bytes

Json = Mapping[str, Any]


class RunFolder:
    """One run on disk. `create` and `open` make one; its files are read and written through it.

    Args:
        path: the folder.
        run: what run.json holds: what was trained, how, on what, with which versions.
    """

    def __init__(self, path: Path, run: Json) -> None:
        self.path = path
        self.run = run

    @classmethod
    def create(cls, path: Path, run: Json, graph: bytes) -> RunFolder:
        """Return a new run in a new or empty folder. The caller holds its lock, see `prepare`.

        Args:
            path: a folder that `prepare` answered.
            run: goes into run.json: run_id, argv, versions, device, threads, seed, hashes.
            graph: the graph file, byte for byte.

        Raises:
            Refused: if a file can't be written.
        """
        told = {"format": FORMAT, "version": VERSION, **run}
        make_folder(path / CHECKPOINTS)
        write_bytes(path / GRAPH, graph)
        write_bytes(path / RUN, _json(told))
        return cls(path, told)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Return the run in a folder.

        Raises:
            Refused: run-missing, run-broken or run-newer.
        """
        return cls(path, described(path))

    @property
    def name(self) -> str:
        """The folder's name, by which people know the run."""
        return self.path.name

    @property
    def run_id(self) -> str:
        """What tells this run from all others."""
        return str(self.run.get("run_id", ""))

    @property
    def checkpoints(self) -> Path:
        """The folder of the checkpoints."""
        return self.path / CHECKPOINTS

    @property
    def model(self) -> Path:
        """The weights to keep and share, written when a run ends."""
        return self.path / MODEL

    def graph_bytes(self) -> bytes:
        """Return the graph file that is trained here.

        Raises:
            Refused: if it can't be read.
        """
        path = self.path / GRAPH
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)  # one more than is read, so that it is refused
        except OSError as error:
            raise file_error(error, path, "read") from error

    def belong_to(self, name: str) -> None:
        """Say that it is a run of a graph file of this name.

        Raises:
            Refused: if it can't be written.
        """
        if self.run.get("name") != name:
            told = {**self.run, "name": name}
            write_bytes(self.path / RUN, _json(told))
            self.run = told

    def write_status(self, status: Json) -> None:
        """Replace status.json; to be called about once a second."""
        write_bytes(self.path / STATUS, _json(status))

    def status(self) -> dict[str, Any]:
        """Return status.json, {} if there is none yet, or none that can be read."""
        with suppress(OSError, ValueError, RecursionError):
            with (self.path / STATUS).open("rb") as file:
                found = json.loads(file.read(_MOST_STATUS).decode())
            return found if isinstance(found, dict) else {}
        return {}

    def sweep(self) -> None:
        """Remove what a killed process left half written; only for the holder of the lock."""
        for folder in (self.path, self.checkpoints):
            for left in folder.glob("*.tmp-*"):
                with suppress(OSError):
                    left.unlink()


def prepare(path: Path, resume: bool = False) -> lock.RunLock:
    """Make a folder fit for a training, and answer its lock, taken.

    Args:
        path: the folder; it need not be there yet, unless `resume`.
        resume: True to go on with the run in it.

    Raises:
        Refused: run-busy, run-exists, run-missing, run-folder-foreign, or what the system says.
    """
    if not resume:
        make_folder(path)
    refuse_unfit(path, resume)
    held = lock.RunLock(path)
    try:
        refuse_unfit(path, resume)  # another process may have been quicker
    except DiagnosticError:
        held.release()
        raise
    return held


def refuse_unfit(path: Path, resume: bool) -> None:
    """Refuse a folder that can't take the training; nothing is written.

    Raises:
        Refused: run-exists, run-missing or run-folder-foreign.
    """
    try:
        names = {entry.name for entry in path.iterdir()}
    except OSError:
        names = set()
    there = RUN in names
    if resume and not there:
        raise DiagnosticError(missing(path))
    foreign = sorted(name for name in names - NAMES if ".tmp-" not in name)
    if foreign and not there:
        raise DiagnosticError(_foreign(path, foreign))
    if there and not resume:
        raise DiagnosticError(_exists(path))


def claim_beside(graph: Path) -> Path:
    """Make and answer the next free folder `runs/NAME-NNN` beside a graph file.

    Raises:
        Refused: if no folder can be made there.
    """
    return claim_in(graph.parent / "runs", project_name(graph))


def claim_in(runs: Path, name: str) -> Path:
    """Make and answer the next free folder NAME-NNN in a folder of runs.

    Raises:
        Refused: if no folder can be made there.
    """
    try:
        runs.mkdir(exist_ok=True)
        number = 1 + max(_numbers(runs, name), default=0)
        while True:
            path = runs / f"{name}-{number:03}"
            with suppress(FileExistsError):
                path.mkdir()
                return path
            number += 1
    except OSError as error:
        raise file_error(error, runs, "written") from error


def _numbers(runs: Path, name: str) -> list[int]:
    endings = (entry.name.removeprefix(f"{name}-") for entry in runs.iterdir())
    return [int(ending) for ending in endings if ending.isascii() and ending.isdecimal()]


def _json(value: Json) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False).encode() + b"\n"


def _foreign(path: Path, names: list[str]) -> Diagnostic:
    return Diagnostic(
        "run-folder-foreign",
        "the folder holds other things than a run",
        place=printable_path(path),
        found=", ".join(map(printable_path, names[:5])) + (" and more" if len(names) > 5 else ""),
        expected="a new or an empty folder",
        fixes=(Fix(f"Use --run {printable_path(path / 'run-001')}."),),
    )


def _exists(path: Path) -> Diagnostic:
    return Diagnostic(
        "run-exists",
        "there is a run in that folder already",
        place=printable_path(path),
        found=RUN,
        expected="a new or an empty folder",
        fixes=(Fix("Add --resume to go on with it."), Fix("Leave --run out, or name another one.")),
    )
