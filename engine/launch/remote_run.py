"""Training on another machine: checked, started there, and mirrored into a local run folder."""

from __future__ import annotations

import glob
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from shlex import quote

from engine.check.report import check_project
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error, printable_path
from engine.core.formatting.urls import absolute_text, url_of
from engine.events import Event
from engine.graph.model import Project
from engine.graph.serialization.file import project_name, read
from engine.launch.mirror import RemoteJob, RunMirror, load_job
from engine.launch.ssh import SshHost, unprepared
from engine.runs.folder.run_folder import RunFolder, create_next_folder, lock_run_folder
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log.lock import RunLock
from engine.runs.request import TrainRequest

DEFAULT_FOLDER = "layerloom"  # below the home folder of the user on the host
_SCRIPT = """cd || exit 1
mkdir -p {folder}/jobs {folder}/data && cd {folder} || exit 1
PATH="$PWD/.venv/bin:$PATH:$HOME/.local/bin"
echo "folder=$PWD"
for program in rsync flock engine; do echo "$program=$(command -v $program)"; done
echo "version=$(engine --version 2>&1)"
"""

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
            A second signal, which exits, kills it.
        report: called with messages about the preparation and the connection.

    Raises:
        DiagnosticError: if graph, paths or host are unfit, or the training ended without a result.
    """
    with ExitStack() as stack:
        if request.resume:
            assert request.run is not None, "the command line requires a run to resume"
            run, job, arguments = request.run, load_job(request.run), ["--resume"]
            assert job is not None, "the command line requires a run of another machine"
            host = SshHost(host_name or job.host)
            stack.callback(RunLock(run).release)
            report(f"Connecting to {host.name}")
        else:
            assert request.graph is not None
            host = SshHost(host_name)
            job, arguments = _prepare(request, host, folder, stop, report)
            run = request.run or create_next_folder(request.graph)
            stack.callback(lock_run_folder(run).release)
            report(f"Starting on {host.name}, in {job.folder}")
        mirror = RunMirror(run, replace(job, host=host.name), host, stop, report)
        try:
            mirror.start([*arguments, *options])
            for event in mirror.events():
                yield RunFolder.open(run), event
        except DiagnosticError:
            if not request.resume and not (run / RUN_FILE).exists():  # it has not started
                shutil.rmtree(run, ignore_errors=True)
            raise
        except SystemExit:  # after the second signal
            mirror.kill()
            raise


def _prepare(
    request: TrainRequest, host: SshHost, folder: str, stop: Stop, report: Report
) -> tuple[RemoteJob, list[str]]:
    """Check graph and host, and copy the files; return the job and the arguments with its paths."""
    assert request.graph is not None
    project = read(request.graph).project
    check_project(project, request.settings)
    given = {
        "": request.graph, "--data": request.data, "--validation": request.validation,
        "--test": request.test, "--from": request.warm_start,
    }  # fmt: skip
    local = {option: absolute_text(path) for option, path in given.items() if path is not None}
    sources = {path: _source(path, project) for path in local.values() if not url_of(path)}
    report(f"Checking {host.name}")
    root, engine = check_host(host, folder)
    name = f"{project_name(request.graph)}-{secrets.token_hex(4)}"
    copies = f"{root}/data/{os.uname().nodename}"
    job = RemoteJob(host.name, f"{root}/jobs/{name}", copies, engine)
    for source in sources.values():
        if stop():
            raise KeyboardInterrupt
        report(f"Copying {printable_path(source)} to {host.name}")
        fixed = ("--relative", "--no-implied-dirs", "--delete")  # a removed shard is no data
        host.copy(str(source), f"{host.name}:{copies}/", *fixed)
    remote = {
        option: f"{copies}{path}" if path in sources else path for option, path in local.items()
    }
    return job, [word for pair in remote.items() for word in pair if word]


def check_host(host: SshHost, folder: str) -> tuple[str, str]:
    """Create the remote folder; return the absolute paths of it and of the command `engine`.

    The command is searched in the virtual environment `.venv` of the remote folder, on the path of
    the host, and in ~/.local/bin.

    Raises:
        DiagnosticError: with a diagnostic for each thing that is missing, and what to type.
    """
    folder = folder.removeprefix("~/")
    output = host.run(_SCRIPT.format(folder=quote(folder))).decode()
    # Lines without "=" are messages that the login shell prints.
    lines = (line.partition("=") for line in output.splitlines())
    values = {key: value for key, _, value in lines}
    diagnostics = []
    for program, package in (("rsync", "rsync"), ("flock", "util-linux")):
        if not values[program]:
            fix = f"Type: ssh -t {quote(host.name)} sudo apt-get install {package}"
            diagnostics.append(unprepared(host.name, f"no program {program}", fix))
    local = f"layerloom {version('layerloom')}"
    found = values["version"] if values["engine"] else "no command engine"
    if found != local:
        environment = quote(f"{folder}/.venv")
        install = f"{environment}/bin/python -m pip install {local.replace(' ', '==')}"
        line = quote(f"python3 -m venv {environment} && {install}")
        diagnostics.append(unprepared(host.name, found, f"Type: ssh {quote(host.name)} {line}"))
    if diagnostics:
        raise DiagnosticError(*diagnostics)
    return values["folder"], values["engine"]


def _source(path: str, project: Project) -> Path:
    """Return the file or folder to copy, so that the host can read a path.

    This is a folder for a pattern, and for a table that may name images in its folder.
    """
    source = Path(path)
    while glob.has_magic(str(source)) and not source.exists():
        source = source.parent
    try:
        source.stat()
    except OSError as error:
        raise file_error(error, source, "read") from error
    shapes = (node.params.get("shape") for node in project.graph if node.kind == "Input")
    has_images = any(isinstance(shape, Sequence) and len(shape) == 3 for shape in shapes)
    is_data = source.is_dir() or source.suffix in (".npz", ".json")
    return source if is_data or not has_images else source.parent
