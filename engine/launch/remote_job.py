"""A training on another machine: its files there, how it is started, and its description here."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from shlex import join, quote
from socket import gethostname
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_from_dict
from engine.core.files.atomic_write import file_error, printable_path, write_bytes
from engine.core.formatting.shell import shell_path
from engine.events import RunFinished, parse_event
from engine.graph.model import Project
from engine.launch.host_check import HostEnvironment
from engine.launch.ssh import SshHost
from engine.runs.folder.run_folder import REMOTE_FILE
from engine.runs.folder.run_json import broken_run
from engine.runs.log.event_log import EVENTS_FILE

_RUN, _OUTPUT, _LOG = "run", "output.json", "log.txt"  # in the folder of a job


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """A training on another machine, as remote.json in its local run folder describes it.

    Args:
        host: the name of the host for ssh.
        folder: the job's folder on the host. It contains the graph file, the run folder "run", and
            the file ".lock", which is locked while the training runs.
        engine: the path of the command `engine` on the host.
        paths: the local paths of the graph file, the tables and the run of a warm start, by name.
    """

    host: str
    folder: str
    engine: str
    paths: Mapping[str, str]

    @property
    def run(self) -> str:
        """The path of the run folder on the host."""
        return f"{self.folder}/{_RUN}"

    def save(self, run: Path) -> None:
        """Write remote.json to a local run folder."""
        write_bytes(run / REMOTE_FILE, json.dumps(asdict(self), indent=1).encode() + b"\n")

    def start(self, host: SshHost, arguments: Sequence[str]) -> None:
        """Start `engine train` on the host, unless it is running. It survives the connection.

        The lock is acquired before this returns, and inherited by the process that trains.
        """
        command = join([self.engine, "train", *arguments, "--run", _RUN, "--json"])
        host.run(
            f"set -e; cd {quote(self.folder)}; exec 9>>.lock; flock -n 9 || exit 0\n"
            f"nohup {command} </dev/null >{_OUTPUT} 2>>{_LOG} &"
        )

    def follow_script(self, offset: int) -> str:
        """Return the shell script that prints the events from a byte on until the training ends."""
        words = [self.engine, "follow", _RUN, "--from", str(offset), "--lock", "."]
        return f"cd {quote(self.folder)} && exec {join(words)}"

    def state(self, host: SshHost, size: int) -> RemoteState:
        """Return the state of the training; `size` is the size of the local events.jsonl."""
        output = host.run(
            f"cd {quote(self.folder)}; flock -n .lock echo idle || echo running; cd {_RUN}\n"
            f"head -c {size} {EVENTS_FILE} | sha256sum; tail -n 1 {EVENTS_FILE}"
        )
        running, digest, last = [*output.split("\n"), "", ""][:3]
        is_finished = isinstance(parse_event(last), RunFinished)
        return RemoteState(running == "running", is_finished, digest.partition(" ")[0])

    def failure(self, host: SshHost, run: Path) -> DiagnosticError:
        """Return the error of a training that ended without a last event; `run` is its mirror."""
        output = host.run(f'cd {quote(self.folder)}; echo "$(tail -n 1 {_LOG})"; cat {_OUTPUT}')
        last_line, _, printed = output.partition("\n")
        try:
            found = json.loads(printed)["diagnostics"]
            return DiagnosticError(*map(diagnostic_from_dict, found))
        except (ValueError, LookupError, TypeError, AssertionError):
            return DiagnosticError(_crash_diagnostic(self, last_line, run))


@dataclass(frozen=True, slots=True)
class RemoteState:
    """The state of a training on its host.

    Args:
        is_running: whether its process is running.
        is_finished: whether the run has finished, so that it can't be resumed.
        digest: sha256 sum of the beginning of events.jsonl that has been copied.
    """

    is_running: bool
    is_finished: bool
    digest: str


def load_job(run: Path) -> RemoteJob | None:
    """Return the job of a run that is trained on another machine; None for any other run.

    Raises:
        DiagnosticError: run-broken, if remote.json is not valid.
    """
    path = run / REMOTE_FILE
    try:
        fields: dict[str, Any] = json.loads(path.read_bytes())
        return RemoteJob(**fields)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise file_error(error, path, "read") from error
    except (ValueError, TypeError) as error:
        raise DiagnosticError(broken_run(path, str(error)[:200])) from error


def create_job(
    host: SshHost, environment: HostEnvironment, run: Path, paths: Mapping[str, Path]
) -> RemoteJob:
    """Return a new job for the local run folder `run`, and copy the graph file to the host."""
    folder = f"{environment.folder}/jobs/{run.name}-{secrets.token_hex(4)}"
    host.upload(paths["graph"], folder)
    local = {name: str(path.absolute()) for name, path in paths.items()}
    return RemoteJob(host.name, folder, environment.engine, local)


def upload_table(host: SshHost, environment: HostEnvironment, table: Path, project: Project) -> str:
    """Copy a table to the host, and return its path there.

    All jobs share the copy, so that of an unchanged table nothing is copied again. If the network
    reads images, the table's folder is copied, since the table names the images in it.
    """
    source = table.absolute()
    may_name_images = source.is_file() and source.suffix != ".npz"
    copied = source.parent if may_name_images and _reads_images(project) else source
    digest = sha256(f"{gethostname()}:{copied}".encode()).hexdigest()[:16]
    folder = f"{environment.folder}/data/{digest}"
    host.upload(copied, folder)
    return "/".join([folder, copied.name, *source.relative_to(copied).parts])


def _reads_images(project: Project) -> bool:
    shapes = (node.params.get("shape") for node in project.graph if node.kind == "Input")
    return any(isinstance(shape, Sequence) and len(shape) == 3 for shape in shapes)


def _crash_diagnostic(job: RemoteJob, last_line: str, run: Path) -> Diagnostic:
    return Diagnostic(
        "remote-crashed",
        "the training on the host ended without a result",
        place=job.host,
        found=last_line or "no message",
        expected="a run that finishes, stops or fails with a diagnostic",
        why=f"its messages are in {printable_path(Path(job.folder) / _LOG)} on {job.host}",
        fixes=(Fix(f"Resume it: engine train --run {shell_path(printable_path(run))} --resume"),),
    )
