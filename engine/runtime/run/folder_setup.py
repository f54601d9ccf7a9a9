"""Creation of a run folder with its run.json, or opening of the folder of a resumed run."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch

from engine.core.formatting.urls import absolute_text, without_credentials
from engine.data.prepared_data import PreparedData
from engine.graph.model import Project
from engine.graph.serialization.file import dumps, project_name
from engine.launch.torchrun import current_rank
from engine.runs.folder import run_folder
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.log.event_log import read_events
from engine.runs.request import TrainRequest
from engine.runtime.environment import cpu_capability, package_versions
from engine.runtime.run.job import TrainJob
from engine.runtime.training.control import applied_changes
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
    record = {**_run_record(job, training), **source}
    record |= {"tensorboard": True} if request.tensorboard else {}
    path = request.run or _new_folder(request, request.graph)
    stack.callback(lock_run_folder(path, pid=pid).release)
    return RunFolder.create(path, record, dumps(job.data.report.project).encode())


def _new_folder(request: TrainRequest, graph: Path) -> Path:
    if request.repeat is None:
        return run_folder.create_next_folder(graph)
    return run_folder.create_numbered_folder(request.repeat.absolute().parent, project_name(graph))


def _run_record(job: TrainJob, training: Training) -> dict[str, Any]:
    """Return the fields of run.json that describe a new run."""
    request, data = job.request, job.data
    assert request.graph is not None
    paths = {
        "graph": request.graph,
        "data": request.data,
        "validation": request.validation,
        "test": request.test,
    }
    return {
        "run_id": secrets.token_hex(8),
        "name": project_name(request.graph),
        "argv": [*map(without_credentials, sys.argv[1:])],
        "settings": list(request.settings),
        "paths": {name: absolute_text(path) if path else None for name, path in paths.items()},
        "versions": package_versions(),
        "device": str(training.device_context.device),
        "precision": data.recipe.precision,
        "threads": torch.get_num_threads(),
        "cpu": cpu_capability(),
        "native": training.native,
        **({"deterministic": True} if training.recipe.deterministic else {}),
        "hashes": content_hashes(data),
        "rows": data.train.row_count,
        **({"stream": True} if data.train.is_streamed else {}),
        "validation_rows": data.validation.row_count if data.validation else 0,
        "split": data.split,
        **({"windows": True} if data.report.mapping and data.report.mapping.windows else {}),
        "sides": dict(data.sides),
        "labelled": _target_counts(data),
        "baselines": {name: list(values) for name, values in data.baselines.items()},
        "seed": data.recipe.seed,
        "fitted": data.fitted.params(),
        **({"again": _repeat_record(job.repeated)} if job.repeated else {}),
    }


def _repeat_record(run: RunFolder) -> dict[str, Any]:
    """Return the entry "again" of run.json for a new run that repeats `run`.

    The entry has the path and the id of `run`, and its changes of live settings. The new run
    applies each change after the same training step.
    """
    inherited = run.record.get("again", {}).get("changes", ())
    applied = [
        {"id": event.id, "request": event.request, "step": event.step, "value": event.value}
        for event in applied_changes(read_events(run.path, include_steps=False))
    ]
    known = {change["id"] for change in applied}
    remaining = [change for change in inherited if change["id"] not in known]
    return {
        "run": str(run.path.absolute()),
        "run_id": run.run_id,
        "changes": [*applied, *remaining],
    }


def content_hashes(prepared: PreparedData) -> dict[str, str]:
    """Return the SHA-256 hashes of "graph" (without the layout), "recipe" and "data"."""
    graph = dumps(Project(prepared.report.project.graph)).encode()
    recipe_json = json.dumps(prepared.recipe.params(), sort_keys=True).encode()
    return {
        "graph": hashlib.sha256(graph).hexdigest(),
        "recipe": hashlib.sha256(recipe_json).hexdigest(),
        "data": prepared.digest,
    }


def _target_counts(prepared: PreparedData) -> dict[str, dict[str, int]]:
    """Return the number of rows that have a target, by output name and then by split.

    Outputs whose field `missing` is not "mask" are left out.
    """
    splits = {"train": prepared.train, "validation": prepared.validation}
    masked = [head.name for head in prepared.report.heads.values() if head.missing == "mask"]
    return {
        name: {split: data.target_count(name) for split, data in splits.items() if data is not None}
        for name in masked
    }
