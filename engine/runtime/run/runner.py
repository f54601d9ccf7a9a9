"""One run from start to end: what a person asked for becomes a run folder that fills."""

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
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.cache.policy import Caching, silent
from engine.data.dataset.dataset import Dataset
from engine.events import Event
from engine.graph.diff import differences
from engine.graph.model import Project
from engine.graph.serialization.file import dumps, name_of, parse, read
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
from engine.runtime.batches.data_loader import Feed, feed_of
from engine.runtime.device import cpu_capability, devices, make_place, use_threads, versions
from engine.runtime.model.network import Network
from engine.runtime.model.torch_compile import compile_network
from engine.runtime.run.project_loader import Prepared, checked, prepare_data, stamp
from engine.runtime.run.recorder import Pump
from engine.runtime.run.tensorboard import refuse_missing
from engine.runtime.run.warm_start import begin_with, equal_to, refuse_changed_weights
from engine.runtime.training.loop import Training, never
from engine.runtime.training.state import optimizer_of

_MOST_TOLD = 8  # differences


@dataclass(frozen=True)
class Order:
    """What a person asked for.

    Args:
        graph: the graph file; None to take the run folder's own, with `resume`.
        data: the table; None to take the one that the run began with, with `resume`.
        validation: a table to validate on.
        run: the run folder; None picks runs/NAME-NNN beside the graph file.
        settings: "KEY=VALUE" for the recipe.
        resume: go on with the run in `run`.
        test: a table for the last test, kept in mind with the run.
        again: a run to repeat with everything equal, in a new folder beside it.
        begin: a run whose weights to begin with.
        tensorboard: write files for TensorBoard into the run folder.
        cache: read the data once into a cache and train from there; None where it is too large
            for memory.
    """

    graph: Path | None
    data: Path | None
    validation: Path | None = None
    run: Path | None = None
    settings: tuple[str, ...] = ()
    resume: bool = False
    test: Path | None = None
    again: Path | None = None
    begin: Path | None = None
    tensorboard: bool = False
    cache: bool | None = None


def train(
    order: Order,
    stop: Callable[[], str] = never,
    progress: Callable[[str, float], None] = silent,
) -> Iterator[tuple[RunFolder, Event]]:
    """Check, train and keep a run; yields each event once it is in the run folder.

    Args:
        order: what to do.
        stop: asked after each step; a reason, or "" to go on.
        progress: told what is done while rows are cached, and which share of it.

    Raises:
        DiagnosticError: before anything was written, if the graph, the data or the folder do not fit.
    """
    if order.run is not None:
        refuse_unfit(order.run, order.resume)
    if order.tensorboard:
        refuse_missing()
    model = RunFolder.open(order.again) if order.again else None
    earlier = _earlier(order) or model
    project, order = _project(order, earlier)
    report = checked(project, order.settings)
    assert order.data is not None
    caching = Caching(order.cache, progress=progress)
    prepared = prepare_data(report, order.data, order.validation, order.test, caching)
    with ExitStack() as stack:
        speed = FAST if earlier is None else replace(FAST, native=bool(earlier.run.get("native")))
        handed, prepared = [prepared], prepared.outline()
        # Popped, so that nobody holds the rows but the training.
        training = training_of(
            handed.pop(), stop, _device(prepared.recipe, earlier), speed, lean=True
        )
        if earlier is not None:
            use_threads(earlier.run["threads"])
            _refuse_other_data(earlier, prepared)
        origin, notices = _origin(order, training, model)
        run = _folder(order, prepared, training, origin, stack)
        pump = Pump(run, training, prepared, stack)
        if order.resume:
            yield from pump.resume()
        yield from pump.start(notices)
        yield from pump.run_on()


