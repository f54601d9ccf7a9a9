"""A training on another machine: its files there, how it is started, and its description here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from shlex import join, quote

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_from_dict
from engine.core.files.atomic_write import file_error, write_bytes
from engine.graph.model import Project
from engine.launch.ssh import SshHost
from engine.runs.folder.run_folder import REMOTE_FILE
from engine.runs.folder.run_json import broken_run


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
        return f"{self.folder}/run"

    def save(self, run: Path) -> None:
        """Write remote.json to a local run folder."""
        write_bytes(run / REMOTE_FILE, json.dumps(asdict(self), indent=1).encode() + b"\n")

    def start(self, host: SshHost, arguments: Sequence[str]) -> None:
        """Start `engine train` on the host, unless it is running. It survives the connection.

        The lock is acquired before this returns, and inherited by the process that trains.
        """
        command = join([self.engine, "train", *arguments, "--run", "run", "--json"])
        host.run(
            f"set -e; cd {quote(self.folder)}; exec 9>>.lock; flock -n 9 || exit 0\n"
            f"nohup {command} </dev/null >output.json 2>>log.txt &"
        )

    def read(self, host: SshHost, offset: int, size: int) -> tuple[bool, bytes]:
        """Return whether the training runs, and at most `size` bytes of its events from a byte on.

        If the training does not run, all its events are written.
        """
        output = host.run(
            f"cd {quote(self.folder)} || exit 1; flock -n .lock echo ended || echo running\n"
            f"tail -c +{offset + 1} run/events.jsonl 2>/dev/null | head -c {size}"
        )
        state, _, events = output.partition(b"\n")
        return state == b"running", events

    def failure(self, host: SshHost) -> DiagnosticError:
        """Return the error of a training that ended without a last event."""
        script = f'cd {quote(self.folder)}; echo "$(tail -n 1 log.txt)"; cat output.json'
        last_line, _, printed = host.run(script).decode("utf-8", "replace").partition("\n")
        try:
            found = json.loads(printed)["diagnostics"]
            return DiagnosticError(*map(diagnostic_from_dict, found))
        except (ValueError, LookupError, TypeError, AssertionError):
            return DiagnosticError(
                Diagnostic(
                    "remote-crashed",
                    "the training on the host ended without a result",
                    place=f"{self.folder} on {self.host}",
                    found=last_line[:300] or "no message",
                    expected="a run that finishes, stops or fails with a diagnostic",
                    fixes=(Fix("Resume the run: engine train --run RUN --resume"),),
                )
            )


def load_job(run: Path) -> RemoteJob | None:
    """Return the job of a run that is trained on another machine; None for any other run.

    Raises:
        DiagnosticError: run-broken, if remote.json is not valid.
    """
    path = run / REMOTE_FILE
    try:
        return RemoteJob(**json.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise file_error(error, path, "read") from error
    except (ValueError, TypeError) as error:
        raise DiagnosticError(broken_run(path, str(error)[:200])) from error


def upload_table(host: SshHost, folder: str, table: Path, project: Project) -> str:
    """Copy a table into the remote folder, and return its path on the host.

    All jobs share the copy, so that of an unchanged table nothing is copied again. If the network
    reads images, the table's folder is copied, since the table names the images in it.
    """
    source = table.resolve()
    may_name_images = source.is_file() and source.suffix != ".npz"
    copied = source.parent if may_name_images and _reads_images(project) else source
    digest = sha256(f"{os.uname().nodename}:{copied}".encode()).hexdigest()[:16]
    host.upload(copied, f"{folder}/data/{digest}")
    return "/".join([folder, "data", digest, copied.name, *source.relative_to(copied).parts])


def _reads_images(project: Project) -> bool:
    shapes = (node.params.get("shape") for node in project.graph if node.kind == "Input")
    return any(isinstance(shape, Sequence) and len(shape) == 3 for shape in shapes)
