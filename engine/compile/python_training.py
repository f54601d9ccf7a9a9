"""Export of the training settings as arguments of `model.compile` and `model.fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import TextWrapper
from typing import Any

from engine.check.report import Report
from engine.compile.line_wrap import LINE_WIDTH, wrap_line
from engine.compile.python_values import PythonValues, docstring_text, quote
from engine.graph.model import Node
from engine.recipe.data_mapping import PORT_SIDES, DataMapping
from engine.recipe.early_stopping_rule import EarlyStopping, Monitor
from engine.recipe.recipe import Recipe
from engine.recipe.split import SPLITS

# Recipe fields that become other arguments; all others are arguments of `compile`.
_HANDLED = ("optimizer", "epochs", "batch_size", "shuffle", "validation_split")
_WRAPPER = TextWrapper(
    LINE_WIDTH, initial_indent="    ", subsequent_indent="        ", break_long_words=False
)


def compile_arguments(report: Report, values: PythonValues) -> Iterator[str]:
    """Yield the source of each argument of `model.compile`, such as "metrics=[...]"."""
    recipe = _recipe(report)
    outputs = report.project.graph.outputs
    params = {node.name: _params(node) for node in outputs}
    yield f"optimizer={values.expression(recipe.optimizer)}"
    loss_fields = {name: fields["loss"] for name, fields in params.items()}
    losses = {name: values.loss(loss) for name, loss in loss_fields.items() if loss is not None}
    if losses:
        yield f"loss={_by_name(losses, len(outputs))}"
    weights = {name: params[name]["loss_weight"] for name in losses}
    if any(weight != 1 for weight in weights.values()):
        texts = {name: values.expression(weight) for name, weight in weights.items()}
        yield f"loss_weights={_by_name(texts, len(outputs))}"
    metrics = {
        name: f"[{', '.join(values.metric(metric) for metric in fields['metrics'])}]"
        for name, fields in params.items()
        if fields["metrics"]
    }
    if metrics:
        yield f"metrics={_by_name(metrics, len(outputs))}"
    masked = [name for name, fields in params.items() if fields.get("missing") == "mask"]
    if masked:
        yield f"missing={_by_name(dict.fromkeys(masked, quote('mask')), len(outputs))}"
    scaled = [name for name, source in _mapping(report).targets.items() if source.scale]
    if scaled:
        yield f"standardize={values.expression(scaled)}"
    yield from _other_compile_arguments(recipe, values)


def train_function(report: Report, values: PythonValues) -> Iterator[str]:
    """Yield the lines of the function that trains the model with the recipe."""
    yield "def train(inputs, targets):"
    notes = list(_notes(report))
    first = '    """Train on arrays by name, and return the history.'
    yield first if notes else f'{first}"""'
    if notes:
        yield ""
        for note in notes:
            yield from _WRAPPER.wrap(docstring_text(note))
        yield '    """'
    arguments = ", ".join(["inputs", "targets", *_fit_arguments(report, values)])
    yield from wrap_line(f"    return model.fit({arguments})")


def _recipe(report: Report) -> Recipe:
    assert report.recipe is not None, "the report has no errors"
    return report.recipe


def _params(node: Node) -> dict[str, Any]:
    """Return an Output's fields from the project file or defaults; a loss may be an alias."""
    return {"loss": None, "loss_weight": 1.0, "metrics": (), **node.params}


def _by_name(values: Mapping[str, str], output_count: int) -> str:
    """Return `values` as source: a dict by output name, or the value alone for a single output."""
    if output_count == 1:
        return next(iter(values.values()))
    return "{" + ", ".join(f"{quote(name)}: {text}" for name, text in values.items()) + "}"


def _other_compile_arguments(recipe: Recipe, values: PythonValues) -> Iterator[str]:
    params = recipe.params()
    for name in params:
        if name in _HANDLED or (name == "stopping" and _single_monitor(recipe.stopping)):
            continue
        is_json = name in ("stopping", "best", "checkpoint_every", "balance")
        yield f"{name}={values.expression(params[name] if is_json else getattr(recipe, name))}"


def _fit_arguments(report: Report, values: PythonValues) -> Iterator[str]:
    recipe = _recipe(report)
    yield f"epochs={recipe.epochs}"
    yield f"batch_size={recipe.batch_size}"
    if recipe.validation_split:
        yield f"validation_split={recipe.validation_split!r}"
    if not recipe.shuffle:
        yield "shuffle=False"
    monitor = _single_monitor(recipe.stopping)
    if monitor is not None and recipe.stopping is not None:
        yield f"patience={recipe.stopping.patience}"
        if monitor.name != "loss":
            yield f"monitor={quote(monitor.name)}"
        if monitor.min_delta:
            yield f"min_delta={monitor.min_delta!r}"
        if not recipe.stopping.restore_best:
            yield "restore_best_weights=False"
    weights = {
        node.name: weight
        for node in report.project.graph.outputs
        if (weight := _params(node).get("class_weight"))
    }
    if weights:
        yield f"class_weight={values.expression(weights)}"


def _single_monitor(stopping: EarlyStopping | None) -> Monitor | None:
    """Return the single monitor of `stopping`; None if `fit` arguments can't express the rule."""
    if stopping is None or len(stopping.monitors) != 1:
        return None
    monitor = stopping.monitors[0]
    expressible = EarlyStopping(
        monitors=(Monitor(name=monitor.name, min_delta=monitor.min_delta),),
        patience=stopping.patience,
        restore_best=stopping.restore_best,
    )
    return monitor if expressible == stopping else None


def _mapping(report: Report) -> DataMapping:
    assert report.mapping is not None, "the report has no errors"
    return report.mapping


def _notes(report: Report) -> Iterator[str]:
    """Yield notes on the arrays that `train` expects: columns, scaling, units, class order."""
    for side in PORT_SIDES:
        for port, source in _mapping(report).sources(side).items():
            if source.column_names != (port,):
                yield f"{port}: from {', '.join(source.column_names)}."
            if side == "inputs" and source.scale:
                yield f"{port}: standardize it, (value - mean) / std of the training rows."
    yield from _row_notes(report)
    for node in report.project.graph.outputs:
        params = _params(node)
        if params.get("unit"):
            yield f"{node.name}: in {params['unit']}."
        if params.get("labels"):
            yield f"{node.name}: classes in this order: {', '.join(params['labels'])}."


def _row_notes(report: Report) -> Iterator[str]:
    """Yield sentences on the sample weights and the split, which the user has to pass to `fit`."""
    mapping = _mapping(report)
    for output, weight in mapping.weights.items():
        suffix = f" of {output}" if output else ""
        yield f"sample_weight{suffix}: column {weight.column}."
    split, windows = mapping.split, mapping.windows
    if windows is not None:
        yield f"Inputs are windows of {windows.past} rows: numpy's sliding_window_view makes them."
    if split is not None:
        by = f" by column {split.depends_on}" if split.depends_on else ""
        yield f"Split: {SPLITS.name_of(split)}{by}; pass the held-out rows as validation_data."
