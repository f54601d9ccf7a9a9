"""The layer table of a network: output shape, parameters and inputs of each layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.graph.model import Graph, Node, source_node


@dataclass(frozen=True)
class SummaryRow:
    """A row of the layer table of a network, for one layer.

    Args:
        name: name of the node. A layer before an Output has the Output's name, as in Keras.
        shape: output shape with None for the batch and for dynamic axes; None if it is unknown.
        params: number of values in the weights of the layer.
        connected: names of the layer's sources.
        note: "shares conv", "bypassed", or "".
    """

    name: str
    kind: str
    shape: list[int | None] | None
    params: int
    connected: list[str]
    note: str = ""


@dataclass(frozen=True)
class Summary:
    """The layer table with its totals.

    description: the description of the project.
    total, trainable: numbers of values in all weights, and in trained weights.
    batch: the batch size that `bytes_to_train` is computed for.
    multiply_adds: multiply-adds of the forward pass of one row.
    least_lengths: lists of the minimum lengths of dynamic axes, by name of the Input.
    """

    rows: tuple[SummaryRow, ...]
    total: int
    trainable: int
    bytes_to_train: int
    batch: int
    multiply_adds: int
    least_lengths: Mapping[str, list[int]]
    description: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return all fields by name, as plain JSON; "rows" has a dict for each layer."""
        return asdict(self)


def summarize(report: Report) -> Summary:
    """Return the layer table of a project, valid or not, in topological order."""
    graph = report.project.graph
    names = display_names(graph)
    nodes = [node for node in graph.topological_order if node.name in names]
    rows = tuple(_row(report, node, names) for node in nodes)
    lengths: dict[str, list[int]] = {}
    for (name, _axis), size in sorted(report.shapes.minimum_lengths.items()):
        lengths.setdefault(name, []).append(size)
    costs = report.costs
    return Summary(
        rows,
        costs.total_count,
        costs.trainable_count,
        costs.bytes_to_train,
        costs.batch_size,
        costs.multiply_adds,
        lengths,
        report.project.description,
    )


def display_names(graph: Graph) -> dict[str, str]:
    """Return the display name of each node except Outputs, by node name.

    Tables and weight files show display names. A node wired to exactly one Output has the name of
    this Output, as output layers in Keras do. All other nodes have their own name.
    """
    outputs: dict[str, list[str]] = {}
    for node in graph.outputs:
        for _, _, reference in node.wires():
            outputs.setdefault(source_node(reference), []).append(node.name)
    return {
        node.name: outputs[node.name][0] if len(outputs.get(node.name, ())) == 1 else node.name
        for node in graph
        if node.kind != "Output"
    }


def _row(report: Report, node: Node, names: Mapping[str, str]) -> SummaryRow:
    spec = report.shapes.outputs.get(node.name, {}).get(MAIN_OUTPUT)
    connected = [names.get(source, source) for source in node.sources()]
    note = "bypassed" if node.off else f"shares {node.shares}" if node.shares else ""
    kind = report.project.graph.weight_owner(node).kind
    shape = None if spec is None else spec.keras_shape()
    params = report.costs.params(node.name)
    return SummaryRow(names[node.name], kind, shape, params, connected, note)
