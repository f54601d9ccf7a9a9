"""The run folder: its files, and how runs are created and opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import file_error, make_folder, printable_path, write_bytes
from engine.core.formatting.counts import join_first
from engine.core.formatting.shell import shell_path
from engine.graph.serialization.file import project_name
from engine.graph.serialization.json_reader import MAX_BYTES
from engine.runs.control import requests
from engine.runs.folder import notes
from engine.runs.folder.run_json import FORMAT, RUN_FILE, VERSION, missing_run, read_run_json
from engine.runs.log import event_log, lock

GRAPH_FILE = "graph.loom.json"
STATUS_FILE = "status.json"
CHECKPOINTS_FOLDER = "checkpoints"
BEST_FILE = "best.json"  # in the checkpoints folder: pointer to the checkpoint of the best epoch
MODEL_FILE = "model.safetensors"
RESULTS_FOLDER = "results"
TENSORBOARD_FOLDER = "tensorboard"
REMOTE_FILE = "remote.json"  # where the run is trained, if on another machine
ENTRY_NAMES = frozenset(
    {
        RUN_FILE,
        GRAPH_FILE,
        STATUS_FILE,
        CHECKPOINTS_FOLDER,
        MODEL_FILE,
        RESULTS_FOLDER,
        TENSORBOARD_FOLDER,
        REMOTE_FILE,
        "curves.cache",  # of version 0.1
        lock.LOCK_FILE,
        event_log.EVENTS_FILE,
        requests.CONTROL_FILE,
        notes.NOTES_FILE,
    }
)
_MAX_STATUS_BYTES = 1 << 16

Json = Mapping[str, Any]


class RunFolder:
    """A run on disk, with access to its files; returned by `create` and `open`.

    Args:
        path: path of the folder.
        record: content of run.json: run_id, argv, paths, settings, hashes, device, versions.
    """

    def __init__(self, path: Path, record: Json) -> None:
        self.path = path
        self.record = record

    @classmethod
    def create(cls, path: Path, record: Json, graph: bytes) -> RunFolder:
        """Write the files of a new run: `record` as run.json, and `graph` as the graph file.

        The caller must hold the lock from `lock_run_folder`.

        Raises:
            DiagnosticError: if a file can't be written.
        """
        content = {"format": FORMAT, "version": VERSION, **record}
        make_folder(path / CHECKPOINTS_FOLDER)
        write_bytes(path / GRAPH_FILE, graph)
        write_bytes(path / RUN_FILE, _to_json(content))
        return cls(path, content)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Return the run in a folder.

        Raises:
            DiagnosticError: run-missing, run-broken or run-newer.
        """
        return cls(path, read_run_json(path))

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.path.name

    @property
    def run_id(self) -> str:
        """The unique identifier of the run."""
        return str(self.record.get("run_id", ""))

    @property
    def checkpoints_path(self) -> Path:
        """The path of the folder with the checkpoints."""
        return self.path / CHECKPOINTS_FOLDER

    @property
    def weights_path(self) -> Path:
        """The path of the file with the final weights, which is written when a run finishes."""
        return self.path / MODEL_FILE

    def graph_bytes(self) -> bytes:
        """Return the bytes of the graph file, from its copy in the run folder.

        Raises:
            DiagnosticError: if the file can't be read.
        """
        path = self.path / GRAPH_FILE
        try:
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)  # one too many, so that the parser rejects it
        except OSError as error:
            raise file_error(error, path, "read") from error

    def update_record(self, **fields: Any) -> None:
        """Set fields in run.json.

        Raises:
            DiagnosticError: if run.json can't be written.
        """
        content = {**self.record, **fields}
        if content != self.record:
            write_bytes(self.path / RUN_FILE, _to_json(content))
            self.record = content

    def write_status(self, status: Json) -> None:
        """Write status.json."""
        write_bytes(self.path / STATUS_FILE, _to_json(status))

    def status(self) -> dict[str, Any]:
        """Return the content of status.json; {} if the file is missing or unreadable."""
        with suppress(OSError, ValueError, RecursionError):
            with (self.path / STATUS_FILE).open("rb") as file:
                status = json.loads(file.read(_MAX_STATUS_BYTES).decode())
            return status if isinstance(status, dict) else {}
        return {}

    def require_files(self) -> None:
        """Check that the files without which a run can't be opened or resumed still exist.

        Called during training, before a file is written and with each heartbeat.

        Raises:
            DiagnosticError: file-missing, or another error of the file system.
        """
        for name in (RUN_FILE, GRAPH_FILE, event_log.EVENTS_FILE):
            file = self.path / name
            try:
                file.stat()
            except (FileNotFoundError, NotADirectoryError) as error:
                raise diagnostic_error(
                    "file-missing",
                    f"{file.name} of the run was removed while it was trained",
                    "Train again, into a folder that nothing else moves or deletes.",
                    place=printable_path(file),
                    found="no file",
                    expected="the files of a run, until it ends",
                ) from error
            except OSError as error:
                raise file_error(error, file, "read") from error

    def remove_temporary_files(self) -> None:
        """Remove temporary files left by a killed process; the caller must hold the run's lock."""
        for folder in (self.path, self.checkpoints_path):
            for file in folder.glob("*.tmp-*"):
                with suppress(OSError):
                    file.unlink()


