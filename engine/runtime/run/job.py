"""The job of a training request: the data that was read, and the validated settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from engine.check.report import check_project
from engine.core.diagnostic import diagnostic_error
from engine.data.cache.policy import CacheSettings, ignore_progress
from engine.data.prepared_data import PreparedData, prepare_data
from engine.graph.diff import diff_projects
from engine.graph.model import Project
from engine.graph.serialization.file import parse, read
from engine.recipe.overrides import apply_overrides
from engine.recipe.recipe import Device, Recipe
from engine.runs.folder.run_folder import RunFolder, require_usable
from engine.runs.folder.run_json import require_keys
from engine.runs.request import TrainRequest
from engine.runtime.device import available_devices
from engine.runtime.run.tensorboard import require_tensorboard

_MAX_DIFFERENCES = 8  # maximum number of differences in a message


@dataclass
class TrainJob:
    """The data and settings of a training run, resolved from a request.

    Args:
        request: the request, with missing paths taken from the resumed or repeated run.
        data: the prepared data.
        device: device of the training; "auto" selects the fastest device.
        native: whether native kernels may be used; after a run `previous`, only if it used them.
        previous: the run that is resumed or repeated; None for a new run.
    """

    request: TrainRequest
    data: PreparedData
    device: Device
    native: bool
    previous: RunFolder | None

    @property
    def repeated(self) -> RunFolder | None:
        """The run that is repeated in a new folder; None if no run is repeated."""
        return None if self.request.resume else self.previous


def resolve(
    request: TrainRequest, progress: Callable[[str, float], None] = ignore_progress
) -> TrainJob:
    """Return the job of a request, without writing to the run folder.

    Args:
        progress: called with the activity and the completed fraction while rows are cached.

    Raises:
        DiagnosticError: if graph, data, settings or run folder are invalid.
    """
    if request.run is not None:
        require_usable(request.run, request.resume)
    if request.tensorboard:
        require_tensorboard()
    previous = _resumed_run(request) or (RunFolder.open(request.repeat) if request.repeat else None)
    project, request = _project(request, previous)
    report = check_project(project, request.settings)
    assert request.data is not None, "the command line requires data, and a run records it"
    caching = CacheSettings(request.cache, stream=request.stream or None, progress=progress)
    if previous is not None:  # the order of rows is that of the run
        caching = replace(caching, stream=bool(previous.record.get("stream")))
    data = prepare_data(report, request.data, request.validation, request.test, caching)
    if previous is not None:
        _require_same_data(previous, data)
    native = previous is None or bool(previous.record.get("native"))
    return TrainJob(request, data, _device(data.recipe, previous), native, previous)


def _resumed_run(request: TrainRequest) -> RunFolder | None:
    if not request.resume:
        return None
    if request.run is None:
        raise diagnostic_error(
            "run-missing",
            "--resume needs a run",
            "Name it: --run runs/posts-001 --resume.",
            found="--resume alone",
            expected="a run folder",
        )
    resumed = RunFolder.open(request.run)
    require_keys(
        resumed.path, resumed.record, ("hashes.data", "device", "threads", "versions", "cpu")
    )
    return resumed


def _project(request: TrainRequest, previous: RunFolder | None) -> tuple[Project, TrainRequest]:
    """Return the project to train, and the request with its missing paths filled in.

    `previous` is the run to resume or repeat. If it is given, the project is read from its folder,
    and the missing paths from its run.json. Otherwise, the project is read from the graph file of
    the request, and the request is returned unchanged.

    Raises:
        DiagnosticError: if a file is invalid, or if the graph file differs from the resumed run.
    """
    if previous is None:
        assert request.graph is not None, "a new run has a graph file"
        return read(request.graph).project, request
    project = parse(previous.graph_bytes()).project
    if request.resume and request.graph is not None:
        given = read(request.graph).project
        recipe = apply_overrides(given.recipe, previous.record.get("settings", []))
        _require_same_project(project, replace(given, recipe=recipe))
    recorded = previous.record.get("paths", {})
    paths = {name: Path(path) for name, path in recorded.items() if path}
    return project, replace(
        request,
        graph=request.graph or paths.get("graph"),
        data=request.data or paths.get("data"),
        validation=request.validation or paths.get("validation"),
        test=request.test or paths.get("test"),
    )


def _require_same_project(project: Project, given: Project) -> None:
    changes = diff_projects(project, given)
    if changes:
        more_count = len(changes) - _MAX_DIFFERENCES
        more = f"; and {more_count} more" if more_count > 0 else ""
        raise diagnostic_error(
            "run-differs",
            "the graph file has changed since this run started",
            "Leave the file out: --run RUN --resume uses the run's own copy.",
            "Train the changed file as a new run, without --resume.",
            found="; ".join(changes[:_MAX_DIFFERENCES]) + more,
            expected="the same graph, recipe and data mapping; the layout may differ",
        )


def _device(recipe: Recipe, previous: RunFolder | None) -> Device:
    """Return the recipe's device; for "auto", that of run `previous` if available, else "auto"."""
    if recipe.device != "auto" or previous is None:
        return recipe.device
    device = previous.record["device"].partition(":")[0]
    return cast(Device, device) if device in available_devices() else "auto"


def _require_same_data(previous: RunFolder, prepared: PreparedData) -> None:
    if previous.record["hashes"]["data"] != prepared.digest:
        raise diagnostic_error(
            "run-differs",
            "the data has changed since this run started",
            "Use the same data, or train a new run without --resume.",
            found=prepared.digest[:12],
            expected=previous.record["hashes"]["data"][:12],
        )
    split_digest = previous.record.get("sides", {}).get("digest")
    if split_digest is not None and split_digest != prepared.sides["digest"]:
        raise diagnostic_error(
            "run-differs",
            "the data is split differently than when this run started: the values of the split's "
            "column have changed",
            "Use the same data, or train a new run without --resume.",
            place="data.split",
            found=prepared.split,
            expected=str(previous.record.get("split", "")),
        )
