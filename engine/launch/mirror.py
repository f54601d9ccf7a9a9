"""The local copy of a run that another machine trains: it grows while the run is trained."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shlex import quote

from engine.core.files.atomic_write import write_bytes
from engine.events import (
    CheckpointSaved,
    ControlTaken,
    Event,
    RunEnded,
    RunFinished,
    RunStarted,
    parse_event,
)
from engine.launch.remote_job import RemoteJob
from engine.launch.ssh import ConnectionLostError, SshHost
from engine.runs.control.requests import CONTROL_FILE, append_request
from engine.runs.folder import run_folder
from engine.runs.folder.notes import NOTES_FILE
from engine.runs.folder.run_json import RUN_FILE, read_run_json
from engine.runs.log.append_log import AppendLog
from engine.runs.log.event_log import EVENTS_FILE, events_end
from engine.runs.log.lock import LOCK_FILE

_POLL_SECONDS, _MAX_WAIT_SECONDS = 0.5, 60.0  # between two reads, and between attempts to connect
_BLOCK_BYTES = 1 << 22
# What belongs to the local run, or is written by the mirror itself.
_LOCAL_FILES = (
    LOCK_FILE, EVENTS_FILE, CONTROL_FILE, NOTES_FILE, run_folder.REMOTE_FILE,
    run_folder.RESULTS_FOLDER,
)  # fmt: skip
_WEIGHTS = (run_folder.CHECKPOINTS_FOLDER, run_folder.MODEL_FILE)


class RunMirror:
    """Copies a run from the host that trains it, until it ends, and sends it control requests.

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
        self._has_ended = self._has_requested_stop = self._wants_checkpoint = False
        self._sent_bytes = 0

    def resume(self) -> None:
        """Resume the run on the host, unless it is still trained there or has finished."""
        is_running, _ = self._job.read(self._host, 0, 0)
        last = self._host.run(f"tail -n 1 {quote(self._job.run)}/{EVENTS_FILE} || true")
        self._has_ended = isinstance(parse_event(last), RunFinished)
        if not is_running and not self._has_ended:
            self._send_requests()  # so that they are too late, as for any run that is resumed
            self._job.start(self._host, ["--resume"])

    def events(self) -> Iterator[Event]:
        """Yield each event after it was written to the local run folder, until the run has ended.

        Raises:
            DiagnosticError: the reason why the training has no result, or a local file error.
        """
        wait, is_running = _POLL_SECONDS, True
        while is_running:
            try:
                self._send_requests()
                offset = events_end(self._run)
                is_running, data = self._job.read(self._host, offset, _BLOCK_BYTES)
                yield from self._append(data[: data.rfind(b"\n") + 1].splitlines())
                is_running = is_running or len(data) == _BLOCK_BYTES
                wait = _POLL_SECONDS
            except ConnectionLostError as error:
                is_running, wait = True, min(2 * wait, _MAX_WAIT_SECONDS)
                reason = error.diagnostics[0].found
                self._report(
                    f"No connection to {self._host.name} ({reason}). The training continues there; "
                    f"trying again in {wait:.0f} s."
                )
            time.sleep(wait if is_running else 0)
        if not self._has_ended:
            raise self._job.failure(self._host)

    def _send_requests(self) -> None:
        """Copy the control requests to the host, if there are new ones."""
        if self._stop() and not self._has_requested_stop:
            append_request(self._run, "stop")
            self._has_requested_stop = True
        path = self._run / CONTROL_FILE
        size = path.stat().st_size if path.exists() else 0
        if size > self._sent_bytes:
            self._host.upload(path, self._job.run)
            self._sent_bytes = size

    def _append(self, lines: Sequence[bytes]) -> Iterator[Event]:
        log = AppendLog(self._run / EVENTS_FILE)
        try:
            for line in lines:
                event = parse_event(line)
                if event is not None:
                    self._copy_files_for(event)
                log.append(line.decode())
                if event is not None:
                    yield event
        finally:
            log.close()

    def _copy_files_for(self, event: Event) -> None:
        """Copy the files that readers of an event expect, before the event is written."""
        self._has_ended = isinstance(event, RunEnded)
        if self._has_ended or (isinstance(event, CheckpointSaved) and self._wants_checkpoint):
            self._copy_files(_LOCAL_FILES)
            self._wants_checkpoint = False
        elif isinstance(event, RunStarted | ControlTaken):
            self._copy_files((*_LOCAL_FILES, *_WEIGHTS))
            if isinstance(event, ControlTaken) and event.request == "checkpoint":
                self._wants_checkpoint = not event.code

    def _copy_files(self, excluded: Sequence[str]) -> None:
        """Copy files of the run. In run.json, the paths of the host are replaced by local ones."""
        is_known = (self._run / RUN_FILE).exists()
        known = (RUN_FILE,) if is_known else ()
        self._host.download(self._job.run, self._run, [*excluded, *known])
        if not is_known:
            record, local = dict(read_run_json(self._run)), self._job.paths
            record["paths"] = {name: local.get(name) for name in record["paths"]}
            if "from" in record:
                record["from"]["run"] = local["from"]
            write_bytes(self._run / RUN_FILE, json.dumps(record, indent=1).encode() + b"\n")
