"""The layer table: what each layer answers with, what it holds, and what feeds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.graph.model import Graph, Node, source_node


@dataclass(frozen=True)
class Row:
    """One layer of the table.

    Args:
        name: the node, or the Output that it ends in, as Keras names its output layers.
        kind: its kind.
        shape: what comes out, the batch first; None where an axis is free or not known.
        params: number of values in its weights.
        connected: what feeds it.
        note: "shares conv", "bypassed", or empty.
    """

    name: str
    kind: str
    shape: list[int | None] | None
    params: int
    connected: list[str]
    note: str = ""


@dataclass(frozen=True)
class Summary:
    """The table with its totals.

    Units: bytes; multiply-adds of one row.
    """

    rows: tuple[Row, ...]
    total: int
    trainable: int
    bytes_to_train: int
    batch: int
    multiply_adds: int
    least_lengths: Mapping[str, list[int]]

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain JSON."""
        return asdict(self)


def summary(report: Report) -> Summary:
    """Lay out the table of a checked project, sound or not, in the order of computation."""
    graph = report.project.graph
    names = shown_names(graph)
    rows = tuple(
        _row(report, node, names) for node in graph.topological_order if node.name in names
    )
    least: dict[str, list[int]] = {}
    for (name, _axis), size in sorted(report.shapes.least().items()):
        least.setdefault(name, []).append(size)
    costs = report.costs
    return Summary(
        rows,
        costs.total,
        costs.trainable,
        costs.bytes_to_train,
        costs.batch,
        costs.multiply_adds,
        least,
    )


def shown_names(graph: Graph) -> dict[str, str]:
    """Return the name that each node goes by in tables and exchange; Outputs have no row.

    The one layer that ends in an Output takes the Output's name, as Keras' output layers do.
    """
    ends: dict[str, list[str]] = {}
    for node in graph.outputs:
        for _, _, reference in node.wires():
            ends.setdefault(source_node(reference), []).append(node.name)
    return {
        node.name: ends[node.name][0] if len(ends.get(node.name, ())) == 1 else node.name
        for node in graph
        if node.kind != "Output"
    }


def _row(report: Report, node: Node, names: Mapping[str, str]) -> Row:
    spec = report.shapes.outs.get(node.name, {}).get(MAIN)
    connected = [names.get(source, source) for source in node.sources()]
    note = "bypassed" if node.off else f"shares {node.shares}" if node.shares else ""
    kind = report.project.graph.weight_owner(node).kind
    return Row(
        names[node.name],
        kind,
        None if spec is None else spec.keras_shape(),
        report.costs.params(node.name),
        connected,
        note,
    )
