"""A run that another machine trains, and its local copy, which grows meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import join, quote

from engine.core.diagnostic import DiagnosticError, diagnostic_error, diagnostic_from_dict
from engine.core.files.atomic_write import file_error, write_bytes
from engine.core.formatting.shell import shell_path
from engine.events import CheckpointSaved, ControlTaken, Event, RunEnded, RunFinished, parse_event
from engine.launch.ssh import ConnectionLostError, SshHost
from engine.runs.control.requests import CONTROL_FILE, append_request
from engine.runs.folder import run_folder
from engine.runs.folder.notes import NOTES_FILE
from engine.runs.folder.run_json import RUN_FILE, broken_run
from engine.runs.log.append_log import AppendLog
from engine.runs.log.event_log import EVENTS_FILE, events_end, last_event
from engine.runs.log.lock import LOCK_FILE

_POLL_SECONDS, _MAX_WAIT_SECONDS = 0.5, 60.0  # between two reads, and between attempts to connect
_BLOCK_BYTES = 1 << 22
# What belongs to the local run, or is written by the mirror itself.
_LOCAL_FILES = (
    LOCK_FILE, EVENTS_FILE, CONTROL_FILE, NOTES_FILE, RUN_FILE, run_folder.REMOTE_FILE,
    run_folder.RESULTS_FOLDER,
)  # fmt: skip
_WEIGHTS = (run_folder.CHECKPOINTS_FOLDER, run_folder.MODEL_FILE)


@dataclass(frozen=True, slots=True)
class RemoteJob:
    """Where a run is trained; remote.json in its local run folder has these fields.

    Args:
        host: the name of the host for ssh.
        folder: the job's folder on the host. It contains the run folder "run", and the file
            ".lock", which is locked while the training runs.
        copies: the folder on the host that has the copies of local files, at their whole paths. All
            jobs share it, so that only changed files are copied again.
        engine: the path of the command `engine` on the host.
    """

    host: str
    folder: str
    copies: str
    engine: str


def load_job(run: Path) -> RemoteJob | None:
    """Return where a run is trained; None if this is not another machine.

    Raises:
        DiagnosticError: run-broken, if remote.json is not valid.
    """
    path = run / run_folder.REMOTE_FILE
    if not path.exists():
        return None
    try:
        return RemoteJob(**json.loads(path.read_bytes()))
    except OSError as error:
        raise file_error(error, path, "read") from error
    except (ValueError, TypeError) as error:
        raise broken_run(path, str(error)[:200]) from error


class RunMirror:
    """Starts a run on a host, copies it from there until it ends, and sends it control requests.

    The local events.jsonl is always a beginning of that on the host, up to the end of a line. So
    its size is the byte from which reading continues, whatever was interrupted. The control
    requests on the host are a copy of the local ones. Checkpoints and weights are copied when the
    run has ended, or after the control request "checkpoint".

    Args:
        run: the local run folder, whose lock the caller holds.
        stop: returns the name of a received signal, "" if there was none; after a signal, the run
            gets the control request "stop".
        report: called with messages about the connection.
    """

    def __init__(
        self, run: Path, job: RemoteJob, host: SshHost, stop: Callable[[], str],
        report: Callable[[str], object],
    ) -> None:  # fmt: skip
        self._run, self._job, self._host = run, job, host
        self._stop, self._report = stop, report
        self._has_requested_stop = self._wants_checkpoint = False
        self._sent_bytes = 0
        self._remote = f"{host.name}:{job.folder}/run"
        self._enter = f"cd {quote(job.folder)} || exit 1\n"

    def start(self, arguments: Sequence[str]) -> None:
        """Start `engine train` on the host, unless the run is trained there or has finished.

        The training survives the connection. It inherits a lock, acquired before this returns.
        """
        job = self._job
        write_bytes(self._run / run_folder.REMOTE_FILE, json.dumps(asdict(job), indent=1).encode())
        if (self._run / RUN_FILE).exists():  # it is resumed, so these requests are too late
            self._send_requests()
        command = join([job.engine, "train", *arguments, "--run", "run", "--json"])
        self._host.run(
            f"mkdir -p {quote(job.folder)}; {self._enter} exec 9>>.lock; flock -n 9 || exit 0\n"
            """tail -n 1 run/events.jsonl 2>&1 | grep -q '"kind":"run-finished"' && exit 0\n"""
            f"setsid nohup {command} </dev/null >output.json 2>>log.txt & echo $! >.pid"
        )

    def kill(self) -> None:
        """Kill the training on the host, without a checkpoint, if it is running."""
        kill = "kill -s KILL -- -$(cat .pid); flock .lock true"
        self._host.run(f"{self._enter} flock -n .lock true || {{ {kill}; }}")

    def events(self) -> Iterator[Event]:
        """Yield each event after it was written to the local run folder, until the run has ended.

        Raises:
            DiagnosticError: the reason why the training has no result, or a local file error.
        """
        wait, is_running = _POLL_SECONDS, True
        has_ended = isinstance(last_event(self._run), RunFinished)  # other runs were resumed
        while is_running:
            try:
                self._send_requests()
                is_running, data = self._read()
                for event in self._append(data[: data.rfind(b"\n") + 1].splitlines()):
                    has_ended = isinstance(event, RunEnded)
                    yield event
                wait = _POLL_SECONDS
            except ConnectionLostError as error:
                is_running, wait = True, min(2 * wait, _MAX_WAIT_SECONDS)
                reason = error.diagnostics[0].found
                self._report(
                    f"No connection to {self._host.name} ({reason}). The training continues there; "
                    f"trying again in {wait:.0f} s."
                )
            time.sleep(wait if is_running else 0)
        if not has_ended:
            raise self._failure()

    def _send_requests(self) -> None:
        """Copy the control requests to the host, if there are new ones."""
        if self._stop() and not self._has_requested_stop:
            append_request(self._run, "stop")
            self._has_requested_stop = True
        path = self._run / CONTROL_FILE
        size = path.stat().st_size if path.exists() else 0
        if size > self._sent_bytes:
            self._host.copy(str(path), f"{self._remote}/")
            self._sent_bytes = size

    def _read(self) -> tuple[bool, bytes]:
        """Return whether there may be more events, and the next part of events.jsonl."""
        output = self._host.run(  # whether the training runs is asked before its last event is read
            f"{self._enter} flock -n .lock echo ended || echo running\n"
            f"tail -c +{events_end(self._run) + 1} run/events.jsonl | head -c {_BLOCK_BYTES}"
        )
        state, _, data = output.partition(b"\n")
        return state == b"running" or len(data) == _BLOCK_BYTES, data

    def _append(self, lines: Sequence[bytes]) -> Iterator[Event]:
        """Copy the files that readers of the events expect, then write and yield the events."""
        events = [parse_event(line) for line in lines]
        has_weights = False
        for event in events:
            if isinstance(event, ControlTaken) and event.request == "checkpoint":
                self._wants_checkpoint = not event.code
            is_wanted = self._wants_checkpoint and isinstance(event, CheckpointSaved)
            has_weights = has_weights or is_wanted or isinstance(event, RunEnded)
        if events:
            self._copy_files(() if has_weights else _WEIGHTS)
            self._wants_checkpoint = self._wants_checkpoint and not has_weights
        with closing(AppendLog(self._run / EVENTS_FILE)) as log:
            for line, event in zip(lines, events, strict=True):
                log.append(line.decode())
                if event is not None:
                    yield event

    def _copy_files(self, excluded: Sequence[str]) -> None:
        """Copy the files of the run. In run.json, paths of copies become local paths again."""
        names = (*_LOCAL_FILES, *excluded, "*.tmp-*")
        rules = [f"--exclude=/{name}" for name in names]
        self._host.copy(f"{self._remote}/", str(self._run.absolute()), *rules)
        if not (self._run / RUN_FILE).exists():
            record = self._host.run(f"{self._enter} cat run/{RUN_FILE}")
            copies = json.dumps(self._job.copies)[1:-1].encode()
            write_bytes(self._run / RUN_FILE, record.replace(copies, b""))

    def _failure(self) -> DiagnosticError:
        """Return the error of a training that ended without a last event."""
        output = self._host.run(f'{self._enter} echo "$(tail -n 1 log.txt)"; cat output.json')
        last_line, _, printed = output.decode("utf-8", "replace").partition("\n")
        with suppress(ValueError, LookupError, TypeError, AssertionError):
            return DiagnosticError(*map(diagnostic_from_dict, json.loads(printed)["diagnostics"]))
        return diagnostic_error(
            "remote-crashed",
            "training on the host ended without a result",
            f"Resume it: engine train --run {shell_path(self._run)} --resume",
            place=self._remote,
            found=last_line[:300] or "no message",
            expected="a run that finishes, stops or fails with a diagnostic",
        )
