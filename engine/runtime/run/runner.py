"""Training of a run: turns a request into a job, trains it, and records it in a run folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from engine.core.diagnostic import (
    Diagnostic,
    DiagnosticError,
    diagnostic_error,
    diagnostic_from_dict,
)
from engine.data.cache.policy import ignore_progress
from engine.events import Event, RunFailed
from engine.launch.torchrun import current_rank
from engine.runs.folder.run_folder import RunFolder
from engine.runs.request import TrainRequest
from engine.runtime.device import require_devices, select_device
from engine.runtime.distributed.modules import require_divisible_batches
from engine.runtime.distributed.process_group import ProcessGroup, connected_group
from engine.runtime.distributed.sharded_network import sharding_idle
from engine.runtime.model.network import Network
from engine.runtime.run.folder_setup import content_hashes, open_run_folder
from engine.runtime.run.job import TrainJob, resolve
from engine.runtime.run.recorded_training import RecordedTraining
from engine.runtime.run.recorder import RankRecorder
from engine.runtime.run.run_recorder import RunRecorder
from engine.runtime.run.warm_start import require_unchanged_weights, warm_start
from engine.runtime.training.builder import build_training
from engine.runtime.training.training import Training, never_stop


def train(
    request: TrainRequest,
    stop: Callable[[], str] = never_stop,
    progress: Callable[[str, float], None] = ignore_progress,
) -> Iterator[tuple[RunFolder, Event]]:
    """Check, train and record a run. Each event is written to the run folder, then yielded.

    If torchrun started several processes (ranks), they train together. Rank 0 records the run; the
    others yield nothing.

    Args:
        stop: called after each step; returns a reason to stop, or "" to continue.
        progress: called while rows are cached, with the activity and the completed fraction.

    Raises:
        DiagnosticError: before anything is written, if graph, data or run folder are invalid.
    """
    with ExitStack() as stack:
        group = stack.enter_context(connected_group())
        # The first rank of a machine may write rows to the cache, where the others find them.
        is_first = current_rank().local_number == 0
        first = group.agree(lambda: resolve(request, progress) if is_first else None)
        job = group.agree(lambda: first or resolve(request, progress))
        if group.size > 1:
            _require_same_job(job, group)
        training, source, notices = group.agree(lambda: _build(job, stop, group))
        if group.rank:
            recorded = RecordedTraining(training, job.data, RankRecorder(training))
            (last,) = deque(recorded.run(), maxlen=1)
            # The launcher of this machine may have no rank 0 that tells it how the run ended.
            if isinstance(last, RunFailed) and last.code != "rank-lost":
                raise DiagnosticError(diagnostic_from_dict(last.diagnostic))
            return
        # The folder is created last, so that an earlier error leaves no folder behind.
        run = open_run_folder(job, training, source, stack)
        recorded = RecordedTraining(training, job.data, RunRecorder(run, training, stack))
        for event in recorded.run(job.request.resume, notices):
            yield run, event


def _require_same_job(job: TrainJob, group: ProcessGroup) -> None:
    """Check that all ranks have read the same graph, recipe and rows, maybe from several disks.

    Raises:
        DiagnosticError: run-differs, on all ranks.
    """
    own = {**content_hashes(job.data), "order of rows": str(job.data.train.is_streamed)}
    first, *others = group.gather(own)
    differing = [name for name in first if any(other[name] != first[name] for other in others)]
    if differing:
        raise diagnostic_error(
            "run-differs",
            "the processes of this run do not have the same graph, recipe and data",
            "Use the same files and options on all machines.",
            "Choose --stream or --cache, so that it does not depend on the disk of a machine.",
            found=f"different {', '.join(differing)}",
            expected="the same in all processes",
        )


def _build(
    job: TrainJob, stop: Callable[[], str], group: ProcessGroup
) -> tuple[Training, dict[str, Any], list[Diagnostic]]:
    """Return the training of a job, the record of its warm start for run.json, and notices."""
    require_devices(select_device(job.device), current_rank().local_size)
    if group.size > 1:
        require_divisible_batches(job.data.report.shapes)
    threads = job.previous.record["threads"] if job.previous else None
    training = build_training(job.data, stop, job.device, job.native, threads, group)
    source, notices = _warm_start(job, training.network)
    if training.recipe.sharded and not training.is_sharded:
        notices.append(sharding_idle())
    return training, source, notices


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
