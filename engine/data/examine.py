"""Data against a checked graph: what the graph expects, and every finding about the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.check.lengths import shorter
from engine.check.report import Report
from engine.check.shapes import free_inputs
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.audit import Facts, LeastLength, Vocabulary, audit
from engine.data.dataset import Dataset, Precision, build
from engine.data.fitted import Fitted
from engine.data.ports import TargetPort, target_port
from engine.data.tables import Table, open_table
from engine.graph.model import source_of
from engine.layers.dense import Embedding


def examine(report: Report, path: Path) -> list[Diagnostic]:
    """Answer everything about the data at `path` that a training would meet."""
    try:
        dataset = dataset_of(report, open_table(path))
    except Refused as refusal:
        return list(refusal.diagnostics)
    return [*dataset.notes, *findings(report, dataset)]


def dataset_of(
    report: Report,
    table: Table,
    *,
    train: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None,
    fitted: Fitted | None = None,
    precision: Precision = "float32",
    complete: bool = True,
) -> Dataset:
    """Bring a table's columns to the ports of a graph; arguments as in `engine.data.dataset.build`.

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
    """Answer what each Output with a loss expects."""
    return [target_port(head) for head in report.heads.values() if head.loss is not None]


def findings(report: Report, dataset: Dataset, training: bool = True) -> list[Diagnostic]:
    """Audit every row of a dataset against the graph."""
    found = audit(dataset, facts_of(report, dataset), training)
    return [*found, *_unmasked(report, dataset)]


def facts_of(report: Report, dataset: Dataset) -> Facts:
    """Read off the graph what its data has to keep to."""
    return Facts(
        tuple(targets_of(report)),
        tuple(_vocabularies(report)),
        tuple(_lengths(report, dataset)),
        report.mapping,
    )


def _vocabularies(report: Report) -> Iterator[Vocabulary]:
    graph, layers = report.project.graph, report.shapes.layers
    inputs = report.input_specs()
    for node in graph:
        layer = layers.get(node.name)
        if isinstance(layer, Embedding) and node.name in graph.needed and not node.off:
            source = source_of(graph.behind(str(node.inputs["x"])))
            if source in inputs:
                owner = graph.layer_node(node).name
                yield Vocabulary(owner, source, layer.input_dim, layer.output_dim)


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
    graph, shapes = report.project.graph, report.shapes
    for vocabulary in _vocabularies(report):
        ids = dataset.inputs[vocabulary.source]
        if ids.ndim != 2 or not len(ids):
            continue
        padded = (ids[:, -1] == 0) & (ids != 0).any(axis=1)
        share = float(padded.mean())
        readers = [
            node.name
            for node in graph
            if node.name in shapes.layers
            and shapes.layers[node.name].family == "recurrent"
            and vocabulary.node in node.sources()
            and not shapes.fed[node.name][0].mask  # type: ignore[union-attr]  # its port is wired
        ]
        if share and readers:
            yield Diagnostic(
                "padding-unmasked",
                f"reads the padding of {vocabulary.source} as if it were data, since "
                f"{vocabulary.node} does not mask it",
                severity="warning",
                node=readers[0],
                found=f"{share:.0%} of the rows end in zeros",
                expected="a mask, so that the result does not depend on the padding",
                fixes=(
                    Fix(
                        f"Switch mask_zero of {vocabulary.node} on.",
                        {
                            "do": "set_params",
                            "node": vocabulary.node,
                            "params": {"mask_zero": True},
                        },
                    ),
                ),
            )
