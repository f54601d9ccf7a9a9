"""Assignment of data columns to nodes: validation, suggested settings, and the edits.

Data panel, canvas and inspector use these functions, so dropping a column on a node has the same
effect as choosing it in a menu or a form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.documents.session import Session
from app.documents.table_contents import TableContents
from app.text.phrases import to_sentence
from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.counts import count_noun
from engine.data.encoding_choice.choice import default_encodings, suggest_joint_source
from engine.data.encoding_choice.compatibility import incompatibility_reason
from engine.data.ports.target_spec import PortSpec, target_spec
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.new_input import suggest_input
from engine.graph.edits import field_edits
from engine.graph.edits.registry import apply_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.node_names import suggest_name, unique_name
from engine.recipe.data_mapping import PORT_SIDES, DataMapping, PortSide, Source
from engine.recipe.encoding import ENCODINGS

COLUMNS_MIME = "application/x-layerloom-columns"  # the data is a JSON list of column names
Position = Sequence[float]
_SIDE_OF: Mapping[str, PortSide] = dict(zip(("Input", "Output"), PORT_SIDES, strict=True))


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
    return _SIDE_OF.get(node.kind)


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
    statistics = _column_statistics(session.table_contents, source.column_names)
    if statistics is None:
        return ""
    encodings = default_encodings([column.content for column in statistics], source, port)
    names = set(map(ENCODINGS.name_of, encodings))
    return names.pop() if len(names) == 1 else ""


def assignment_error(session: Session, columns: Sequence[str], node: str) -> str:
    """Return why columns can't be assigned to a node; "" if no reason is known."""
    target = session.graph.by_name.get(node)
    if target is None:
        return "The node does not exist any more."
    if mapping_section(target) is None:
        return f"{node} is neither an Input nor an Output. Columns are assigned to those only."
    statistics = _column_statistics(session.table_contents, columns)
    port = node_port(session.current_report(), node)
    if port is None or statistics is None:
        return ""
    fix = "Change the layer before it, or its loss."
    if target.kind == "Input":
        fix = "Drop the column on the empty canvas to add a matching Input."
    reason = incompatibility_reason(statistics, port, node)
    return f"{reason} {fix}" if reason else ""


def assign_columns(session: Session, columns: Sequence[str], node: str) -> bool:
    """Assign columns, with suitable encodings, to a node; return whether the document changed."""
    target = session.graph.by_name.get(node)
    side = None if target is None else mapping_section(target)
    if side is None or not columns:
        return False
    statistics = _column_statistics(session.table_contents, columns)
    port = node_port(session.current_report(), node)
    source = (
        _default_source(columns) if statistics is None else suggest_joint_source(statistics, port)
    )
    label = f"Assign {describe_columns(columns)} to {node}"
    return session.edit(label, field_edits.set_mapping, side, node, source.params())


def unassign_columns(session: Session, columns: Sequence[str]) -> bool:
    """Unassign columns from all nodes, as one undo step; return whether the document was edited."""
    mapping = data_mapping(session.project)
    changes = [
        {"do": "set_mapping", "side": side, "node": node, "source": None}
        for side in PORT_SIDES
        for node, source in mapping.sources(side).items()
        if set(source.column_names) & set(columns)
    ]
    if not changes:
        session.message.emit(f"{describe_columns(columns)} is not assigned to a node.")
        return False
    return session.edit(f"Unassign {describe_columns(columns)}", apply_edits, changes)


def add_node_for_columns(
    session: Session, columns: Sequence[str], kind: str, position: Position
) -> bool:
    """Add an Input or Output that uses columns; return whether the node was added."""
    try:
        name, params, source = _matching_node(session, columns, kind)
    except DiagnosticError as error:
        session.message.emit(to_sentence(error.diagnostics[0].message, session.graph.by_name))
        return False
    side = _SIDE_OF[kind]
    changes: list[Mapping[str, Any]] = [
        {"do": "add_node", "kind": kind, "name": name, "params": params, "at": list(position)}
    ]
    if source != Source(column=name):
        entry = source.params()
        changes.append({"do": "set_mapping", "side": side, "node": name, "source": entry})
    return session.edit(f"Add {kind} for {describe_columns(columns)}", apply_edits, changes)


def _matching_node(
    session: Session, columns: Sequence[str], kind: str
) -> tuple[str, dict[str, Any], Source]:
    """Return name, fields and data mapping entry of a new `kind` node that uses the columns.

    Raises:
        DiagnosticError: if the node is an Output and a column can't be its target.
    """
    text = columns[0] if len(columns) == 1 else "numbers" if kind == "Input" else "targets"
    name = unique_name(suggest_name(text), session.graph.by_name)
    contents = session.table_contents
    statistics = _column_statistics(contents, columns)
    if statistics is None or contents is None:
        return name, {"shape": [len(columns)]} if kind == "Input" else {}, _default_source(columns)
    if kind == "Output":
        return _matching_output(name, statistics, contents)
    params, source = suggest_input(statistics, _labels(statistics, contents))
    return name, params, source


def _matching_output(
    name: str, statistics: Sequence[ColumnStatistics], contents: TableContents
) -> tuple[str, dict[str, Any], Source]:
    from engine.data.starter.target_heads import target_head

    if len(statistics) > 1:
        source = Source(columns=tuple(column.name for column in statistics), scale="standardize")
        return name, {"loss": "mse", "metrics": ["mae"]}, source
    table = contents.table or contents.head
    assert table is not None, "statistics imply rows"
    head = target_head(statistics[0], table.columns[statistics[0].name], name)
    return name, head.output_fields, head.source


def _labels(statistics: Sequence[ColumnStatistics], contents: TableContents) -> tuple[str, ...]:
    """Return the distinct labels of the text column that a new Input will encode.

    `statistics` are those of the columns of the new Input. If there are several columns, or if
    the column has no labels or too many, the result is ().
    The labels come from all rows, so that the new Input does not depend on how rows are split.
    """
    from engine.data.starter.input_branches import few_labels

    if len(statistics) > 1 or contents.table is None:
        return ()
    return few_labels(statistics[0], contents.table.columns[statistics[0].name])


def _column_statistics(
    contents: TableContents | None, columns: Sequence[str]
) -> list[ColumnStatistics] | None:
    """Return the statistics of each column; None if any are not computed yet."""
    known = {} if contents is None else contents.column_statistics
    return [known[name] for name in columns] if all(name in known for name in columns) else None


def _default_source(columns: Sequence[str]) -> Source:
    return Source(column=columns[0]) if len(columns) == 1 else Source(columns=tuple(columns))


def describe_columns(columns: Sequence[str]) -> str:
    """Return a text for columns: the name of a single column, or the number of columns."""
    return columns[0] if len(columns) == 1 else count_noun(len(columns), "column")
