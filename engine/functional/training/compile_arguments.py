"""What `compile` is told, as parameters of Outputs and a recipe: one value, a list, or a dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from engine.core.diagnostic import Refused
from engine.core.symbolic.argument_binding import plain, unknown_argument
from engine.functional.per_output import is_one, require_known, wrong_count
from engine.functional.state.model_state import recipe_of
from engine.functional.training.metrics import metrics_of
from engine.graph.edits import node_edits
from engine.graph.edits.parameter_edits import mapping, without
from engine.graph.model import Node, Project
from engine.recipe.recipe import Recipe

Params = dict[str, dict[str, Any]]
_TOLD = ("loss", "loss_weight", "metrics")  # of an Output's parameters, those of compile


@dataclass(frozen=True)
class Asked:
    """What a person tells `Model.compile`, which documents it."""

    optimizer: Any
    loss: Any
    loss_weights: Any
    metrics: Any
    standardize: Any
    units: Any
    labels: Any
    missing: Any
    recipe: Mapping[str, Any]


def told(outputs: Sequence[str], asked: Asked) -> Params:
    """Return the parameters of every Output.

    Args:
        outputs: their names, in the model's order.
        asked: what `compile` was told.

    Raises:
        Refused: an unknown name, or a list of another length.
    """
    params: Params = {name: {} for name in outputs}
    for name, value in _spread(outputs, asked.loss, "loss").items():
        params[name]["loss"] = None if value is None else plain(value, "loss")
    for name, value in metrics_of(outputs, asked.metrics).items():
        if value:
            params[name]["metrics"] = value
    for param, noun, each in (
        ("loss_weight", "loss_weights", _spread(outputs, asked.loss_weights, "loss_weights")),
        ("unit", "units", _spread(outputs, asked.units, "units")),
        ("labels", "labels", _labels(outputs, asked.labels)),
        ("missing", "missing", _spread(outputs, asked.missing, "missing")),
    ):
        for name, value in each.items():
            if value is not None:
                params[name][param] = plain(value, noun)
    return params


def _labels(outputs: Sequence[str], labels: Any) -> dict[str, Any]:
    """Return labels by output; those of an only output may stand alone."""
    if len(outputs) == 1 and isinstance(labels, list | tuple):
        return {outputs[0]: labels}
    return _spread(outputs, labels, "labels")


def _spread(outputs: Sequence[str], value: Any, noun: str) -> dict[str, Any]:
    """Return a value by output; one value holds for all of them."""
    if hasattr(value, "tolist"):  # numpy's, which is not imported here
        value = value.tolist()
    if isinstance(value, Mapping) and not is_one(value, outputs):
        require_known(outputs, value, noun)
        return dict(value)
    if isinstance(value, list | tuple):
        if len(value) != len(outputs):
            raise Refused(wrong_count(outputs, len(value), noun))
        return dict(zip(outputs, value, strict=True))
    return dict.fromkeys(outputs, value)


def instructed(project: Project, outputs: Sequence[str], params: Params, asked: Asked) -> Project:
    """Return a project that is trained as `compile` was told.

    Args:
        project: the model's.
        outputs: their names, in the model's order.
        params: of the Outputs, as `told` answers them.
        asked: all else.

    Raises:
        Refused: for what a recipe can't be, and for outputs that there are not.
    """
    strange = [name for name in asked.recipe if name not in Recipe.model_fields]
    if strange:
        known = [field.name for field in fields(Asked) if field.name != "recipe"]
        known += [name for name in Recipe.model_fields if name not in known]
        raise Refused(*(unknown_argument("compile", name, known) for name in strange))
    graph = project.graph
    nodes = [_anew(graph[name], each) for name, each in params.items()]
    recipe = {key: plain(value, key) for key, value in asked.recipe.items()}
    recipe["optimizer"] = plain(asked.optimizer, "optimizer")
    project = replace(project.with_graph(graph.with_nodes(*nodes)), recipe=recipe)
    recipe_of(project)
    return _standardised(project, outputs, asked.standardize)


def _anew(output: Node, params: Mapping[str, Any]) -> Node:
    """Return an Output with its training told anew; labels, units and the like stay."""
    kept = {name: value for name, value in output.params.items() if name not in _TOLD}
    return replace(output, params={**kept, **params})


def _standardised(project: Project, outputs: Sequence[str], names: Any) -> Project:
    """Return the project with the targets of some outputs standardised, and of no others."""
    wanted = list(names) if isinstance(names, list | tuple | set) else [names] if names else []
    require_known(outputs, wanted, "standardize")
    for name in outputs:
        source = mapping(mapping(project.data, "targets"), name)
        if name in wanted:
            scaled = {"column": name, **source, "scale": "standardize"}
            project = node_edits.set_mapping(project, "targets", name, scaled)
        elif "scale" in source:
            project = node_edits.set_mapping(project, "targets", name, without(source, "scale"))
    return project