def lock_run_folder(path: Path, resume: bool = False, pid: int | None = None) -> lock.RunLock:
    """Create a run folder, or check the folder of a run to resume; return the acquired lock.

    Args:
        pid: the process to end if the training has to be ended; None for this process.

    Raises:
        DiagnosticError: run-busy, run-exists, run-missing, run-folder-foreign, or an error of the
            file system.
    """
    if not resume:
        make_folder(path)
    require_usable(path, resume)
    run_lock = lock.RunLock(path, pid)
    try:
        require_usable(path, resume)  # again: another process may have written in between
    except DiagnosticError:
        run_lock.release()
        raise
    return run_lock


def require_usable(path: Path, resume: bool) -> None:
    """Check that a new or resumed run can use a folder, without writing to the folder.

    Raises:
        DiagnosticError: run-exists, run-missing or run-folder-foreign.
    """
    try:
        names = {entry.name for entry in path.iterdir()}
    except OSError:
        names = set()
    has_run = RUN_FILE in names
    if resume and not has_run:
        raise missing_run(path)
    foreign = sorted(name for name in names - ENTRY_NAMES if ".tmp-" not in name)
    if foreign and not has_run:
        raise diagnostic_error(
            "run-folder-foreign",
            "the folder contains files that do not belong to a run",
            f"Use --run {shell_path(printable_path(path / 'run-001'))}.",
            place=printable_path(path),
            found=join_first(map(printable_path, foreign), 5),
            expected="a new or an empty folder",
        )
    if has_run and not resume:
        raise diagnostic_error(
            "run-exists",
            "the folder already contains a run",
            "Add --resume to resume it.",
            "Omit --run, or name another folder.",
            place=printable_path(path),
            found=RUN_FILE,
            expected="a new or an empty folder",
        )


def create_next_folder(graph: Path) -> Path:
    """Create the next free folder runs/NAME-NNN next to a graph file, and return its path.

    Raises:
        DiagnosticError: if the folder can't be created.
    """
    return create_numbered_folder(graph.parent / "runs", project_name(graph))


def create_numbered_folder(runs: Path, name: str) -> Path:
    """Create the next free folder NAME-NNN in a folder of runs, and return its path.

    Raises:
        DiagnosticError: if the folder can't be created.
    """
    try:
        runs.mkdir(exist_ok=True)
        number = 1 + max(_run_numbers(runs, name), default=0)
        while True:
            path = runs / f"{name}-{number:03}"
            with suppress(FileExistsError):
                path.mkdir()
                return path
            number += 1
    except OSError as error:
        raise file_error(error, runs, "written") from error


def _run_numbers(runs: Path, name: str) -> list[int]:
    suffixes = (entry.name.removeprefix(f"{name}-") for entry in runs.iterdir())
    return [int(suffix) for suffix in suffixes if suffix.isascii() and suffix.isdecimal()]


def _to_json(value: Json) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False).encode() + b"\n"
