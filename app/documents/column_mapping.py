"""Assignment of data columns to nodes: validation, suggested settings, and the edits.

Data panel, canvas and inspector all use these functions, so a drop, a menu and a form have the
same effect.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.documents.session import Session
from app.documents.table_contents import Contents
from app.text.phrases import counted, sentence
from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.core.diagnostic import Refused
from engine.data.encoding_choice.compatibility import (
    FEW_LABELS,
    Port,
    input_for,
    source_for,
    unsuited,
)
from engine.data.encoding_choice.default_from_statistics import usual_kind
from engine.data.ports.target_spec import target_port
from engine.data.profile.statistics import ColumnFacts
from engine.graph.edits import node_edits
from engine.graph.model import Graph, Node, Project
from engine.graph.node_names import suggest, unique
from engine.recipe.data_mapping import SIDES, DataMapping, Side, Source

COLUMNS_MIME = "application/x-layerloom-columns"  # a JSON list of names
Place = Sequence[float]
_SIDE_OF: Mapping[str, Side] = dict(zip(("Input", "Output"), SIDES, strict=True))


def packed(columns: Sequence[str]) -> bytes:
    """Return column names as the data of a drag."""
    return json.dumps(list(columns)).encode()


def unpacked(data: bytes) -> tuple[str, ...]:
    """Return the column names in the data of a drag, () if it is invalid."""
    try:
        names = json.loads(data)
    except ValueError:
        return ()
    return tuple(map(str, names)) if isinstance(names, list) else ()


def side_of(node: Node) -> Side | None:
    """Return the section of the mapping for a node: inputs or targets; None for other layers."""
    return _SIDE_OF.get(node.kind)


def takers(graph: Graph) -> list[Node]:
    """Return the nodes to which columns can be assigned, in graph order."""
    return [node for node in graph if side_of(node) is not None]


def fed_by(project: Project) -> dict[str, list[str]]:
    """Return the assigned nodes of each column.

    A node without an entry in the mapping uses the column with its own name.
    """
    mapping = mapping_of(project)
    result: dict[str, list[str]] = {}
    for node in takers(project.graph):
        side = side_of(node)
        assert side is not None
        for column in mapping.source(side, node.name).names:
            result.setdefault(column, []).append(node.name)
    return result


def uses(project: Project) -> dict[str, list[str]]:
    """Return the other uses of each column, as text: sample weights or the split."""
    mapping = mapping_of(project)
    result: dict[str, list[str]] = {}
    for weight in mapping.weights.values():
        result.setdefault(weight.column, ["sample weights"])
    if mapping.split is not None and mapping.split.reads is not None:
        result.setdefault(mapping.split.reads, []).append("split")
    return result


def mapping_of(project: Project) -> DataMapping:
    """Return the data mapping of a document; an invalid one counts as empty."""
    mapping = DataMapping.problems(project.data)  # the mapping itself if it is valid
    return mapping if isinstance(mapping, DataMapping) else DataMapping()


def port_of(report: Report, node: str) -> Port | None:
    """Return the spec of an Input or the target spec of an Output; None if it is unknown."""
    head = report.heads.get(node)
    if head is not None:
        return target_port(head) if head.loss is not None else None
    input_node = report.project.graph.by_name.get(node)
    if input_node is None or input_node.kind != "Input":
        return None
    return report.shapes.outs.get(node, {}).get(MAIN)


def kind_in_effect(session: Session, node: str) -> str:
    """Return the encoding of a node's columns if none is set; "" if it is not determined."""
    side = side_of(session.graph[node])
    port = port_of(session.report, node)
    if side is None or port is None:
        return ""
    source = mapping_of(session.project).source(side, node)
    facts = _column_statistics(session.contents, source.names)
    return "" if facts is None else usual_kind(facts, source, port)


def why_not(session: Session, columns: Sequence[str], node: str) -> str:
    """Return why columns can't be assigned to a node; "" if they can or it is unknown."""
    target = session.graph.by_name.get(node)
    if target is None:
        return "The node does not exist any more."
    if side_of(target) is None:
        return f"{node} is neither an Input nor an Output. Columns are assigned to those only."
    facts = _column_statistics(session.contents, columns)
    port = port_of(session.settle_report(), node)
    if port is None or facts is None:
        return ""
    reason = unsuited(facts, port, node)
    return f"{reason} {_fix_text(target)}" if reason else ""


def _fix_text(node: Node) -> str:
    if node.kind == "Input":
        return "Drop the column on the empty canvas to add a matching Input."
    return "Change the layer before it, or its loss."


