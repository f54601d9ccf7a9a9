"""The record of a new run for run.json: its request, environment, project and data."""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
from typing import Any

import torch

from engine.core.formatting.urls import absolute_text
from engine.data.prepared_data import PreparedData
from engine.graph.model import Project
from engine.graph.serialization.file import dumps, project_name
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import read_events
from engine.runtime.environment import cpu_capability, package_versions
from engine.runtime.run.job import TrainJob
from engine.runtime.training.control import applied_changes
from engine.runtime.training.training import Training


def run_record(job: TrainJob, training: Training) -> dict[str, Any]:
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
        "argv": sys.argv[1:],
        "settings": list(request.settings),
        "paths": {name: absolute_text(path) if path else None for name, path in paths.items()},
        "versions": package_versions(),
        "device": str(training.device_context.device),
        "precision": data.recipe.precision,
        "threads": torch.get_num_threads(),
        "cpu": cpu_capability(),
        "native": training.native,
        **({"deterministic": True} if torch.are_deterministic_algorithms_enabled() else {}),
        "hashes": content_hashes(data),
        "rows": data.train.row_count,
        **({"stream": True} if data.train.is_streamed else {}),
        "validation_rows": data.validation.row_count if data.validation else 0,
        "split": data.split,
        "sides": dict(data.sides),
        "labelled": _target_counts(data),
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
