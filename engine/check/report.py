"""The check of a project and its report, for the command line, the window and the compiler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.check.cost import Costs, available_memory, estimate_costs, memory_diagnostics
from engine.check.fix_routing import reroute_fixes
from engine.check.heads import check_heads as check_heads
from engine.check.loss_weighting import check_loss_weighting
from engine.check.minimum_length import LongerInputs
from engine.check.shapes import MAIN_OUTPUT, Shapes, infer_shapes, read_layers
from engine.check.suspicious_parameters import check_learning_rate, check_suspicious_fields
from engine.check.wiring import check_wiring
from engine.core.diagnostic import Diagnostic, DiagnosticError, only_errors
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Project, source_node
from engine.layers.io import Output, resolve_head
from engine.objectives.head import Head
from engine.recipe.data_mapping import DataMapping
from engine.recipe.overrides import apply_overrides
from engine.recipe.parser import parse_recipe
from engine.recipe.recipe import Recipe


@dataclass(frozen=True)
class Report:
    """The result of `check`.

    Args:
        shapes: layers and specs of all nodes, as far as they could be inferred.
        heads: head (resolved loss and metrics) by Output, for valid Outputs.
        recipe: the recipe, None if it is invalid.
        mapping: the data mapping, None if it is invalid.
        diagnostics: all diagnostics, errors first.
        wiring_diagnostics: result of `check_wiring`, to be reused while the wires stay the same.
        dynamic_shapes: those of `LongerInputs`, to be reused for unchanged nodes.
    """

    project: Project
    shapes: Shapes
    heads: Mapping[str, Head]
    recipe: Recipe | None
    mapping: DataMapping | None
    costs: Costs
    diagnostics: tuple[Diagnostic, ...]
    wiring_diagnostics: tuple[Diagnostic, ...] = ()
    dynamic_shapes: Mapping[str, Shapes] = field(default_factory=dict, compare=False)

    @cached_property
    def errors(self) -> list[Diagnostic]:
        """The diagnostics that prevent training."""
        return only_errors(self.diagnostics)

    def input_specs(self) -> dict[str, TensorSpec]:
        """Return the specs, by name, of the Inputs that any Output depends on, in graph order."""
        graph = self.project.graph
        return {
            node.name: self.shapes.outputs[node.name][MAIN_OUTPUT]
            for node in graph.of_kind("Input")
            if node.name in self.shapes.outputs and node.name in graph.required_names
        }


def check(project: Project, available: int | None = None, previous: Report | None = None) -> Report:
    """Check a project's wiring, fields, shapes, losses, metrics, recipe, data mapping and memory.

    Args:
        project: the project, which may have any errors.
        available: available bytes of memory; None queries the system.
        previous: the report of a similar project, such as before an edit. It makes the check
            faster without changing the result: unchanged nodes are not parsed again, shapes of
            nodes with unchanged inputs not inferred again, unchanged wires not checked again.
            If only the layout changed, available memory is not queried either.
    """
    if previous is not None and _same_but_layout(project, previous.project):
        return replace(previous, project=project)
    graph = project.graph
    same_wiring = previous is not None and graph.has_same_structure(previous.project.graph)
    wires = previous.wiring_diagnostics if previous and same_wiring else tuple(check_wiring(graph))
    layers, diagnostics = read_layers(graph)
    shapes = infer_shapes(graph, layers, previous.shapes if previous else None)
    diagnostics += reroute_fixes(wires, graph, shapes)
    longer = LongerInputs(graph, previous.dynamic_shapes if previous else {})
    diagnostics += longer.with_fixes(shapes.diagnostics)
    specs = {name: outs[MAIN_OUTPUT] for name, outs in shapes.outputs.items()}
    diagnostics += [*check_heads(graph, specs, layers), *check_suspicious_fields(graph, layers)]
    resolved = _resolve_heads(graph, shapes)
    recipe = parse_recipe(project.recipe)
    mapping = DataMapping.try_from_params(project.data)
    names = score_names(resolved)
    diagnostics += recipe if isinstance(recipe, list) else recipe.unknown_score_diagnostics(names)
    diagnostics += mapping if isinstance(mapping, list) else ()
    valid_recipe = None if isinstance(recipe, list) else recipe
    known = valid_recipe or Recipe()
    before = previous.costs if previous else None
    costs = estimate_costs(project, shapes, known, known.batch_size, previous=before)
    diagnostics += check_learning_rate(known.optimizer)
    diagnostics += check_loss_weighting(known, graph, resolved, costs)
    free = available_memory() if available is None else available
    diagnostics += memory_diagnostics(costs, free, adjustable=valid_recipe is not None)
    return Report(
        project,
        shapes,
        resolved,
        valid_recipe,
        None if isinstance(mapping, list) else mapping,
        costs,
        tuple(sorted(diagnostics, key=lambda d: ("error", "warning", "info").index(d.severity))),
        wires,
        longer.dynamic_shapes,
    )


def check_project(project: Project, settings: Iterable[str] = ()) -> Report:
    """Return the check report of a project, with "KEY=VALUE" overrides applied to its recipe.

    Raises:
        DiagnosticError: with all diagnostics, if there are errors.
    """
    settings = tuple(settings)
    if settings:
        project = replace(project, recipe=apply_overrides(project.recipe, settings))
    report = check(project)
    if report.errors:
        raise DiagnosticError(*report.diagnostics)
    return report


def _same_but_layout(a: Project, b: Project) -> bool:
    is_same = a.graph is b.graph and a.recipe is b.recipe and a.data is b.data
    return is_same and a.view.get("frames") == b.view.get("frames")  # segments of checkpointing


def score_names(heads: Mapping[str, Head]) -> list[str]:
    """Return the names of all scores that training with these heads reports for an epoch."""
    names = ["loss"]
    for head in heads.values():
        if head.loss is not None:
            names += [f"{head.name}/loss", *(f"{head.name}/{name}" for name, _ in head.metrics)]
    return names


def _resolve_heads(graph: Graph, shapes: Shapes) -> dict[str, Head]:
    heads: dict[str, Head] = {}
    for node in graph.outputs:
        layer, inputs = shapes.layers.get(node.name), shapes.inputs.get(node.name)
        if not isinstance(layer, Output) or not inputs or inputs[0] is None:
            continue
        source = shapes.layers[source_node(graph.resolve_bypassed(str(node.inputs["x"])))]
        heads[node.name] = resolve_head(node.name, layer, inputs[0], source.output_activation())
    return heads
