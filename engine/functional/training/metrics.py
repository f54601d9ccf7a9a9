"""Metrics of several outputs: which are meant for which, and which fit only some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.check.output_settings import answers
from engine.core.diagnostic import Diagnostic, Refused
from engine.core.symbolic.argument_binding import plain
from engine.core.tensor_spec import TensorSpec
from engine.functional.per_output import is_one, require_known, wrong_count
from engine.layers.io import Output
from engine.objectives.metric import METRICS

Params = dict[str, dict[str, Any]]


def metrics_of(outputs: Sequence[str], metrics: Any) -> dict[str, list[Any]]:
    """Return the metrics by output.

    A list with an entry for each output is taken so, as in Keras; any other list, and a single
    metric, holds for every output.
    """
    if metrics is None:
        return {}
    if isinstance(metrics, Mapping) and not is_one(metrics, outputs):
        require_known(outputs, metrics, "metrics")
        return {name: _listed(value) for name, value in metrics.items()}
    each = _listed(metrics)
    nested = any(isinstance(entry, list | tuple) or entry is None for entry in entries(metrics))
    if nested and len(each) != len(outputs):
        raise Refused(wrong_count(outputs, len(each), "metrics"))
    if nested or (len(outputs) > 1 and len(each) == len(outputs)):
        return {name: _listed(entry) for name, entry in zip(outputs, entries(metrics), strict=True)}
    return {name: list(each) for name in outputs}


def entries(metrics: Any) -> list[Any]:
    """Return the entries of a list of metrics, or the only one there is."""
    return list(metrics) if isinstance(metrics, list | tuple) else [metrics]


def _listed(metrics: Any) -> list[Any]:
    return [plain(metric, "metrics") for metric in entries(metrics) if metric is not None]


def for_all(outputs: Sequence[str], metrics: Any) -> bool:
    """Return whether the same metrics are asked of several outputs, whatever each predicts."""
    if isinstance(metrics, Mapping) or metrics is None or len(outputs) < 2:
        return False
    each = entries(metrics)
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
    """Return what a metric's scores are called: the word that a person used, as in Keras."""
    return metric if isinstance(metric, str) else METRICS.name_of(METRICS.read(metric))
