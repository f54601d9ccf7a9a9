"""Starting, resuming and repeating runs: from options to a run folder and its events."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch

from engine.compile.optimization import quickened
from engine.compile.plan import plan
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.cache.policy import Caching, silent
from engine.data.dataset.dataset import Dataset
from engine.events import Event
from engine.graph.diff import diff_projects
from engine.graph.model import Project
from engine.graph.serialization.file import dumps, parse, project_name, read
from engine.recipe.overrides import with_settings
from engine.recipe.recipe import Device, Recipe
from engine.runs.folder.run_folder import (
    RunFolder,
    claim_beside,
    claim_in,
    prepare,
    refuse_unfit,
)
from engine.runs.folder.run_json import require_told
from engine.runtime.acceleration.allocator import keep_memory
from engine.runtime.acceleration.options import FAST, Speed
from engine.runtime.acceleration.threads import fitting_threads
from engine.runtime.batches.data_loader import DataLoader, make_data_loader
from engine.runtime.device import (
    available_devices,
    cpu_capability,
    make_device_context,
    package_versions,
    set_thread_count,
)
from engine.runtime.model.network import Network
from engine.runtime.model.torch_compile import compile_network
from engine.runtime.run.project_loader import (
    PreparedTraining,
    check_project,
    data_record,
    prepare_data,
)
from engine.runtime.run.recorder import RunRecorder
from engine.runtime.run.tensorboard import require_tensorboard
from engine.runtime.run.warm_start import repeat_record, require_unchanged_weights, warm_start
from engine.runtime.training.loop import Training, never_stop
from engine.runtime.training.state import build_optimizer

_MAX_DIFFERENCES = 8  # shown in a message


@dataclass(frozen=True)
class TrainOptions:
    """The options of a run.

    Args:
        graph: graph file; None with `resume` uses the run folder's copy.
        data: table to train on; None with `resume` uses the run's own.
        validation: table to validate on.
        run: run folder; None creates runs/NAME-NNN next to the graph file.
        settings: "KEY=VALUE" overrides of the recipe.
        resume: resume the run in `run`.
        test: table of the test split; recorded in run.json.
        repeat: run to repeat identically in a new folder next to it.
        warm_start: run whose weights are the initial weights.
        tensorboard: write TensorBoard logs into the run folder.
        cache: read the data once into a cache on disk, and train from it; None does so if the
            data is too large for memory.
    """

    graph: Path | None
    data: Path | None
    validation: Path | None = None
    run: Path | None = None
    settings: tuple[str, ...] = ()
    resume: bool = False
    test: Path | None = None
    repeat: Path | None = None
    warm_start: Path | None = None
    tensorboard: bool = False
    cache: bool | None = None


def train(
    options: TrainOptions,
    stop: Callable[[], str] = never_stop,
    progress: Callable[[str, float], None] = silent,
) -> Iterator[tuple[RunFolder, Event]]:
    """Check, train and record a run. Each event is yielded once it is in the run folder.

    Args:
        options: options of the run.
        stop: called after each step; returns a reason to stop, or "" to continue.
        progress: called while rows are cached, with the activity and the completed fraction.

    Raises:
        DiagnosticError: before anything is written, if graph, data or run folder are invalid.
    """
    if options.run is not None:
        refuse_unfit(options.run, options.resume)
    if options.tensorboard:
        require_tensorboard()
    repeated = RunFolder.open(options.repeat) if options.repeat else None
    previous = _resumed_run(options) or repeated
    project, options = _project(options, previous)
    report = check_project(project, options.settings)
    assert options.data is not None
    caching = Caching(options.cache, progress=progress)
    prepared = prepare_data(report, options.data, options.validation, options.test, caching)
    with ExitStack() as stack:
        acceleration = (
            FAST if previous is None else replace(FAST, native=bool(previous.run.get("native")))
        )
        # Passed by `pop`, so that this frame doesn't keep the rows alive: the training may convert
        # them to a compact form and free the originals. The outline holds no rows.
        with_rows, prepared = [prepared], prepared.without_values()
        training = build_training(
            with_rows.pop(), stop, _device(prepared.recipe, previous), acceleration, compact=True
        )
        if previous is not None:
            set_thread_count(previous.run["threads"])
            _require_same_data(previous, prepared)
        origin, notices = _origin(options, training, repeated)
        run = _run_folder(options, prepared, training, origin, stack)
        recorder = RunRecorder(run, training, prepared, stack)
        if options.resume:
            yield from recorder.resume()
        yield from recorder.start(notices)
        yield from recorder.train()


def _origin(
    options: TrainOptions, training: Training, repeated: RunFolder | None
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Warm-start the network if requested; return the run.json records of source runs, notices."""
    origin: dict[str, Any] = {} if repeated is None else {"again": repeat_record(repeated)}
    recorded = repeated.run.get("from") if repeated else None
    source = options.warm_start or (Path(recorded["run"]) if recorded else None)
    if source is None:
        return origin, []
    record, notices = warm_start(training.network, source)
    if recorded:
        require_unchanged_weights(recorded, record)
    return {**origin, "from": record}, notices


