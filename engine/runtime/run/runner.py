"""Training of a run: turns a request into a job, trains it, and records it in a run folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic
from engine.data.cache.policy import ignore_progress
from engine.events import Event
from engine.runs.folder.run_folder import RunFolder
from engine.runtime.model.network import Network
from engine.runtime.run.folder_setup import open_run_folder
from engine.runtime.run.job import TrainJob, resolve
from engine.runtime.run.recorded_training import RecordedTraining
from engine.runtime.run.recorder import RunRecorder
from engine.runtime.run.request import TrainRequest
from engine.runtime.run.warm_start import require_unchanged_weights, warm_start
from engine.runtime.training.builder import build_training
from engine.runtime.training.training import never_stop


def train(
    request: TrainRequest,
    stop: Callable[[], str] = never_stop,
    progress: Callable[[str, float], None] = ignore_progress,
) -> Iterator[tuple[RunFolder, Event]]:
    """Check, train and record a run. Each event is written to the run folder, then yielded.

    Args:
        stop: called after each step; returns a reason to stop, or "" to continue.
        progress: called while rows are cached, with the activity and the completed fraction.

    Raises:
        DiagnosticError: before anything is written, if graph, data or run folder are invalid.
    """
    job = resolve(request, progress)
    with ExitStack() as stack:
        threads = None if job.previous is None else job.previous.record["threads"]
        training = build_training(job.data, stop, job.device, job.native, threads=threads)
        source, notices = _warm_start(job, training.network)
        # The folder is created last, so that an earlier error leaves no folder behind.
        run = open_run_folder(job, training, source, stack)
        recorder = RunRecorder(run, training, stack)
        yield from RecordedTraining(training, job.data, recorder).run(job.request.resume, notices)


def _warm_start(job: TrainJob, network: Network) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Load another run's weights, if the request or the repeated run names that run as source.

    Returns:
        {"from": the other run's record} for run.json, and notices about weights; else {} and [].
    """
    recorded = job.repeated.record.get("from") if job.repeated else None
    source = job.request.warm_start or (Path(recorded["run"]) if recorded else None)
    if source is None:
        return {}, []
    record, notices = warm_start(network, source)
    if recorded:
        require_unchanged_weights(recorded, record)
    return {"from": record}, notices
