"""Data against a checked graph: what the graph expects, and every finding about the rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.check.report import Report
from engine.check.sequence_length_fixes import shorter
from engine.check.shapes import free_inputs
from engine.core.diagnostic import Diagnostic, Fix
from engine.data.checks.audit import Facts, LeastLength, Vocabulary, audit
from engine.data.checks.unscaled_inputs import unscaled
from engine.data.dataset.dataset import Dataset, Precision, build
from engine.data.ports.target_spec import TargetPort, target_port
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.readers.table import Table
from engine.data.table.chunks import rows_where
from engine.graph.model import Node, source_of
from engine.layers.dense import Embedding


def dataset_of(
    report: Report,
    table: Table,
    *,
    train: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None,
    fitted: Fitted | None = None,
    precision: Precision = "float32",
    complete: bool = True,
) -> Dataset:
    """Bring a table's columns to the ports of a graph; arguments as in `engine.data.dataset.dataset.build`.

    Raises:
        Refused: with every column that does not fit.
    """
    assert report.mapping is not None, "the mapping has faults"
    return build(
        table,
        report.mapping,
        report.input_specs(),
        targets_of(report),
        train=train,
        fitted=fitted,
        precision=precision,
        complete=complete,
    )


def targets_of(report: Report) -> list[TargetPort]:
    """Return what each Output with a loss expects."""
    return [
        target_port(head, _counting(report, head.name))
        for head in report.heads.values()
        if head.loss is not None
    ]


def _counting(report: Report, output: str) -> str:
    """Return the node whose units are the number of columns that an Output predicts."""
    graph, layers = report.project.graph, report.shapes.layers
    node = graph[output]
    while node.name == output or layers[node.name].family in ("activation", "dropout"):
        node = graph[source_of(graph.behind(str(node.inputs["x"])))]
    return graph.layer_node(node).name if hasattr(layers[node.name], "units") else ""


def findings(report: Report, dataset: Dataset, training: bool = True) -> list[Diagnostic]:
    """Audit every row of a dataset against the graph."""
    found = audit(dataset, facts_of(report, dataset), training)
    found += _unmasked(report, dataset)
    return [*found, *unscaled(report, dataset)] if training else found


def facts_of(report: Report, dataset: Dataset) -> Facts:
    """Read off the graph what its data has to keep to."""
    return Facts(
        tuple(targets_of(report)),
        tuple(_vocabularies(report)),
        tuple(_lengths(report, dataset)),
        report.mapping,
        report.recipe is not None and report.recipe.balance is not None,
    )


def _vocabularies(report: Report) -> Iterator[Vocabulary]:
    return (vocabulary for _, vocabulary in _lookups(report))


def _lookups(report: Report) -> Iterator[tuple[Node, Vocabulary]]:
    """Yield each node that looks ids up; one that shares an Embedding has its owner's name."""
    graph, layers = report.project.graph, report.shapes.layers
    inputs = report.input_specs()
    for node in graph:
        layer = layers.get(node.name)
        if isinstance(layer, Embedding) and node.name in graph.needed and not node.off:
            source = source_of(graph.behind(str(node.inputs["x"])))
            if source in inputs:
                owner = graph.layer_node(node).name
                yield node, Vocabulary(owner, source, layer.input_dim, layer.output_dim)


def _lengths(report: Report, dataset: Dataset) -> Iterator[LeastLength]:
    inputs = report.input_specs()
    for name, axis, least in free_inputs(report.project.graph, report.shapes):
        if name not in inputs:
            continue
        has = dataset.inputs[name].shape[1 + axis]
        fixes = shorter(report.project, name, axis, has) if has < least else ()
        yield LeastLength(name, least, axis, fixes)


def _unmasked(report: Report, dataset: Dataset) -> Iterator[Diagnostic]:
    """Warn where padding, zeros at the end or the start of rows, reaches a recurrent layer."""
    for node, vocabulary in _lookups(report):
        ids = dataset.inputs[vocabulary.source]
        if ids.ndim != 2 or not ids.size:
            continue
        padded = ((ids[:, 0] == 0) | (ids[:, -1] == 0)) & rows_where(ids, lambda part: part != 0)
        readers = _unmasked_readers(report, node)
        if padded.any() and readers:
            yield _padding(vocabulary, readers[0], float(padded.mean()))


def _unmasked_readers(report: Report, start: Node) -> list[str]:
    """Return the recurrent nodes that a mask of `start` would reach, and none does.

    Why: what carries a mask on keeps a sequence step by step, so its padding stays padding.
    """
    graph, shapes = report.project.graph, report.shapes
    reached, readers = {start.name}, []
    for node in graph.order:
        if node.name not in graph.needed or reached.isdisjoint(node.sources()):
            continue
        layer = shapes.layers[node.name]
        fed = [spec for spec in shapes.fed[node.name] if spec is not None]
        if layer.family == "recurrent" and not node.off and not fed[0].mask:
            readers.append(node.name)
        if node.off or layer.masks(*(replace(spec, mask=True) for spec in fed)):
            reached.add(node.name)
    return readers


def _padding(vocabulary: Vocabulary, reader: str, share: float) -> Diagnostic:
    edit = {"do": "set_params", "node": vocabulary.node, "params": {"mask_zero": True}}
    return Diagnostic(
        "padding-unmasked",
        f"reads the padding of {vocabulary.source} as if it were data, since "
        f"{vocabulary.node} does not mask it",
        severity="warning",
        node=reader,
        found=f"{share:.0%} of the rows begin or end in zeros",
        expected="a mask, so that the result does not depend on the padding",
        fixes=(Fix(f"Switch mask_zero of {vocabulary.node} on.", edit),),
    )
