"""The `metrics` argument of `compile`: metrics by output, without those that do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.check.output_settings import check_output_settings
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.symbolic.argument_binding import to_plain_json
from engine.core.tensor_spec import TensorSpec
from engine.functional.per_output import is_single_config, require_known_names, wrong_length
from engine.layers.io import Output
from engine.objectives.metric import METRICS

Params = dict[str, dict[str, Any]]


def metrics_by_output(outputs: Sequence[str], metrics: Any) -> dict[str, list[Any]]:
    """Return the metrics by output.

    As in Keras, a list with one entry per output is split over the outputs; any other list, or a
    single metric, applies to every output.
    """
    if metrics is None:
        return {}
    if isinstance(metrics, Mapping) and not is_single_config(metrics, outputs):
        require_known_names(outputs, metrics, "metrics")
        return {name: _to_plain_list(value) for name, value in metrics.items()}
    shared = _to_plain_list(metrics)
    entries = as_entries(metrics)
    is_nested = any(entry is None or isinstance(entry, list | tuple) for entry in entries)
    if is_nested and len(shared) != len(outputs):
        raise DiagnosticError(wrong_length(outputs, len(shared), "metrics"))
    if is_nested or (len(outputs) > 1 and len(shared) == len(outputs)):
        pairs = zip(outputs, entries, strict=True)
        return {name: _to_plain_list(entry) for name, entry in pairs}
    return {name: list(shared) for name in outputs}


def as_entries(metrics: Any) -> list[Any]:
    """Return the entries of a list of metrics; a single metric becomes a list of one."""
    return list(metrics) if isinstance(metrics, list | tuple) else [metrics]


def _to_plain_list(metrics: Any) -> list[Any]:
    entries = as_entries(metrics)
    return [to_plain_json(entry, "metrics") for entry in entries if entry is not None]


def applies_to_all_outputs(outputs: Sequence[str], metrics: Any) -> bool:
    """Return whether there are several outputs and all of them get the same metrics."""
    if isinstance(metrics, Mapping) or metrics is None or len(outputs) < 2:
        return False
    entries = as_entries(metrics)
    is_nested = any(isinstance(entry, list | tuple) for entry in entries)
    return len(entries) != len(outputs) and not is_nested


def drop_unfit_metrics(
    params: Params, specs: Mapping[str, TensorSpec]
) -> tuple[Params, list[Diagnostic]]:
    """Remove from each Output the metrics that fit only other Outputs.

    Args:
        params: the fields of each Output by its name. All Outputs have the same metrics.
        specs: the tensor spec of each Output by its name.

    Returns:
        A copy of `params` without the removed metrics, and a warning for each of them. A metric
        that fits no Output is kept, because the check reports it as an error.
    """
    kept: Params = {name: dict(fields) for name, fields in params.items()}
    warnings: list[Diagnostic] = []
    for metric in next(iter(params.values())).get("metrics", []):
        problems = {
            name: list(_metric_problems(name, fields, metric, specs[name]))
            for name, fields in params.items()
        }
        if all(problems.values()):
            continue
        for name, diagnostics in problems.items():
            if diagnostics:
                kept[name]["metrics"] = [m for m in kept[name]["metrics"] if m != metric]
                warnings += [replace(entry, severity="warning") for entry in diagnostics]
    return kept, warnings


def _metric_problems(
    name: str, params: Mapping[str, Any], metric: Any, spec: TensorSpec
) -> Iterator[Diagnostic]:
    output = Output.try_from_params({"loss": params.get("loss"), "metrics": [metric]})
    if isinstance(output, Output):
        problems = check_output_settings(name, output, spec)
        yield from (problem for problem in problems if problem.code == "metric-unfit")


def metric_spelling(metric: Any) -> str:
    """Return the name of a metric in Keras' scores: a str unchanged, else its registered name."""
    return metric if isinstance(metric, str) else METRICS.name_of(METRICS.parse(metric))