def _resumed_run(options: TrainOptions) -> RunFolder | None:
    if not options.resume:
        return None
    if options.run is None:
        raise DiagnosticError(
            Diagnostic(
                "run-missing",
                "--resume needs a run",
                found="--resume alone",
                expected="a run folder",
                fixes=(Fix("Name it: --run runs/posts-001 --resume."),),
            )
        )
    resumed = RunFolder.open(options.run)
    require_told(resumed.path, resumed.run, ("hashes.data", "device", "threads", "versions", "cpu"))
    return resumed


def _project(options: TrainOptions, previous: RunFolder | None) -> tuple[Project, TrainOptions]:
    """Return the project to train, and the options completed with the paths in run.json.

    Args:
        order: options of the run.
        previous: the run that is resumed or repeated.
    """
    if previous is None:
        assert options.graph is not None, "a new run has a graph file"
        return read(options.graph).project, options
    project = parse(previous.graph_bytes()).project
    if options.resume and options.graph is not None:
        given = read(options.graph).project
        recipe = with_settings(given.recipe, previous.run.get("settings", []))
        _require_same_project(project, replace(given, recipe=recipe))
    recorded = previous.run.get("paths", {})
    paths = {name: Path(path) for name, path in recorded.items() if path}
    return project, replace(
        options,
        graph=options.graph or paths.get("graph"),
        data=options.data or paths.get("data"),
        validation=options.validation or paths.get("validation"),
        test=options.test or paths.get("test"),
    )


def _require_same_project(project: Project, given: Project) -> None:
    changes = diff_projects(project, given)
    if changes:
        more_count = len(changes) - _MAX_DIFFERENCES
        more = f"; and {more_count} more" if more_count > 0 else ""
        raise DiagnosticError(
            Diagnostic(
                "run-differs",
                "the graph file has changed since this run started",
                found="; ".join(changes[:_MAX_DIFFERENCES]) + more,
                expected="the same graph, recipe and data mapping; the layout may differ",
                fixes=(
                    Fix("Leave the file out: --run RUN --resume uses the run's own copy."),
                    Fix("Train the changed file as a new run, without --resume."),
                ),
            )
        )


def _device(recipe: Recipe, previous: RunFolder | None) -> Device:
    """Return the device to request; with "auto", that of the previous run if available."""
    if recipe.device != "auto" or previous is None:
        return recipe.device
    device = previous.run["device"].partition(":")[0]
    return cast(Device, device) if device in available_devices() else "auto"


