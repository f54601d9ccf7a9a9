"""Training on another machine: checked, started there, and mirrored into a local run folder."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from engine.check.report import check_project
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error, printable_path
from engine.events import Event
from engine.graph.serialization.file import project_name, read
from engine.launch.host_check import check_host
from engine.launch.mirror import RunMirror
from engine.launch.remote_job import RemoteJob, load_job, upload_table
from engine.launch.ssh import SshHost
from engine.runs.folder.run_folder import RunFolder, create_next_folder, lock_run_folder
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log.lock import RunLock
from engine.runs.request import TrainRequest

Stop = Callable[[], str]
Report = Callable[[str], object]


def train_remotely(
    request: TrainRequest,
    host_name: str,
    folder: str,
    options: Sequence[str],
    stop: Stop,
    report: Report,
) -> Iterator[tuple[RunFolder, Event]]:
    """Train on another machine; yield each event after it is written to the local run folder.

    A run that is resumed may still be trained there. Then only its mirror is resumed.

    Args:
        host_name: the name of the machine for ssh; "" resumes a run on the machine that it names.
        folder: the folder on the machine for its copies of files and its runs.
        options: the options of `engine train` that the request's paths do not give, as typed.
        stop: returns the name of a received signal, "" if there was none; a signal stops the run.
        report: called with messages about the preparation and the connection.

    Raises:
        DiagnosticError: if graph, paths or host are unfit, or the training ended without a result.
    """
    with ExitStack() as stack:
        if request.resume:
            assert request.run is not None, "the command line requires a run to resume"
            run, job = request.run, load_job(request.run)
            assert job is not None, "the command line requires a run of another machine"
            job = replace(job, host=host_name or job.host)
            host = SshHost(job.host)
            stack.callback(RunLock(run).release)
            report(f"Connecting to {host.name}")
            mirror = RunMirror(run, job, host, stop, report)
            mirror.resume()
        else:
            host = SshHost(host_name)
            job, arguments = _prepare(request, host, folder, stop, report)
            assert request.graph is not None
            run = request.run or create_next_folder(request.graph)
            stack.callback(lock_run_folder(run).release)
            job.save(run)
            job.start(host, [*arguments, *options])
            report(f"Started on {host.name}, in {job.folder}")
            mirror = RunMirror(run, job, host, stop, report)
        try:
            for event in mirror.events():
                yield RunFolder.open(run), event
        except DiagnosticError:
            if not (run / RUN_FILE).exists():  # it has not started
                shutil.rmtree(run, ignore_errors=True)
            raise


def _prepare(
    request: TrainRequest, host: SshHost, folder: str, stop: Stop, report: Report
) -> tuple[RemoteJob, list[str]]:
    """Check graph and host, and copy the files; return the job and the arguments with its paths."""
    tables = {"data": request.data, "validation": request.validation, "test": request.test}
    given = {"graph": request.graph, **tables, "from": request.warm_start}
    paths = {name: path.absolute() for name, path in given.items() if path is not None}
    project = read(paths["graph"]).project
    check_project(project, request.settings)
    for path in paths.values():
        try:
            path.stat()
        except OSError as error:
            raise file_error(error, path, "read") from error
    report(f"Checking {host.name}")
    folder, engine = check_host(host, folder)
    local = {name: str(path) for name, path in paths.items()}
    name = project_name(paths["graph"])
    job = RemoteJob(host.name, f"{folder}/jobs/{name}-{secrets.token_hex(4)}", engine, local)
    host.upload(paths.pop("graph"), job.folder)
    arguments = [f"{Path(local['graph']).name}"]
    for name, path in paths.items():
        if stop():
            raise KeyboardInterrupt
        report(f"Copying {printable_path(path)} to {host.name}")
        arguments += [f"--{name}", upload_table(host, folder, path, project)]
    return job, arguments
