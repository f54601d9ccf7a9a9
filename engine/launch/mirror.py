"""The local copy of a run that another machine trains: it grows while the run is trained."""

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from subprocess import Popen

from engine.events import CheckpointSaved, ControlTaken, Event, RunEnded, RunStarted, parse_event
from engine.launch.remote_job import RemoteJob
from engine.launch.ssh import ConnectionLostError, SshHost, last_line
from engine.runs.control.requests import CONTROL_FILE, RequestQueue, append_request
from engine.runs.folder import run_folder
from engine.runs.folder.notes import NOTES_FILE
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN_FILE, read_run_json
from engine.runs.log.append_log import AppendLog
from engine.runs.log.event_log import EVENTS_FILE, events_end, read_events
from engine.runs.log.lock import LOCK_FILE

_POLL_SECONDS = 0.05
_MAX_WAIT_SECONDS = 60  # between two attempts to connect
_BLOCK_BYTES = 1 << 16
# What belongs to the local run, or is written by the mirror itself.
_LOCAL_FILES = (
    LOCK_FILE, EVENTS_FILE, CONTROL_FILE, NOTES_FILE, run_folder.REMOTE_FILE,
    run_folder.RESULTS_FOLDER,
)  # fmt: skip
_WEIGHTS = (run_folder.CHECKPOINTS_FOLDER, run_folder.MODEL_FILE)


class RunMirror:
    """Copies a run from the host that trains it, until it ends, and sends it control requests.

    The local events.jsonl is always a beginning of that on the host, up to the end of a line. So
    its size is the byte from which a new connection continues. Checkpoints and weights are copied
    when the run has ended, or after the control request "checkpoint".

    Args:
        run: the local run folder, whose lock the caller holds.
        stop: returns the name of a received signal, "" if there was none; after a signal, the run
            gets the control request "stop".
        report: called with messages about the connection.
        sent: ids of control requests that the host has already received.
        has_ended: whether the training is known to have ended with a last event.
    """

    def __init__(
        self,
        run: Path,
        job: RemoteJob,
        stop: Callable[[], str],
        report: Callable[[str], object],
        sent: Collection[str] = (),
        has_ended: bool = False,
    ) -> None:
        self._run, self._job, self._host = run, job, SshHost(job.host)
        self._stop, self._report, self._sent = stop, report, sent
        self._has_ended = has_ended
        self._has_requested_stop = self._wants_checkpoint = False

    def events(self) -> Iterator[Event]:
        """Yield each event after it was written to the local run folder, until the run has ended.

        Raises:
            DiagnosticError: the reason why the training has no result, or a local file error.
        """
        wait = 1
        while True:
            offset = events_end(self._run)
            try:
                yield from self._follow(offset)
                break
            except ConnectionLostError as error:
                wait = 1 if events_end(self._run) > offset else min(2 * wait, _MAX_WAIT_SECONDS)
                self._report(
                    f"The connection to {self._job.host} is lost ({error}). The training continues "
                    f"there; trying to connect again in {wait} s."
                )
                time.sleep(wait)
        if not self._has_ended:
            raise self._job.failure(self._host, self._run)

    def _follow(self, offset: int) -> Iterator[Event]:
        """Copy and yield the events from a byte of the log on, until the run has ended."""
        log = AppendLog(self._run / EVENTS_FILE)
        process = self._host.start(self._job.follow_script(offset))
        try:
            for line in self._received_lines(process):
                event = parse_event(line)
                if event is not None:
                    self._prepare(event)
                log.append(line.decode())
                if event is not None:
                    yield event
                    self._finish(event)
            code = process.wait()
        finally:
            log.close()
            message = _close(process)
        if code:
            raise ConnectionLostError(message or f"exit code {code}")

    def _received_lines(self, process: Popen[bytes]) -> Iterator[bytes]:
        """Yield the lines that the host sends. In the meantime, send requests to it."""
        assert process.stdout is not None
        requests = RequestQueue(self._run, read_events(self._run, include_steps=False))
        rest = b""
        while True:
            if self._stop() and not self._has_requested_stop:
                append_request(self._run, "stop")
                self._has_requested_stop = True
            for request in requests.read_new():
                if request.id not in self._sent:
                    _send(process, json.dumps(asdict(request)))
            if not select.select([process.stdout], [], [], _POLL_SECONDS)[0]:
                continue
            data = os.read(process.stdout.fileno(), _BLOCK_BYTES)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            yield from lines

    def _prepare(self, event: Event) -> None:
        """Copy and update the files that readers of the event expect in the run folder."""
        if not (self._run / RUN_FILE).exists():
            self._copy_run_json()
        RunFolder.open(self._run).require_files()
        match event:
            case RunEnded():
                self._copy_files()
                self._write_state(event.kind.removeprefix("run-"))
            case RunStarted() | ControlTaken(request="continue", code=""):
                self._write_state("running")
            case ControlTaken(request="pause", code=""):
                self._write_state("paused")

    def _finish(self, event: Event) -> None:
        """Update the state of the mirror, and copy checkpoints if they were requested."""
        self._has_ended = isinstance(event, RunEnded)
        if isinstance(event, ControlTaken):
            self._wants_checkpoint |= event.request == "checkpoint" and not event.code
        elif isinstance(event, CheckpointSaved) and self._wants_checkpoint:
            self._copy_files()
            self._wants_checkpoint = False

    def _write_state(self, state: str) -> None:
        folder = RunFolder.open(self._run)
        folder.write_status({**folder.status(), "state": state})

    def _copy_files(self, excluded: Collection[str] = (RUN_FILE,)) -> None:
        patterns = [f"/{name}" for name in (*_LOCAL_FILES, *excluded)]
        self._host.download(self._job.run, self._run, [*patterns, "*.tmp-*"])

    def _copy_run_json(self) -> None:
        """Copy the description of the run, with local paths of graph file and tables."""
        self._copy_files(_WEIGHTS)
        record, local = dict(read_run_json(self._run)), self._job.paths
        record["paths"] = {name: local.get(name) for name in record["paths"]}
        if "from" in record:
            record["from"]["run"] = local["from"]
        RunFolder.create(self._run, record, RunFolder(self._run, record).graph_bytes())


def _send(process: Popen[bytes], line: str) -> None:
    """Send a line to the host. After a lost connection, the next one sends it again."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(line.encode() + b"\n")


def _close(process: Popen[bytes]) -> str:
    """End a process if it is running, close its pipes, and return the last line of its stderr."""
    process.terminate()
    with process, suppress(BrokenPipeError):
        assert process.stderr is not None
        return last_line(process.stderr.read())
    return ""