def build_training(
    prepared: PreparedTraining,
    stop: Callable[[], str] = never_stop,
    device: Device | None = None,
    acceleration: Speed = FAST,
    compact: bool = False,
) -> Training:
    """Return a training with its network, optimizer and data loaders.

    Args:
        prepared: checked project with its data.
        stop: see `train`.
        device: None uses that of the recipe.
        acceleration: which accelerations to use.
        compact: store rows compactly (see `compact_rows`); `prepared` is not needed afterwards.
    """
    keep_memory()
    recipe = prepared.recipe
    set_thread_count(fitting_threads() if recipe.threads is None else recipe.threads)
    device_context = make_device_context(device or recipe.device, recipe.precision)

    def loader(split: Dataset) -> DataLoader:
        return make_data_loader(split, recipe.batch_size, device_context, compact)

    train = loader(prepared.train)
    validation = loader(prepared.validation) if prepared.validation else None
    # Free the rows that were compacted before the network is built.
    prepared = prepared.without_values()
    network_plan = plan(prepared.report.project.graph, prepared.report)
    network = Network(quickened(network_plan) if acceleration.layout else network_plan, recipe.seed)
    network.set_class_weights(prepared.fitted.class_weights)
    device_context.setup_module(network)
    if recipe.compile:
        compile_network(network)
        # torch.compile can't trace kernels and sparse gradients.
        acceleration = replace(acceleration, native=False, rows=False)
    optimizer = build_optimizer(network, recipe, device_context, acceleration)
    return Training(network, recipe, optimizer, train, validation, device_context, stop=stop)


def _run_folder(
    options: TrainOptions,
    prepared: PreparedTraining,
    training: Training,
    origin: Mapping[str, Any],
    stack: ExitStack,
) -> RunFolder:
    """Return the new or resumed run folder; its lock is held until the stack is closed."""
    if options.resume:
        assert options.run is not None
        stack.callback(prepare(options.run, resume=True).release)
        run = RunFolder.open(options.run)
        run.sweep()
        return run
    assert options.graph is not None
    path = options.run or _new_folder(options, options.graph)
    stack.callback(prepare(path).release)
    run_json = {**_run_json(options, prepared, training), **origin}
    run_json |= {"tensorboard": True} if options.tensorboard else {}
    return RunFolder.create(path, run_json, dumps(prepared.report.project).encode())


def _new_folder(options: TrainOptions, graph: Path) -> Path:
    """Create a new run folder, next to the repeated run or else below the graph's folder."""
    if options.repeat is None:
        return claim_beside(graph)
    return claim_in(options.repeat.absolute().parent, project_name(graph))


def _require_same_data(previous: RunFolder, prepared: PreparedTraining) -> None:
    if previous.run["hashes"]["data"] != prepared.digest:
        raise DiagnosticError(
            Diagnostic(
                "run-differs",
                "the data has changed since this run started",
                found=prepared.digest[:12],
                expected=previous.run["hashes"]["data"][:12],
                fixes=(Fix("Use the same data, or train a new run without --resume."),),
            )
        )
    split_digest = previous.run.get("sides", {}).get("digest")
    if split_digest is not None and split_digest != prepared.sides["digest"]:
        raise DiagnosticError(_split_differs(previous, prepared))


def _split_differs(previous: RunFolder, prepared: PreparedTraining) -> Diagnostic:
    return Diagnostic(
        "run-differs",
        "the data is split differently than when this run started: the values of the split's "
        "column have changed",
        place="data.split",
        found=prepared.split,
        expected=str(previous.run.get("split", "")),
        fixes=(Fix("Use the same data, or train a new run without --resume."),),
    )


def _run_json(
    options: TrainOptions, prepared: PreparedTraining, training: Training
) -> dict[str, Any]:
    """Return the content of run.json: what identifies the run, its environment and its files."""
    assert options.graph is not None
    paths = {
        "graph": options.graph,
        "data": options.data,
        "validation": options.validation,
        "test": options.test,
    }
    return {
        "run_id": secrets.token_hex(8),
        "name": project_name(options.graph),
        "argv": sys.argv[1:],
        "settings": list(options.settings),
        "paths": {name: str(path.absolute()) if path else None for name, path in paths.items()},
        "versions": package_versions(),
        "device": str(training.device_context.device),
        "precision": prepared.recipe.precision,
        "threads": torch.get_num_threads(),
        "cpu": cpu_capability(),
        "native": training.network.kernels is not None,
        **data_record(prepared),
    }
