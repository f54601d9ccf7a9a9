"""The columns of nodes: which columns a node uses, and the tensors it takes from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from app.documents.session import Session
from app.documents.table_contents import TableContents
from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.core.formatting.counts import count_noun
from engine.data.encoding_choice.choice import default_encodings
from engine.data.ports.target_spec import PortSpec, target_spec
from engine.data.profile.statistics import ColumnStatistics
from engine.graph.model import Graph, Node, Project
from engine.recipe.data_mapping import PORT_SIDES, DataMapping, PortSide
from engine.recipe.encoding import ENCODINGS

COLUMNS_MIME = "application/x-layerloom-columns"  # the data is a JSON list of column names
SIDE_OF: Mapping[str, PortSide] = dict(zip(("Input", "Output"), PORT_SIDES, strict=True))


def encode_columns(columns: Sequence[str]) -> bytes:
    """Return column names as the data of a drag and drop."""
    return json.dumps(list(columns)).encode()


def decode_columns(data: bytes) -> tuple[str, ...]:
    """Return the column names in the data of a drag and drop, () if the data is invalid."""
    try:
        names = json.loads(data)
    except ValueError:
        return ()
    return tuple(map(str, names)) if isinstance(names, list) else ()


def mapping_section(node: Node) -> PortSide | None:
    """Return the data mapping section for the columns of a node: "inputs" or "targets".

    If the node is a hidden layer, which has no entry in the data mapping, return None.
    """
    return SIDE_OF.get(node.kind)


def mappable_nodes(graph: Graph) -> list[Node]:
    """Return the nodes to which columns can be assigned, in graph order."""
    return [node for node in graph if mapping_section(node) is not None]


def nodes_by_column(project: Project) -> dict[str, list[str]]:
    """Return the names of the nodes that use each column, by column name.

    A node without an entry in the data mapping uses the column with the name of the node.
    """
    mapping = data_mapping(project)
    result: dict[str, list[str]] = {}
    for node in mappable_nodes(project.graph):
        side = mapping_section(node)
        assert side is not None
        for column in mapping.source(side, node.name).column_names:
            result.setdefault(column, []).append(node.name)
    return result


def other_uses_by_column(project: Project) -> dict[str, list[str]]:
    """Return the uses of columns by column name: "sample weights", "split", or both in a list."""
    mapping = data_mapping(project)
    result: dict[str, list[str]] = {}
    for weight in mapping.weights.values():
        result.setdefault(weight.column, ["sample weights"])
    if mapping.split is not None and mapping.split.depends_on is not None:
        result.setdefault(mapping.split.depends_on, []).append("split")
    return result


def data_mapping(project: Project) -> DataMapping:
    """Return the data mapping of a document; an invalid mapping counts as empty."""
    mapping = DataMapping.try_from_params(project.data)  # the mapping itself if it is valid
    return mapping if isinstance(mapping, DataMapping) else DataMapping()


def node_port(report: Report, node: str) -> PortSpec | None:
    """Return shape and dtype of an Input, or of the targets of an Output; None if unknown."""
    head = report.heads.get(node)
    if head is not None:
        return target_spec(head) if head.loss is not None else None
    input_node = report.project.graph.by_name.get(node)
    if input_node is None or input_node.kind != "Input":
        return None
    return report.shapes.outputs.get(node, {}).get(MAIN_OUTPUT)


def default_encoding(session: Session, node: str) -> str:
    """Return the name of the encoding that applies unless the user sets one for a node.

    If it is unknown, or if the columns of the node have different encodings, the result is "".
    """
    side = mapping_section(session.graph[node])
    port = node_port(session.report, node)
    if side is None or port is None:
        return ""
    source = data_mapping(session.project).source(side, node)
    statistics = column_statistics(session.table_contents, source.column_names)
    if statistics is None:
        return ""
    encodings = default_encodings([column.content for column in statistics], source, port)
    names = set(map(ENCODINGS.name_of, encodings))
    return names.pop() if len(names) == 1 else ""


def column_statistics(
    contents: TableContents | None, columns: Sequence[str]
) -> list[ColumnStatistics] | None:
    """Return the statistics of each column; None if any are not computed yet."""
    known = {} if contents is None else contents.column_statistics
    return [known[name] for name in columns] if all(name in known for name in columns) else None


def describe_columns(columns: Sequence[str]) -> str:
    """Return a text for columns: the name of a single column, or the number of columns."""
    return columns[0] if len(columns) == 1 else count_noun(len(columns), "column")
