"""How a project is trained, as the arguments of `model.compile` and `model.fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import TextWrapper
from typing import Any

from engine.check.report import Report
from engine.compile.line_wrap import WIDTH, fitted
from engine.compile.python_values import Values, quoted
from engine.graph.model import Node
from engine.recipe.data_mapping import SIDES, Source
from engine.recipe.early_stopping import Monitor, Stopping
from engine.recipe.recipe import Recipe
from engine.recipe.split import SPLITS

# What `fit` is told; all other fields of a recipe are told to `compile`.
_FIT = ("optimizer", "epochs", "batch_size", "shuffle", "validation_split")
_WRAP = TextWrapper(
    WIDTH, initial_indent="    ", subsequent_indent="        ", break_long_words=False
)


def compiled(report: Report, values: Values) -> Iterator[str]:
    """Yield the arguments of `model.compile`: losses, their weights and metrics by output name."""
    recipe = _recipe(report)
    outputs = report.project.graph.outputs
    params = {node.name: _params(node) for node in outputs}
    yield f"optimizer={values.text(recipe.optimizer)}"
    told = {name: each["loss"] for name, each in params.items() if each["loss"] is not None}
    losses = {name: values.loss(loss) for name, loss in told.items()}
    if losses:
        yield f"loss={_by_name(losses, len(outputs))}"
    weights = {name: params[name]["loss_weight"] for name in losses}
    if any(weight != 1 for weight in weights.values()):
        shown = {name: values.text(weight) for name, weight in weights.items()}
        yield f"loss_weights={_by_name(shown, len(outputs))}"
    metrics = {
        name: f"[{', '.join(values.metric(metric) for metric in each['metrics'])}]"
        for name, each in params.items()
        if each["metrics"]
    }
    if metrics:
        yield f"metrics={_by_name(metrics, len(outputs))}"
    masked = {
        name: quoted("mask") for name, each in params.items() if each.get("missing") == "mask"
    }
    if masked:
        yield f"missing={_by_name(masked, len(outputs))}"
    scaled = [name for name, source in _sources(report, "targets").items() if source.scale]
    if scaled:
        yield f"standardize={values.text(scaled)}"
    yield from _more(recipe, values)


def trained(report: Report, values: Values) -> Iterator[str]:
    """Yield the function that trains the model on arrays as the recipe says."""
    yield "def train(inputs, targets):"
    notes = list(_notes(report))
    first = '    """Train on arrays by name, and answer the history.'
    yield first if notes else f'{first}"""'
    if notes:
        yield ""
        for note in notes:
            yield from _WRAP.wrap(_safe(note))
        yield '    """'
    arguments = ", ".join(["inputs", "targets", *_fit(report, values)])
    yield from fitted(f"    return model.fit({arguments})")


def _recipe(report: Report) -> Recipe:
    assert report.recipe is not None, "the report has no errors"
    return report.recipe


def _params(node: Node) -> dict[str, Any]:
    """Return an Output's parameters as the file tells them, so that words stay as chosen."""
    usual: dict[str, Any] = {"loss": None, "loss_weight": 1.0, "metrics": ()}
    return {**usual, **node.params}


def _by_name(told: Mapping[str, str], outputs: int) -> str:
    """Return a value by output name; that of an only output stands alone, as people write it."""
    if outputs == 1:
        return next(iter(told.values()))
    return "{" + ", ".join(f"{quoted(name)}: {text}" for name, text in told.items()) + "}"


def _more(recipe: Recipe, values: Values) -> Iterator[str]:
    told = recipe.params()
    for name in told:
        if name in _FIT or (name == "stopping" and _plain_stopping(recipe.stopping) is not None):
            continue
        plain = name in ("stopping", "best", "checkpoint_every", "balance")
        yield f"{name}={values.text(told[name] if plain else getattr(recipe, name))}"


def _fit(report: Report, values: Values) -> Iterator[str]:
    recipe = _recipe(report)
    yield f"epochs={recipe.epochs}"
    yield f"batch_size={recipe.batch_size}"
    if recipe.validation_split:
        yield f"validation_split={recipe.validation_split!r}"
    if not recipe.shuffle:
        yield "shuffle=False"
    watch = _plain_stopping(recipe.stopping)
    if watch is not None and recipe.stopping is not None:
        yield f"patience={recipe.stopping.patience}"
        if watch.name != "loss":
            yield f"monitor={quoted(watch.name)}"
        if watch.min_delta:
            yield f"min_delta={watch.min_delta!r}"
        if not recipe.stopping.restore_best:
            yield "restore_best_weights=False"
    weights = {
        node.name: weight
        for node in report.project.graph.outputs
        if (weight := _params(node).get("class_weight"))
    }
    if weights:
        yield f"class_weight={values.text(weights)}"


def _plain_stopping(stopping: Stopping | None) -> Monitor | None:
    """Return what a rule watches if `fit` can be told so in words, else None."""
    if stopping is None or len(stopping.monitors) != 1:
        return None
    watch = stopping.monitors[0]
    sayable = Stopping(
        monitors=(Monitor(name=watch.name, min_delta=watch.min_delta),),
        patience=stopping.patience,
        restore_best=stopping.restore_best,
    )
    return watch if sayable == stopping else None


def _sources(report: Report, side: str) -> Mapping[str, Source]:
    assert report.mapping is not None, "the report has no errors"
    return report.mapping.inputs if side == "inputs" else report.mapping.targets


def _notes(report: Report) -> Iterator[str]:
    """Say what arrays can't tell: columns, units, the order of classes."""
    for side in SIDES:
        for port, source in _sources(report, side).items():
            if source.names != (port,):
                yield f"{port}: from {', '.join(source.names)}."
            if side == "inputs" and source.scale:
                yield f"{port}: standardise it, (value - mean) / deviation of the training rows."
    yield from _rows(report)
    for node in report.project.graph.outputs:
        params = _params(node)
        if params.get("unit"):
            yield f"{node.name}: in {params['unit']}."
        if params.get("labels"):
            yield f"{node.name}: classes in this order: {', '.join(params['labels'])}."


def _rows(report: Report) -> Iterator[str]:
    """Say how rows were weighed and held back, which `fit` is told by arguments of its own."""
    assert report.mapping is not None, "the report has no errors"
    for output, weight in report.mapping.weights.items():
        whose = f" of {output}" if output else ""
        yield f"sample_weight{whose}: column {weight.column}."
    split = report.mapping.split
    if split is not None:
        by = f" by column {split.reads}" if split.reads else ""
        yield f"Split: {SPLITS.name_of(split)}{by}; hand rows held back in as validation_data."


def _safe(text: str) -> str:
    """Return a text that stays inside a docstring, whatever a table's columns are called."""
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return plain.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