def feed(session: Session, columns: Sequence[str], node: str) -> bool:
    """Assign columns to a node with suitable encodings, as one undo step.

    Returns:
        Whether the document was edited.
    """
    target = session.graph.by_name.get(node)
    side = None if target is None else side_of(target)
    if side is None or not columns:
        return False
    facts = _column_statistics(session.contents, columns)
    port = port_of(session.settle_report(), node)
    source = _default_source(columns) if facts is None else source_for(facts, port)
    label = f"Assign {in_words(columns)} to {node}"
    return session.edit(label, node_edits.set_mapping, side, node, source.params())


def unfeed(session: Session, columns: Sequence[str]) -> bool:
    """Remove columns from all nodes they are assigned to, as one undo step."""
    mapping = mapping_of(session.project)
    changes = [
        {"do": "set_mapping", "side": side, "node": node, "source": None}
        for side in SIDES
        for node, source in mapping.named(side).items()
        if set(source.names) & set(columns)
    ]
    if not changes:
        session.told.emit(f"{in_words(columns)} is not assigned to a node.")
        return False
    return session.edit(f"Unassign {in_words(columns)}", node_edits.several, changes)


def draw(session: Session, columns: Sequence[str], kind: str, position: Place) -> bool:
    """Add an Input or Output that matches columns and uses them, as one undo step."""
    try:
        name, params, source = _matching_node(session, columns, kind)
    except Refused as refused:
        session.told.emit(sentence(refused.diagnostics[0].message, session.graph.by_name))
        return False
    side = _SIDE_OF[kind]
    changes: list[Mapping[str, Any]] = [
        {"do": "add_node", "kind": kind, "name": name, "params": params, "at": list(position)}
    ]
    if source != Source(column=name):
        entry = source.params()
        changes.append({"do": "set_mapping", "side": side, "node": name, "source": entry})
    return session.edit(f"Add {kind} for {in_words(columns)}", node_edits.several, changes)


def _matching_node(
    session: Session, columns: Sequence[str], kind: str
) -> tuple[str, dict[str, Any], Source]:
    """Return the name, fields and source of a new node for columns.

    Raises:
        Refused: if a column can't be predicted.
    """
    text = columns[0] if len(columns) == 1 else "numbers" if kind == "Input" else "targets"
    name = unique(suggest(text), session.graph.by_name)
    facts, contents = _column_statistics(session.contents, columns), session.contents
    if facts is None or contents is None:
        return name, {"shape": [len(columns)]} if kind == "Input" else {}, _default_source(columns)
    if kind == "Output":
        return _matching_output(name, facts, contents)
    params, source = input_for(facts, _labels(facts, contents))
    return name, params, source


def _matching_output(
    name: str, facts: Sequence[ColumnFacts], contents: Contents
) -> tuple[str, dict[str, Any], Source]:
    from engine.data.starter.target_heads import aim_of

    if len(facts) > 1:
        source = Source(columns=tuple(column.name for column in facts), scale="standardize")
        return name, {"loss": "mse", "metrics": ["mae"]}, source
    table = contents.table or contents.head
    assert table is not None, "statistics imply rows"
    head = aim_of(facts[0], table.columns[facts[0].name], name)
    return name, head.params, head.source


def _labels(facts: Sequence[ColumnFacts], contents: Contents) -> tuple[str, ...]:
    """Return all labels of a single column with few labels, () otherwise.

    The labels of the whole table are used, so that the Input does not depend on the split.
    """
    from engine.data.starter.input_branches import labels_of
    from engine.data.table.column_types import is_text

    is_label_column = len(facts) == 1 and facts[0].kind in ("category", "boolean")
    if not is_label_column or contents.table is None or (facts[0].distinct or 0) > FEW_LABELS:
        return ()
    column = contents.table.columns[facts[0].name]
    return labels_of(column) if is_text(column) else ()


def _column_statistics(
    contents: Contents | None, columns: Sequence[str]
) -> list[ColumnFacts] | None:
    """Return the statistics of columns; None if those of one are unknown."""
    known = {} if contents is None else contents.facts
    return [known[name] for name in columns] if all(name in known for name in columns) else None


def _default_source(columns: Sequence[str]) -> Source:
    return Source(column=columns[0]) if len(columns) == 1 else Source(columns=tuple(columns))


def in_words(columns: Sequence[str]) -> str:
    """Return columns as text: the name of a single one, else their number."""
    return columns[0] if len(columns) == 1 else counted(len(columns), "column")
