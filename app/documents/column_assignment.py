"""Assignment of data columns to nodes: validation, suggested settings, and the edits.

Data panel, canvas and inspector use these functions, so dropping a column on a node has the same
effect as choosing it in a menu or a form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.documents.column_mapping import (
    SIDE_OF,
    column_statistics,
    data_mapping,
    describe_columns,
    mapping_section,
    node_port,
)
from app.documents.session import Session
from app.documents.table_contents import TableContents
from app.text.phrases import to_sentence
from engine.core.diagnostic import DiagnosticError
from engine.data.encoding_choice.choice import suggest_joint_source
from engine.data.encoding_choice.compatibility import incompatibility_reason
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.new_input import suggest_input
from engine.graph.edits.registry import apply_edits
from engine.graph.model import Node
from engine.graph.node_names import suggest_name, unique_name
from engine.layers.io import Input
from engine.recipe.data_mapping import PORT_SIDES, Source

Position = Sequence[float]


def assignment_error(session: Session, columns: Sequence[str], node: str) -> str:
    """Return why columns can't be assigned to a node; "" if no reason is known.

    A new Input fits all columns, because it takes their shape.
    """
    target = session.graph.by_name.get(node)
    if target is None:
        return "The node does not exist any more."
    if mapping_section(target) is None:
        return f"{node} is neither an Input nor an Output. Columns are assigned to those only."
    statistics = column_statistics(session.table_contents, columns)
    port = node_port(session.current_report(), node)
    if port is None or statistics is None or _is_new_input(session, target):
        return ""
    fix = "Change the layer before it, or its loss."
    if target.kind == "Input":
        fix = "Drop the column on the empty canvas to add a matching Input."
    reason = incompatibility_reason(statistics, port, node)
    return f"{reason} {fix}" if reason else ""


def assign_columns(session: Session, columns: Sequence[str], node: str) -> bool:
    """Assign columns, with suitable encodings, to a node; return whether the document changed.

    A new Input also gets the shape and dtype of the columns.
    """
    target = session.graph.by_name.get(node)
    side = None if target is None else mapping_section(target)
    if target is None or side is None or not columns:
        return False
    changes: list[Mapping[str, Any]] = []
    statistics = column_statistics(session.table_contents, columns)
    if statistics is None:
        source = _default_source(columns)
    elif _is_new_input(session, target):
        params, source = suggest_input(statistics, _labels(statistics, session.table_contents))
        changes.append({"do": "set_params", "node": node, "params": params})
    else:
        source = suggest_joint_source(statistics, node_port(session.current_report(), node))
    changes.append({"do": "set_mapping", "side": side, "node": node, "source": source.params()})
    return session.edit(f"Assign {describe_columns(columns)} to {node}", apply_edits, changes)


def _is_new_input(session: Session, node: Node) -> bool:
    """Return whether a node is an Input that has its initial shape and no columns yet."""
    is_initial = node.kind == "Input" and node.params == Input.initial_params
    return is_initial and node.name not in data_mapping(session.project).sources("inputs")


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
    side = SIDE_OF[kind]
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
    statistics = column_statistics(contents, columns)
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


def _labels(
    statistics: Sequence[ColumnStatistics], contents: TableContents | None
) -> tuple[str, ...]:
    """Return the distinct labels of the text column that a new Input will encode.

    `statistics` are those of the columns of the new Input. If there are several columns, or if
    the column has no labels or too many, the result is ().
    The labels come from all rows, so that the new Input does not depend on how rows are split.
    """
    from engine.data.starter.input_branches import few_labels

    if len(statistics) > 1 or contents is None or contents.table is None:
        return ()
    return few_labels(statistics[0], contents.table.columns[statistics[0].name])


def _default_source(columns: Sequence[str]) -> Source:
    return Source(column=columns[0]) if len(columns) == 1 else Source(columns=tuple(columns))
