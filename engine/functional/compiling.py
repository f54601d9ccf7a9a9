"""What `compile` is told, as parameters of Outputs and a recipe: one value, a list, or a dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.check.answers import answers
from engine.core.arguments import plain, unknown_word
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.spec import TensorSpec
from engine.layers.io import Output
from engine.objectives.metric import METRICS

Params = dict[str, dict[str, Any]]
_ONE = {"kind", "params"}  # the keys of one thing in its long form


def told(
    outputs: Sequence[str], loss: Any, loss_weights: Any, metrics: Any, units: Any, labels: Any
) -> Params:
    """Answer the parameters of every Output.

    Args:
        outputs: their names, in the model's order.
        loss, loss_weights, metrics, units, labels: as for `Model.compile`.

    Raises:
        Refused: an unknown name, or a list of another length.
    """
    params: Params = {name: {} for name in outputs}
    for name, value in _spread(outputs, loss, "loss").items():
        params[name]["loss"] = None if value is None else plain(value, "loss")
    for name, value in _spread(outputs, loss_weights, "loss_weights").items():
        if value is not None:
            params[name]["loss_weight"] = plain(value, "loss_weights")
    for name, value in _metrics(outputs, metrics).items():
        if value:
            params[name]["metrics"] = value
    for name, value in _spread(outputs, units, "units").items():
        if value is not None:
            params[name]["unit"] = plain(value, "units")
    for name, value in _labels(outputs, labels).items():
        if value is not None:
            params[name]["labels"] = plain(value, "labels")
    return params


def _labels(outputs: Sequence[str], labels: Any) -> dict[str, Any]:
    """Answer labels by output; those of an only output may stand alone."""
    if len(outputs) == 1 and isinstance(labels, list | tuple):
        return {outputs[0]: labels}
    return _spread(outputs, labels, "labels")


def _spread(outputs: Sequence[str], value: Any, noun: str) -> dict[str, Any]:
    """Answer a value by output; one value holds for all of them."""
    if isinstance(value, Mapping) and not _is_one(value, outputs):
        _known(outputs, value, noun)
        return dict(value)
    if isinstance(value, list | tuple):
        if len(value) != len(outputs):
            raise Refused(wrong_count(outputs, len(value), noun))
        return dict(zip(outputs, value, strict=True))
    return dict.fromkeys(outputs, value)


def _is_one(value: Mapping[Any, Any], outputs: Sequence[str]) -> bool:
    """Answer whether a dict is one thing in its long form; an output may well be called "kind"."""
    return "kind" in value and value.keys() <= _ONE and not value.keys() <= {*outputs}


def _known(outputs: Sequence[str], value: Mapping[Any, Any], noun: str) -> None:
    strange = [str(key) for key in value if key not in outputs]
    if strange:
        raise Refused(*(unknown_word(key, outputs, "output", noun) for key in strange))


def wrong_count(names: Sequence[str], count: int, noun: str) -> Diagnostic:
    """Answer the finding for a list that does not have an entry for each name."""
    return Diagnostic(
        "param-invalid",
        f"{noun} has {count} entries, and there are {len(names)}: {', '.join(names)}",
        place=noun,
        found=f"{count} entries",
        expected=f"{len(names)} entries, in the order {', '.join(names)}",
        fixes=(Fix(f"Give them by name: {{{names[0]!r}: ...}}."),),
    )


def _metrics(outputs: Sequence[str], metrics: Any) -> dict[str, list[Any]]:
    """Answer the metrics by output.

    A list with an entry for each output is taken so, as in Keras; any other list, and a single
    metric, holds for every output.
    """
    if metrics is None:
        return {}
    if isinstance(metrics, Mapping) and not _is_one(metrics, outputs):
        _known(outputs, metrics, "metrics")
        return {name: _listed(value) for name, value in metrics.items()}
    each = _listed(metrics)
    nested = any(isinstance(entry, list | tuple) or entry is None for entry in metrics_of(metrics))
    if nested and len(each) != len(outputs):
        raise Refused(wrong_count(outputs, len(each), "metrics"))
    if nested or (len(outputs) > 1 and len(each) == len(outputs)):
        return {
            name: _listed(entry) for name, entry in zip(outputs, metrics_of(metrics), strict=True)
        }
    return {name: list(each) for name in outputs}


def metrics_of(metrics: Any) -> list[Any]:
    """Answer the entries of a list of metrics, or the only one there is."""
    return list(metrics) if isinstance(metrics, list | tuple) else [metrics]


def _listed(metrics: Any) -> list[Any]:
    return [plain(metric, "metrics") for metric in metrics_of(metrics) if metric is not None]


def for_all(outputs: Sequence[str], metrics: Any) -> bool:
    """Answer whether the same metrics are asked of several outputs, whatever each predicts."""
    if isinstance(metrics, Mapping) or metrics is None or len(outputs) < 2:
        return False
    each = metrics_of(metrics)
    return len(each) != len(outputs) and not any(isinstance(one, list | tuple) for one in each)


def fitting(params: Params, specs: Mapping[str, TensorSpec]) -> tuple[Params, list[Diagnostic]]:
    """Leave out, with a warning, what was asked of all outputs and fits only some of them.

    Args:
        params: of every Output; all have the same metrics.
        specs: by Output, what it predicts.

    Returns:
        The parameters, and a warning for each metric left out. A metric that fits no output is
        left in, to be refused.
    """
    kept: Params = {name: dict(each) for name, each in params.items()}
    notes: list[Diagnostic] = []
    for metric in next(iter(params.values())).get("metrics", []):
        unfit = {
            name: list(_unfit(name, each, metric, specs[name])) for name, each in params.items()
        }
        if all(unfit.values()):
            continue
        for name, found in unfit.items():
            if found:
                kept[name]["metrics"] = [m for m in kept[name]["metrics"] if m != metric]
                notes += [replace(each, severity="warning") for each in found]
    return kept, notes


def _unfit(
    name: str, params: Mapping[str, Any], metric: Any, spec: TensorSpec
) -> Iterator[Diagnostic]:
    read = Output.problems({"loss": params.get("loss"), "metrics": [metric]})
    if isinstance(read, Output):
        yield from (found for found in answers(name, read, spec) if found.code == "metric-unfit")


def spelled(metric: Any) -> str:
    """Answer what a metric's scores are called: the word that a person used, as in Keras."""
    return metric if isinstance(metric, str) else METRICS.name_of(METRICS.read(metric))
