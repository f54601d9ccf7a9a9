"""Conversion of the arguments of `Model.compile` to fields of the Outputs, and to a recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from engine.core.diagnostic import DiagnosticError
from engine.core.symbolic.argument_binding import to_plain_json, unknown_argument
from engine.functional.per_output import is_single_config, require_known_names, wrong_length
from engine.functional.state.model_state import project_recipe
from engine.functional.training.metrics import metrics_by_output
from engine.graph.edits import field_edits
from engine.graph.edits.field_edits import get_mapping, without_key
from engine.graph.model import Node, Project
from engine.recipe.recipe import Recipe

Params = dict[str, dict[str, Any]]
_REPLACED = ("loss", "loss_weight", "metrics")  # fields of Outputs that compile always replaces


@dataclass(frozen=True)
class CompileArguments:
    """The arguments of `Model.compile`, which documents them."""

    optimizer: Any
    loss: Any
    loss_weights: Any
    metrics: Any
    standardize: Any
    units: Any
    labels: Any
    missing: Any
    recipe: Mapping[str, Any]


def output_params(outputs: Sequence[str], arguments: CompileArguments) -> Params:
    """Return the fields that `compile` sets in each Output, by output name.

    Raises:
        DiagnosticError: an unknown output name, or a list of the wrong length.
    """
    params: Params = {name: {} for name in outputs}
    for name, value in _by_output(outputs, arguments.loss, "loss").items():
        params[name]["loss"] = None if value is None else to_plain_json(value, "loss")
    for name, value in metrics_by_output(outputs, arguments.metrics).items():
        if value:
            params[name]["metrics"] = value
    loss_weights = _by_output(outputs, arguments.loss_weights, "loss_weights")
    for field, argument, values in (
        ("loss_weight", "loss_weights", loss_weights),
        ("unit", "units", _by_output(outputs, arguments.units, "units")),
        ("labels", "labels", _labels(outputs, arguments.labels)),
        ("missing", "missing", _by_output(outputs, arguments.missing, "missing")),
    ):
        for name, value in values.items():
            if value is not None:
                params[name][field] = to_plain_json(value, argument)
    return params


def _labels(outputs: Sequence[str], labels: Any) -> dict[str, Any]:
    """Return class names by output name. If there is one output, `labels` may be a plain list."""
    if len(outputs) == 1 and isinstance(labels, list | tuple):
        return {outputs[0]: labels}
    return _by_output(outputs, labels, "labels")


def _by_output(outputs: Sequence[str], value: Any, argument: str) -> dict[str, Any]:
    """Return values by output name, from a dict, a list, or a single value for all outputs."""
    if hasattr(value, "tolist"):  # a numpy array; numpy is not imported here
        value = value.tolist()
    if isinstance(value, Mapping) and not is_single_config(value, outputs):
        require_known_names(outputs, value, argument)
        return dict(value)
    if isinstance(value, list | tuple):
        if len(value) != len(outputs):
            raise DiagnosticError(wrong_length(outputs, len(value), argument))
        return dict(zip(outputs, value, strict=True))
    return dict.fromkeys(outputs, value)


def with_compile_arguments(
    project: Project, outputs: Sequence[str], params: Params, arguments: CompileArguments
) -> Project:
    """Return the project with Outputs, recipe and data mapping as `Model.compile` sets them.

    Args:
        outputs: the names of all Outputs.
        params: the fields to set in each Output, by output name; `output_params` returns them.
        arguments: the arguments of `Model.compile`.

    Raises:
        DiagnosticError: for invalid recipe fields and unknown outputs.
    """
    unknown = [name for name in arguments.recipe if name not in Recipe.model_fields]
    if unknown:
        known = [field.name for field in fields(CompileArguments) if field.name != "recipe"]
        known += [name for name in Recipe.model_fields if name not in known]
        raise DiagnosticError(*(unknown_argument("compile", name, known) for name in unknown))
    graph = project.graph
    nodes = [_with_training_fields(graph[name], values) for name, values in params.items()]
    recipe = {key: to_plain_json(value, key) for key, value in arguments.recipe.items()}
    recipe["optimizer"] = to_plain_json(arguments.optimizer, "optimizer")
    project = replace(project.with_graph(graph.with_nodes(*nodes)), recipe=recipe)
    project_recipe(project)  # raises if the recipe is invalid
    return _with_standardized(project, outputs, arguments.standardize)


def _with_training_fields(output: Node, params: Mapping[str, Any]) -> Node:
    """Return an Output with `params` set. The old loss, loss weight and metrics are removed."""
    kept = {name: value for name, value in output.params.items() if name not in _REPLACED}
    return replace(output, params={**kept, **params})


def _with_standardized(project: Project, outputs: Sequence[str], names: Any) -> Project:
    """Set "scale" to "standardize" for the targets `names`, and remove it for other `outputs`."""
    chosen = list(names) if isinstance(names, list | tuple | set) else [names] if names else []
    require_known_names(outputs, chosen, "standardize")
    for name in outputs:
        source = get_mapping(get_mapping(project.data, "targets"), name)
        if name in chosen:
            scaled = {"column": name, **source, "scale": "standardize"}
            project = field_edits.set_mapping(project, "targets", name, scaled)
        elif "scale" in source:
            project = field_edits.set_mapping(
                project, "targets", name, without_key(source, "scale")
            )
    return project
