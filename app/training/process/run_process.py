"""The process of a run: started here or attached to, with the events that the run writes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.session import Session
from app.processes.engine_process import EngineProcess
from app.processes.graph_command import split_options
from app.training.process.external_trainer import ExternalTrainer
from app.training.process.outcome import (
    TrainingOutcome,
    not_started_outcome,
    process_outcome,
    start_failure_outcome,
)
from app.training.process.run_files import RunFiles, create_run_folder, graph_file_of, remember_run
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.urls import absolute_text
from engine.events import Event, RunEnded, RunResumed, RunStarted
from engine.runs.folder.run_folder import REMOTE_FILE
from engine.runs.log.event_log import EventReader

VISIBLE_INTERVAL, HIDDEN_INTERVAL = 33, 200  # milliseconds between two reads of the events
SILENCE_SECONDS = 10  # seconds without an event until `silent` is emitted
# The maximum duration of one read, normally and while many events are unread.
_READ_SECONDS, _CATCH_UP_SECONDS = 0.008, 0.02
_BLOCK_BYTES = 1 << 15  # bytes to read between two checks of the time

Trainer = EngineProcess | ExternalTrainer


class RunProcess(QObject):
    """The process of one run at a time; emits the events of the run.

    Closing the window does not end the process.

    Signals:
        events: the run has written new events; sends them in order.
        silent: there was no event for at least `SILENCE_SECONDS`; sends the seconds since the last
            event, once a second, and 0 after the next event.
        finished: the process has ended and all events were emitted; sends a `TrainingOutcome`.
    """

    events = Signal(list)
    silent = Signal(int)
    finished = Signal(TrainingOutcome)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trainer: Trainer | None = None
        self._code: int | None = None
        self._files: RunFiles | None = None
        self._reader: EventReader | None = None
        self._ended: RunEnded | None = None
        self._stop_request, self._has_started = "", False
        self._last_event_time = 0.0
        self._silent_seconds = 0
        self.has_unread_events = False
        self._timer = QTimer(self, interval=VISIBLE_INTERVAL, timeout=self._on_tick)

    @property
    def following(self) -> bool:
        """Whether events are being read: a run is in progress, or its last events may be unread."""
        return self._trainer is not None

    @property
    def running(self) -> bool:
        """Whether the followed process is running."""
        return self._trainer is not None and self._code is None

    @property
    def is_own_process(self) -> bool:
        """Whether the running process was started by this window."""
        return self.running and isinstance(self._trainer, EngineProcess)

    @property
    def stopping(self) -> bool:
        """Whether the process is running but was requested to stop."""
        return self.running and bool(self._stop_request)

    @property
    def run(self) -> Path | None:
        """The folder of the run whose events are (or were last) read, None if there is none."""
        return self._files.run if self._files else None

    @property
    def log_path(self) -> Path | None:
        """The log file (stderr of the training process), None if this file doesn't exist."""
        return self._files.log if self._files and self._files.log.exists() else None

    @property
    def _is_remote(self) -> bool:
        """Whether the run is trained on another machine."""
        return self._files is not None and (self._files.run / REMOTE_FILE).exists()

    @property
    def remote_message(self) -> str:
        """The last message about a training on another machine, "" if it runs on this one."""
        return self._files.last_log_line() if self._files and self._is_remote else ""

    @property
    def pid(self) -> int:
        """The process id, 0 if no process is running or the id is unknown."""
        return self._trainer.pid if self._trainer and self.running else 0

    def set_visible(self, visible: bool) -> None:
        """Set whether the panel is visible; events are read more often if it is visible."""
        self._timer.setInterval(VISIBLE_INTERVAL if visible else HIDDEN_INTERVAL)

    def start(
        self,
        session: Session,
        data: Path,
        warm_start_run: Path | None = None,
        options: Sequence[str] = (),
    ) -> bool:
        """Train a document; return whether the process was started.

        If the process was not started, `finished` was emitted with the reason. `warm_start_run` is
        the run to take the initial weights from, None for random weights. `options` are further
        options of `engine train`.
        """

        def arguments(files: RunFiles) -> list[str]:
            graph = files.write_snapshot(session.project, graph_file_of(session).name)
            tables = ["--data", absolute_text(data), *split_options(session.split_paths)]
            start = ["--from", str(warm_start_run)] if warm_start_run else []
            return [str(graph), *tables, *start, *options]

        return self._start_new(session, arguments)

    def repeat(self, session: Session, run: Path, options: Sequence[str] = ()) -> bool:
        """Repeat a run with the same settings and seed; return whether the process was started.

        `options` are further options of `engine train`.
        """
        return self._start_new(session, lambda _: ["--again", str(run), *options])

    def _start_new(self, session: Session, arguments: Callable[[RunFiles], list[str]]) -> bool:
        assert not self.running, "one training at a time"
        self.detach()
        self._files = None
        try:
            run = create_run_folder(session)
            self._files = RunFiles(run)
            command = [*arguments(self._files), "--run", str(run)]
        except DiagnosticError as error:
            return self._report_start_failure(not_started_outcome(error.diagnostics))
        is_started = self._launch(self._files, command, EventReader(run))
        if is_started:
            remember_run(session, run)
        return is_started

    def resume(self, run: Path, options: Sequence[str] = ()) -> bool:
        """Resume an ended run; return whether the process was started.

        Events that this object has already emitted are not emitted again. `options` are further
        options of `engine train`.
        """
        assert not self.running, "one training at a time"
        reader = self._reader if self.run == run else None
        self.detach()
        self._files = RunFiles(run)
        command = ["--run", str(run), "--resume", *options]
        return self._launch(self._files, command, reader or EventReader(run))

    def _launch(self, files: RunFiles, arguments: Sequence[str], reader: EventReader) -> bool:
        try:
            child = EngineProcess(["train", *arguments, "--json"], files.log)
        except OSError as error:
            return self._report_start_failure(start_failure_outcome(error))
        self._follow(child, reader)
        return True

    def attach(self, run: Path, byte_offset: int = 0, ended: RunEnded | None = None) -> None:
        """Follow a run from an offset in its event file.

        `ended` is the end event of the run if the file has this event before the offset, else None.
        """
        self.detach()
        self._files = RunFiles(run)
        self._follow(ExternalTrainer(run), EventReader(run, byte_offset))
        self._ended = ended

    def on_run_moved(self, run: Path, new_path: Path) -> None:
        """Update the path of an ended run that was moved."""
        if self.run == run:
            self._files = RunFiles(new_path)
            self._reader = EventReader(new_path, self._reader.offset) if self._reader else None

    def detach(self) -> None:
        """Stop following the run. Its process keeps running."""
        self._timer.stop()
        if self._trainer is not None:
            self._trainer.detach()
        self._trainer, self._code = None, None

    def stop(self) -> None:
        """Request the process to stop after the current step and to save."""
        if self._trainer is not None and self.running and not self._stop_request:
            self._stop_request = "stop"
            self._trainer.request_stop()

    def kill(self) -> None:
        """Kill the training, wherever it runs; progress since the last checkpoint is lost."""
        if self._trainer is None or not self.running:
            return
        self._stop_request = "kill"
        if self._is_remote and (pid := self.pid):  # 0 would be the process group of the window
            # After a second signal, the mirror kills the run on its host. Two equal signals at once
            # may arrive as one.
            for number in (signal.SIGINT, signal.SIGTERM):
                with suppress(OSError):
                    os.kill(pid, number)
        else:
            self._trainer.kill()

    def _follow(self, trainer: Trainer, reader: EventReader) -> None:
        self._ended, self._stop_request, self._has_started = None, "", False
        self._trainer, self._reader = trainer, reader
        self._code = trainer.poll()
        self._last_event_time, self._silent_seconds = time.monotonic(), 0
        self._timer.start()

    def _report_start_failure(self, outcome: TrainingOutcome) -> bool:
        if self._files is not None:
            self._files.clean_up()
        self.finished.emit(outcome)
        return False

    def _on_tick(self) -> None:
        assert self._trainer is not None
        # Poll before reading, so that the last events of the process are not missed.
        self._code = self._trainer.poll()
        self.has_unread_events = self._read_events()
        if self._trainer is None:  # a receiver of `events` has detached it
            return
        if self._code is not None and not self.has_unread_events:
            self._finish(self._trainer, self._code)
        elif self._code is None:
            self._update_silence()

    def _read_events(self) -> bool:
        """Read and emit events for a few milliseconds; return whether more may be unread."""
        assert self._reader is not None
        seconds = _CATCH_UP_SECONDS if self.has_unread_events else _READ_SECONDS
        deadline = time.perf_counter() + seconds
        events: list[Event] = []
        has_more = True
        while has_more and time.perf_counter() < deadline:
            offset = self._reader.offset
            events += self._reader.read_new(_BLOCK_BYTES)
            has_more = self._reader.offset != offset
        if events:
            self._process_events(events)
        return has_more

    def _process_events(self, events: Sequence[Event]) -> None:
        self._last_event_time = time.monotonic()
        for event in events:
            if isinstance(event, RunStarted):
                assert self._files is not None
                self._files.finish_start()
            if isinstance(event, (RunStarted, RunResumed, RunEnded)):
                self._ended = event if isinstance(event, RunEnded) else None
                self._has_started = True
        self.events.emit(list(events))

    def _update_silence(self) -> None:
        seconds = int(time.monotonic() - self._last_event_time)
        seconds = seconds if seconds >= SILENCE_SECONDS else 0
        if seconds != self._silent_seconds:
            self._silent_seconds = seconds
            self.silent.emit(seconds)

    def _finish(self, trainer: Trainer, code: int) -> None:
        assert self._files is not None
        self._timer.stop()
        output, log_line = trainer.read_output(), self._files.last_log_line()
        outcome = process_outcome(
            code, self._ended, output, log_line, self._stop_request, self._has_started
        )
        self.detach()
        if isinstance(trainer, EngineProcess):
            self._files.clean_up()
        self.finished.emit(outcome)
