"""The requirements of a checked graph on its data, and the check that all rows meet them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.check.minimum_length import dynamic_inputs, shorter_input_fixes
from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Fix
from engine.data.checks.alike_labels import alike_label_warnings
from engine.data.checks.data_check import DataRequirements, EmbeddingInput, check_dataset
from engine.data.checks.fixes import pad_fix
from engine.data.checks.unscaled_inputs import unscaled_input_warnings
from engine.data.dataset.dataset import Dataset
from engine.data.dataset.graph_dataset import input_specs, target_specs
from engine.data.ports.target_spec import StepSpec
from engine.data.table.chunks import rows_matching
from engine.graph.model import Node, source_node
from engine.layers.dense import Embedding


def check_against_graph(
    report: Report, dataset: Dataset, training: bool = True
) -> list[Diagnostic]:
    """Check whether all rows of a dataset fit a graph, and return the errors and warnings.

    `report` is the graph's check report. `training` is False if rows are evaluated or predicted.
    """
    requirements = DataRequirements(
        tuple(target_specs(report)),
        tuple(vocabulary for _, vocabulary in _embedding_inputs(report)),
        {node.name: node.params.get("shape", ()) for node in report.project.graph.of_kind("Input")},
        report.mapping,
        report.recipe is not None and report.recipe.balance is not None,
    )
    diagnostics = check_dataset(dataset, requirements, training)
    diagnostics += _check_lengths(report, dataset)
    diagnostics += _check_padding(report, dataset)
    if not training:
        return diagnostics
    diagnostics += alike_label_warnings(dataset, report.mapping)
    return [*diagnostics, *unscaled_input_warnings(report, dataset)]


def _embedding_inputs(report: Report) -> Iterator[tuple[Node, EmbeddingInput]]:
    """Yield each Embedding node that reads an Input, with the Input's name and the node's sizes."""
    graph, layers = report.project.graph, report.shapes.layers
    inputs = report.input_specs()
    for node in graph:
        layer = layers.get(node.name)
        if isinstance(layer, Embedding) and node.name in graph.required_names and not node.off:
            source = source_node(graph.resolve_bypassed(str(node.inputs["x"])))
            if source in inputs:
                owner = graph.weight_owner(node).name
                yield node, EmbeddingInput(owner, source, layer.input_dim, layer.output_dim)


def _check_lengths(report: Report, dataset: Dataset) -> Iterator[Diagnostic]:
    """Yield an error for each dynamic axis that is shorter in the data than the layers accept."""
    specs = input_specs(report) if dataset.row_count else {}
    for name, axis, least in dynamic_inputs(report.project.graph, report.shapes):
        if name not in specs:
            continue
        spec = specs[name]
        steps = spec.steps if isinstance(spec, StepSpec) else ()
        length = (*steps, *dataset.inputs[name].shape[1:])[axis]
        if length < least:
            pad = pad_fix(report.mapping, name, dataset.fitted.inputs.get(name), least)
            shorter = shorter_input_fixes(report.project, name, axis, length)
            yield Diagnostic.error(
                "length-too-short",
                f"needs at least {least:,} steps, the data has {length:,}",
                *([*pad, *shorter] or [Fix(f"Pad the sequences to {least:,} steps.")]),
                node=name,
                found=f"{length:,} steps",
                expected=f"at least {least:,} steps",
            )


def _check_padding(report: Report, dataset: Dataset) -> Iterator[Diagnostic]:
    """Yield warnings if recurrent layers read padding (zeros at the start or end of a row)."""
    for node, vocabulary in _embedding_inputs(report):
        ids = dataset.inputs[vocabulary.source]
        if ids.ndim != 2 or not ids.size:
            continue
        has_words = rows_matching(ids, lambda part: part != 0)
        is_padded = has_words & ((ids[:, 0] == 0) | (ids[:, -1] == 0))
        readers = _unmasked_readers(report, node)
        if is_padded.any() and readers:
            edit = {"do": "set_params", "node": vocabulary.node, "params": {"mask_zero": True}}
            yield Diagnostic.warning(
                "padding-unmasked",
                f"reads the padding of {vocabulary.source} as if it were data, since "
                f"{vocabulary.node} does not mask it",
                Fix(f"Switch mask_zero of {vocabulary.node} on.", edit),
                node=readers[0],
                found=f"{float(is_padded.mean()):.0%} of the rows begin or end in zeros",
                expected="a mask, so that the result does not depend on the padding",
            )


def _unmasked_readers(report: Report, start: Node) -> list[str]:
    """Return the recurrent nodes that get no mask, but would get one if `start` produced a mask.

    Why: a layer that passes on masks keeps the time steps of its input. If its input is padded,
    its output is padded, too, so the nodes after the layer are also searched.
    """
    graph, shapes = report.project.graph, report.shapes
    reached, readers = {start.name}, []
    for node in graph.topological_order:
        if node.name not in graph.required_names or reached.isdisjoint(node.sources()):
            continue
        layer = shapes.layers[node.name]
        specs = [spec for spec in shapes.inputs[node.name] if spec is not None]
        if layer.family == "recurrent" and not node.off and not specs[0].mask:
            readers.append(node.name)
        if node.off or layer.produces_mask(*(replace(spec, mask=True) for spec in specs)):
            reached.add(node.name)
    return readers
