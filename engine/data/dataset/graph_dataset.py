"""The dataset of a checked graph: the rows of a table, encoded for the graph's ports."""

from __future__ import annotations

import numpy as np

from engine.check.report import Report
from engine.data.dataset.dataset import Dataset, Precision, build_dataset
from engine.data.ports.target_spec import TargetSpec, target_spec
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.table.table import Table
from engine.graph.model import source_node


def encode_for_graph(
    report: Report,
    table: Table,
    *,
    train: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None,
    fitted: FittedEncoders | None = None,
    precision: Precision = "float32",
    with_targets: bool = True,
) -> Dataset:
    """Return a table's rows, encoded for a graph. For the keyword arguments see `build_dataset`.

    Raises:
        DiagnosticError: with the errors of all columns that don't fit their ports.
    """
    assert report.mapping is not None, "the mapping has faults"
    return build_dataset(
        table,
        report.mapping,
        report.input_specs(),
        target_specs(report),
        train=train,
        fitted=fitted,
        precision=precision,
        with_targets=with_targets,
    )


def target_specs(report: Report) -> list[TargetSpec]:
    """Return the target specs of all Outputs that have a loss."""
    return [
        target_spec(head, _units_node(report, head.name))
        for head in report.heads.values()
        if head.loss is not None
    ]


def _units_node(report: Report, output: str) -> str:
    """Return the name of the node whose `units` set the size of an Output, "" if there is none."""
    graph, layers = report.project.graph, report.shapes.layers
    node = graph[output]
    while node.name == output or layers[node.name].family in ("activation", "dropout"):
        node = graph[source_node(graph.resolve_bypassed(str(node.inputs["x"])))]
    return graph.weight_owner(node).name if hasattr(layers[node.name], "units") else ""
