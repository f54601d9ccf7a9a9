"""Creation of a run folder with its run.json, or opening of the folder of a resumed run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from engine.graph.serialization.file import dumps, project_name
from engine.launch.torchrun import current_rank
from engine.runs.folder import run_folder
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.request import TrainRequest
from engine.runtime.run.job import TrainJob
from engine.runtime.run.run_record import run_record
from engine.runtime.training.training import Training


def open_run_folder(
    job: TrainJob, training: Training, source: Mapping[str, Any], stack: ExitStack
) -> RunFolder:
    """Return the new or resumed run folder, whose lock is held until the stack is closed.

    Args:
        source: field "from" of run.json if the training is warm-started from a run, else {}.
        stack: exit stack that releases the lock.
    """
    request = job.request
    # A launcher would start a rank again that was killed.
    pid = os.getppid() if current_rank().is_launched else os.getpid()
    if request.resume:
        assert request.run is not None
        stack.callback(lock_run_folder(request.run, resume=True, pid=pid).release)
        run = RunFolder.open(request.run)
        run.remove_temporary_files()
        return run
    assert request.graph is not None
    record = {**run_record(job, training), **source}
    record |= {"tensorboard": True} if request.tensorboard else {}
    path = request.run or _new_folder(request, request.graph)
    stack.callback(lock_run_folder(path, pid=pid).release)
    return RunFolder.create(path, record, dumps(job.data.report.project).encode())


def _new_folder(request: TrainRequest, graph: Path) -> Path:
    if request.repeat is None:
        return run_folder.create_next_folder(graph)
    return run_folder.create_numbered_folder(request.repeat.absolute().parent, project_name(graph))
