"""Everything the checks know of a project: one value for terminal, window and compiler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from engine.check.cost import Costs, available_memory, costs, memory
from engine.check.fix_routing import bridged
from engine.check.heads import heads as check_heads
from engine.check.loss_weighting import balance_fits
from engine.check.shapes import MAIN, Shapes, infer, read_layers
from engine.check.suspicious_parameters import doubts
from engine.check.wiring import wiring
from engine.core.diagnostic import Diagnostic, only_errors
from engine.core.tensor_spec import TensorSpec
from engine.graph.model import Graph, Project, source_node
from engine.layers.io import Output
from engine.objectives.head import Head, resolve
from engine.recipe.data_mapping import DataMapping
from engine.recipe.parser import read_recipe
from engine.recipe.recipe import Recipe


@dataclass(frozen=True)
class Report:
    """The answer of `check`.

    Args:
        project: what was checked.
        shapes: layers and tensors, as far as they could be worked out.
        heads: by Output, what it trains on, as far as it is sound.
        recipe: the typed recipe, or None if it is not sound.
        mapping: which column goes to which port, or None if that is not sound.
        costs: parameters, memory and multiply-adds.
        diagnostics: all findings, errors first.
        wires: those among them that follow from wires alone.
    """

    project: Project
    shapes: Shapes
    heads: Mapping[str, Head]
    recipe: Recipe | None
    mapping: DataMapping | None
    costs: Costs
    diagnostics: tuple[Diagnostic, ...]
    wires: tuple[Diagnostic, ...] = ()

    @cached_property
    def errors(self) -> list[Diagnostic]:
        """The findings that stop a training."""
        return only_errors(self.diagnostics)

    def input_specs(self) -> dict[str, TensorSpec]:
        """Return the spec of each Input that an Output needs, in drawing order."""
        graph = self.project.graph
        return {
            node.name: self.shapes.outs[node.name][MAIN]
            for node in graph.of_kind("Input")
            if node.name in self.shapes.outs and node.name in graph.required_names
        }


def check(project: Project, available: int | None = None, before: Report | None = None) -> Report:
    """Check a project whole: wiring, parameters, shapes, heads, recipe, mapping, memory.

    Args:
        project: it may be wrong in any way.
        available: bytes of memory to plan with; None asks the system.
        before: the report of a project much like it, such as before an edit. The answer is the
            same as without, sooner: nodes that are the same objects are not read again, layers
            that are fed as before are not worked out again, wires that did not change are not
            followed again. If only the view changed, memory is not asked for again either.
    """
    if before is not None and _same_but_view(project, before.project):
        return replace(before, project=project)
    graph = project.graph
    alike = before is not None and graph.has_same_structure(before.project.graph)
    wires = before.wires if before and alike else tuple(wiring(graph))
    layers, found = read_layers(graph)
    shapes = infer(graph, layers, before.shapes if before else None)
    found += [*bridged(wires, graph, shapes), *shapes.diagnostics]
    specs = {name: outs[MAIN] for name, outs in shapes.outs.items()}
    found += [*check_heads(graph, specs, layers), *doubts(graph, layers)]
    resolved = _heads(graph, shapes)
    recipe = read_recipe(project.recipe)
    mapping = DataMapping.try_from_params(project.data)
    found += recipe if isinstance(recipe, list) else recipe.unknown_scores(score_names(resolved))
    found += mapping if isinstance(mapping, list) else ()
    known = None if isinstance(recipe, list) else recipe
    price = _price(graph, shapes, known, before)
    found += balance_fits(known.balance if known else None, graph, resolved, price)
    room = available_memory() if available is None else available
    found += memory(price, room, adjustable=known is not None)
    return Report(
        project,
        shapes,
        resolved,
        known,
        None if isinstance(mapping, list) else mapping,
        price,
        tuple(sorted(found, key=_severity)),
        wires,
    )


def _same_but_view(project: Project, other: Project) -> bool:
    return (
        project.graph is other.graph
        and project.recipe is other.recipe
        and project.data is other.data
    )


def score_names(heads: Mapping[str, Head]) -> list[str]:
    """Return the names of all scores that an epoch of these heads gives."""
    names = ["loss"]
    for head in heads.values():
        if head.loss is not None:
            names += [f"{head.name}/loss", *(f"{head.name}/{name}" for name, _ in head.metrics)]
    return names


def _severity(found: Diagnostic) -> int:
    return ("error", "warning", "info").index(found.severity)


def _price(graph: Graph, shapes: Shapes, recipe: Recipe | None, before: Report | None) -> Costs:
    recipe = recipe or Recipe()
    old = before.costs if before else None
    return costs(graph, shapes, recipe.batch_size, recipe.optimizer.slots, before=old)


def _heads(graph: Graph, shapes: Shapes) -> dict[str, Head]:
    """Resolve what each Output trains on; unsound ones are left to their diagnostics."""
    found: dict[str, Head] = {}
    for node in graph.outputs:
        layer, fed = shapes.layers.get(node.name), shapes.fed.get(node.name)
        if not isinstance(layer, Output) or not fed or fed[0] is None:
            continue
        source = shapes.layers[source_node(graph.resolve_bypassed(str(node.inputs["x"])))]
        found[node.name] = resolve(node.name, layer, fed[0], source.curve())
    return found