def _origin(
    order: Order, training: Training, model: RunFolder | None
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Return what run.json keeps of the runs that a new one comes from, and notices about them."""
    told: dict[str, Any] = {} if model is None else {"again": equal_to(model)}
    before = model.run.get("from") if model else None
    begin = order.begin or (Path(before["run"]) if before else None)
    if begin is None:
        return told, []
    start, notices = begin_with(training.network, begin)
    if before:
        refuse_changed_weights(before, start)
    return {**told, "from": start}, notices


def _earlier(order: Order) -> RunFolder | None:
    if not order.resume:
        return None
    if order.run is None:
        raise Refused(
            Diagnostic(
                "run-missing",
                "no run was named to go on with",
                found="--resume alone",
                expected="a run folder",
                fixes=(Fix("Name it: --run runs/posts-001 --resume."),),
            )
        )
    earlier = RunFolder.open(order.run)
    require_told(earlier.path, earlier.run, ("hashes.data", "device", "threads", "versions", "cpu"))
    return earlier


def _project(order: Order, earlier: RunFolder | None) -> tuple[Project, Order]:
    """Return the project to train, and the order with the paths that an earlier attempt used."""
    if earlier is None:
        assert order.graph is not None, "a new run has a graph file"
        return read(order.graph).project, order
    own = parse(earlier.graph_bytes()).project
    if order.resume and order.graph is not None:
        given = read(order.graph).project
        recipe = with_settings(given.recipe, earlier.run.get("settings", []))
        _refuse_changed(own, replace(given, recipe=recipe))
    paths = earlier.run.get("paths", {})
    kept = {side: Path(path) for side, path in paths.items() if path}
    return own, replace(
        order,
        graph=order.graph or kept.get("graph"),
        data=order.data or kept.get("data"),
        validation=order.validation or kept.get("validation"),
        test=order.test or kept.get("test"),
    )


def _refuse_changed(own: Project, given: Project) -> None:
    changed = differences(own, given)
    if changed:
        more = f"; and {len(changed) - _MOST_TOLD} more" if len(changed) > _MOST_TOLD else ""
        raise Refused(
            Diagnostic(
                "run-differs",
                "the graph file is not the one that this run began with",
                found="; ".join(changed[:_MOST_TOLD]) + more,
                expected="the same graph, recipe and data mapping; the layout may differ",
                fixes=(
                    Fix("Leave the file out: --run RUN --resume goes on with the run's own."),
                    Fix("Train the changed file as a new run, without --resume."),
                ),
            )
        )


def _device(recipe: Recipe, earlier: RunFolder | None) -> Device:
    """Return the device to ask for; a run goes on where it began, if that is left open."""
    if recipe.device != "auto" or earlier is None:
        return recipe.device
    began = earlier.run["device"].partition(":")[0]
    return cast(Device, began) if began in devices() else "auto"


def training_of(
    prepared: Prepared,
    stop: Callable[[], str] = never,
    device: Device | None = None,
    speed: Speed = FAST,
    lean: bool = False,
) -> Training:
    """Build the network, the optimizer and the feeds of a prepared training.

    Args:
        device: None takes the one of the recipe.
        speed: which tricks to use.
        lean: nobody will hold `prepared` any more, so what becomes bytes is let go; see `hold`.
    """
    keep_memory()
    recipe = prepared.recipe
    use_threads(fitting_threads() if recipe.threads is None else recipe.threads)
    place = make_place(device or recipe.device, recipe.precision)

    def feed(side: Dataset) -> Feed:
        return feed_of(side, recipe.batch_size, place, lean)

    train = feed(prepared.train)
    held = feed(prepared.validation) if prepared.validation else None
    prepared = prepared.outline()  # what became bytes is let go before the network takes memory
    planned = plan(prepared.report.project.graph, prepared.report)
    network = Network(quickened(planned) if speed.layout else planned, recipe.seed)
    network.weigh_classes(prepared.fitted.class_weights)
    place.settle(network)
    if recipe.compile:
        compile_network(network)
        speed = replace(speed, native=False, rows=False)
    optimizer = optimizer_of(network, recipe, place, speed)
    return Training(network, recipe, optimizer, train, held, place, stop=stop)


def _folder(
    order: Order,
    prepared: Prepared,
    training: Training,
    origin: Mapping[str, Any],
    stack: ExitStack,
) -> RunFolder:
    """Return the run folder, its lock held until the stack ends."""
    if order.resume:
        assert order.run is not None
        stack.callback(prepare(order.run, resume=True).release)
        run = RunFolder.open(order.run)
        run.sweep()
        return run
    assert order.graph is not None
    path = order.run or _claimed(order, order.graph)
    stack.callback(prepare(path).release)
    described = {**_described(order, prepared, training), **origin}
    described |= {"tensorboard": True} if order.tensorboard else {}
    return RunFolder.create(path, described, dumps(prepared.report.project).encode())


def _claimed(order: Order, graph: Path) -> Path:
    """Return a new folder: beside the run that is repeated, else beside the graph file."""
    if order.again is None:
        return claim_beside(graph)
    return claim_in(order.again.absolute().parent, name_of(graph))


def _refuse_other_data(earlier: RunFolder, prepared: Prepared) -> None:
    if earlier.run["hashes"]["data"] != prepared.digest:
        raise Refused(
            Diagnostic(
                "run-differs",
                "the data is not the data that this run began with",
                found=prepared.digest[:12],
                expected=earlier.run["hashes"]["data"][:12],
                fixes=(Fix("Give the same data, or train a new run without --resume."),),
            )
        )
    sides = earlier.run.get("sides", {}).get("digest")
    if sides is not None and sides != prepared.sides["digest"]:
        raise Refused(_other_sides(earlier, prepared))


def _other_sides(earlier: RunFolder, prepared: Prepared) -> Diagnostic:
    return Diagnostic(
        "run-differs",
        "the data is not divided as when this run began: the column that its split looks at holds "
        "other values",
        place="data.split",
        found=prepared.split,
        expected=str(earlier.run.get("split", "")),
        fixes=(Fix("Give the same data, or train a new run without --resume."),),
    )


def _described(order: Order, prepared: Prepared, training: Training) -> dict[str, Any]:
    """Return run.json: all that equal runs have in common, and where they came from."""
    assert order.graph is not None
    paths = {
        "graph": order.graph,
        "data": order.data,
        "validation": order.validation,
        "test": order.test,
    }
    return {
        "run_id": secrets.token_hex(8),
        "name": name_of(order.graph),
        "argv": sys.argv[1:],
        "settings": list(order.settings),
        "paths": {side: str(path.absolute()) if path else None for side, path in paths.items()},
        "versions": versions(),
        "device": str(training.place.device),
        "precision": prepared.recipe.precision,
        "threads": torch.get_num_threads(),
        "cpu": cpu_capability(),
        "native": training.network.native is not None,
        **stamp(prepared),
    }
