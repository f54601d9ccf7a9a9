"""Training on another machine: checked, started there, and mirrored into a local run folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from shlex import join, quote

from engine.check.report import check_project
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import file_error, make_folder, printable_path
from engine.core.formatting.shell import shell_path
from engine.events import Event
from engine.graph.serialization.file import read
from engine.launch.host_check import DEFAULT_FOLDER, check_host, connection_diagnostic
from engine.launch.mirror import RunMirror
from engine.launch.remote_job import RemoteJob, create_job, load_job, upload_table
from engine.launch.ssh import ConnectionLostError, SshHost
from engine.runs.control.requests import CONTROL_FILE, RequestQueue
from engine.runs.folder.run_folder import (
    REMOTE_FILE,
    RunFolder,
    create_next_folder,
    require_usable,
)
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log.event_log import EVENTS_FILE, events_end, read_events
from engine.runs.log.lock import LOCK_FILE, RunLock

_TABLES = ("data", "validation", "test")
Stop = Callable[[], str]
Report = Callable[[str], object]


@dataclass(frozen=True)
class RemoteRequest:
    """A request to train on another machine.

    Args:
        host: the name of the machine for ssh; "" resumes a run on the machine that it names.
        run: local run folder; None creates runs/NAME-NNN next to the graph file.
        paths: local paths by name: "graph", "data", "validation", "test", and "from" for the run
            of a warm start; {} if a run is resumed.
        settings: "KEY=VALUE" overrides of the recipe, for the check of the graph.
        options: the other options of `engine train`, as typed.
        folder: the folder on the host for its copies of files and its runs.
        resume: whether to resume a run, or only its mirror if it is still trained.
    """

    host: str
    run: Path | None = None
    paths: Mapping[str, Path] = field(default_factory=dict)
    settings: Sequence[str] = ()
    options: Sequence[str] = ()
    folder: str = DEFAULT_FOLDER
    resume: bool = False


def train_remotely(
    request: RemoteRequest, stop: Stop, report: Report
) -> Iterator[tuple[RunFolder, Event]]:
    """Train on another machine; yield each event after it is written to the local run folder.

    Args:
        stop: returns the name of a received signal, "" if there was none; a signal stops the run.
        report: called with messages about the preparation and the connection.

    Raises:
        DiagnosticError: if graph, paths or host are unfit, or the training ended without a result.
    """
    prepare = _resume if request.resume else _start
    with ExitStack() as stack:
        try:
            run, mirror = prepare(request, stop, report, stack)
        except ConnectionLostError as error:
            raise DiagnosticError(connection_diagnostic(request.host, str(error))) from error
        try:
            for event in mirror.events():
                yield RunFolder.open(run), event
        except DiagnosticError:
            _remove_unused(run)
            raise


def _start(
    request: RemoteRequest, stop: Stop, report: Report, stack: ExitStack
) -> tuple[Path, RunMirror]:
    """Start a new run on the host. Return the local run folder and the mirror.

    `stack` releases the lock of the run folder when it is closed.
    """
    paths = request.paths
    project = read(paths["graph"]).project
    check_project(project, request.settings)
    for path in paths.values():
        _require_path(path)
    if request.run is not None:
        require_usable(request.run, resume=False)
    host = SshHost(request.host)
    report(f"Checking {host.name}")
    environment = check_host(host, request.folder)
    run = request.run or create_next_folder(paths["graph"])
    make_folder(run)
    with ExitStack() as cleanup:
        cleanup.callback(_remove_unused, run)
        stack.callback(RunLock(run).release)
        job = create_job(host, environment, run, paths)
        arguments = [paths["graph"].name]
        for name in [name for name in _TABLES if name in paths]:
            report(f"Copying {printable_path(paths[name])} to {host.name}")
            copied = upload_table(host, environment, paths[name], project)
            arguments += [f"--{name}", copied]
        if "from" in paths:
            host.upload(paths["from"], f"{job.folder}/warm-start")
            arguments += ["--from", f"warm-start/{paths['from'].absolute().name}"]
        if stop():
            raise KeyboardInterrupt
        job.save(run)
        job.start(host, [*arguments, *request.options])
        cleanup.pop_all()
    report(f"Started on {host.name}, in {job.folder}")
    return run, RunMirror(run, job, stop, report)


def _resume(
    request: RemoteRequest, stop: Stop, report: Report, stack: ExitStack
) -> tuple[Path, RunMirror]:
    """Resume a run on its host, or only its mirror if the run is still trained there.

    `stack` releases the lock of the run folder when it is closed.
    """
    run = request.run
    assert run is not None, "the command line requires a run to resume"
    job = load_job(run)
    if job is None:
        raise DiagnosticError(_local_run_diagnostic(run, request.host))
    job = replace(job, host=request.host or job.host)
    host = SshHost(job.host)
    stack.callback(RunLock(run).release)
    report(f"Connecting to {host.name}")
    size = events_end(run)
    state = job.state(host, size)
    _require_same_events(run, size, state.digest)
    sent: set[str] = set()
    if not state.is_running and not state.is_finished:
        sent = _send_late_requests(run, job, host)
        job.start(host, ["--resume"])
    job.save(run)
    return run, RunMirror(run, job, stop, report, sent, has_ended=state.is_finished)


def _require_path(path: Path) -> None:
    try:
        path.stat()
    except OSError as error:
        raise file_error(error, path, "read") from error


def _require_same_events(run: Path, size: int, remote_digest: str) -> None:
    """Check that the local events, of `size` bytes, are a beginning of those on the host."""
    content = (run / EVENTS_FILE).read_bytes()[:size] if size else b""
    if hashlib.sha256(content).hexdigest() != remote_digest:
        path = printable_path(run)
        raise DiagnosticError(
            Diagnostic(
                "run-differs",
                "the run was also trained on this machine, or its files on the host have changed",
                place=path,
                found="events that the host does not have",
                expected="a run folder that only the mirror has written",
                fixes=(Fix(f"Train a new run with its weights: --from {shell_path(path)}."),),
            )
        )


def _send_late_requests(run: Path, job: RemoteJob, host: SshHost) -> set[str]:
    """Send the requests that the ended run has not received, and return their ids.

    Why: when the run is resumed, requests that arrived before are too late to pause or stop it.
    """
    requests = RequestQueue(run, read_events(run, include_steps=False)).read_new()
    lines = [json.dumps(asdict(request)) for request in requests]
    if lines:
        host.run(f"printf '%s\\n' {join(lines)} >>{quote(job.run)}/{CONTROL_FILE}")
    return {request.id for request in requests}


def _remove_unused(run: Path) -> None:
    """Remove a local run folder if its run has not started."""
    with suppress(OSError):
        if not (run / RUN_FILE).exists():
            for name in (REMOTE_FILE, EVENTS_FILE, CONTROL_FILE, LOCK_FILE):
                (run / name).unlink(missing_ok=True)
            run.rmdir()


def _local_run_diagnostic(run: Path, host: str) -> Diagnostic:
    return Diagnostic(
        "usage",
        "the run was not trained on another machine",
        place=printable_path(run),
        found=f"--resume --on {host}",
        expected=f"a run folder with {REMOTE_FILE}",
        fixes=(Fix("Leave --on out: the run is resumed on this machine."),),
    )
