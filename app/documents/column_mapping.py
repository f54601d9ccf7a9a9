"""How columns of the data come to feed nodes: judged, proposed, and written to the document.

Panel, canvas and inspector ask here, so that a drop, a menu and a form do one and the same.
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
    """Return columns as they are dragged."""
    return json.dumps(list(columns)).encode()


def unpacked(data: bytes) -> tuple[str, ...]:
    """Return the columns that are dragged, () if it is something else."""
    try:
        names = json.loads(data)
    except ValueError:
        return ()
    return tuple(map(str, names)) if isinstance(names, list) else ()


def side_of(node: Node) -> Side | None:
    """Return on which side of the mapping a node stands, None for those that take no column."""
    return _SIDE_OF.get(node.kind)


def takers(graph: Graph) -> list[Node]:
    """Return the nodes that columns can feed, in drawing order."""
    return [node for node in graph if side_of(node) is not None]


def fed_by(project: Project) -> dict[str, list[str]]:
    """Return by column the nodes that it feeds; a node that names none takes that of its name."""
    mapping = mapping_of(project)
    found: dict[str, list[str]] = {}
    for node in takers(project.graph):
        side = side_of(node)
        assert side is not None
        for column in mapping.source(side, node.name).names:
            found.setdefault(column, []).append(node.name)
    return found


def uses(project: Project) -> dict[str, list[str]]:
    """Return by column what else it is read for than to feed nodes, in words."""
    mapping = mapping_of(project)
    found: dict[str, list[str]] = {}
    for weight in mapping.weights.values():
        found.setdefault(weight.column, ["weighs rows"])
    if mapping.split is not None and mapping.split.reads is not None:
        found.setdefault(mapping.split.reads, []).append("divides rows")
    return found


def mapping_of(project: Project) -> DataMapping:
    """Return the mapping of a document; a faulty one says nothing."""
    found = DataMapping.problems(project.data)
    return found if isinstance(found, DataMapping) else DataMapping()


def port_of(report: Report, node: str) -> Port | None:
    """Return what an Input or Output takes, None as long as that is not known."""
    head = report.heads.get(node)
    if head is not None:
        return target_port(head) if head.loss is not None else None
    found = report.project.graph.by_name.get(node)
    if found is None or found.kind != "Input":
        return None
    return report.shapes.outs.get(node, {}).get(MAIN)


def kind_in_effect(session: Session, node: str) -> str:
    """Return the encoding that a node's columns get where none is written, "" if it is open."""
    side = side_of(session.graph[node])
    port = port_of(session.report, node)
    if side is None or port is None:
        return ""
    source = mapping_of(session.project).source(side, node)
    facts = _facts(session.contents, source.names)
    return "" if facts is None else usual_kind(facts, source, port)


def why_not(session: Session, columns: Sequence[str], node: str) -> str:
    """Return why columns can't feed a node, "" if they can as far as that is known."""
    found = session.graph.by_name.get(node)
    if found is None:
        return "That node is not there any more."
    if side_of(found) is None:
        return f"{node} takes what other nodes give. Columns feed Inputs and Outputs."
    facts = _facts(session.contents, columns)
    port = port_of(session.settle_report(), node)
    if port is None or facts is None:
        return ""
    reason = unsuited(facts, port, node)
    return f"{reason} {_way_out(found)}" if reason else ""


def _way_out(node: Node) -> str:
    if node.kind == "Input":
        return "Dropped beside it, the column gets an Input that fits."
    return "Change the layer in front of it, or its loss."


def feed(session: Session, columns: Sequence[str], node: str) -> bool:
    """Let columns feed a node as is best for them, as one step; answer whether it was done."""
    found = session.graph.by_name.get(node)
    side = None if found is None else side_of(found)
    if side is None or not columns:
        return False
    facts = _facts(session.contents, columns)
    port = port_of(session.settle_report(), node)
    source = _plain(columns) if facts is None else source_for(facts, port)
    label = f"Feed {in_words(columns)} to {node}"
    return session.edit(label, node_edits.set_mapping, side, node, source.params())


def unfeed(session: Session, columns: Sequence[str]) -> bool:
    """Take columns from all nodes that they are written for, as one step."""
    mapping = mapping_of(session.project)
    changes = [
        {"do": "set_mapping", "side": side, "node": node, "source": None}
        for side in SIDES
        for node, source in mapping.named(side).items()
        if set(source.names) & set(columns)
    ]
    if not changes:
        session.told.emit(f"{in_words(columns)} is written for no node.")
        return False
    return session.edit(f"Take {in_words(columns)} away", node_edits.several, changes)


def draw(session: Session, columns: Sequence[str], kind: str, at: Place) -> bool:
    """Draw an Input or Output that fits columns and is fed by them, as one step."""
    try:
        name, params, source = _fitting(session, columns, kind)
    except Refused as refused:
        session.told.emit(sentence(refused.diagnostics[0].message, session.graph.by_name))
        return False
    side = _SIDE_OF[kind]
    changes: list[Mapping[str, Any]] = [
        {"do": "add_node", "kind": kind, "name": name, "params": params, "at": list(at)}
    ]
    if source != Source(column=name):
        written = source.params()
        changes.append({"do": "set_mapping", "side": side, "node": name, "source": written})
    return session.edit(f"Add {kind} for {in_words(columns)}", node_edits.several, changes)


def _fitting(
    session: Session, columns: Sequence[str], kind: str
) -> tuple[str, dict[str, Any], Source]:
    """Return name, parameters and source of a node for columns.

    Raises:
        Refused: if a column can't be predicted.
    """
    text = columns[0] if len(columns) == 1 else "numbers" if kind == "Input" else "targets"
    name = unique(suggest(text), session.graph.by_name)
    facts, contents = _facts(session.contents, columns), session.contents
    if facts is None or contents is None:
        return name, {"shape": [len(columns)]} if kind == "Input" else {}, _plain(columns)
    if kind == "Output":
        return _output(name, facts, contents)
    params, source = input_for(facts, _labels(facts, contents))
    return name, params, source


def _output(
    name: str, facts: Sequence[ColumnFacts], contents: Contents
) -> tuple[str, dict[str, Any], Source]:
    from engine.data.starter.target_heads import aim_of

    if len(facts) > 1:
        source = Source(columns=tuple(each.name for each in facts), scale="standardize")
        return name, {"loss": "mse", "metrics": ["mae"]}, source
    shown = contents.table or contents.head
    assert shown is not None, "facts are known, so rows are"
    aim = aim_of(facts[0], shown.columns[facts[0].name], name)
    return name, aim.params, aim.source


def _labels(facts: Sequence[ColumnFacts], contents: Contents) -> tuple[str, ...]:
    """Return all labels of a single column of few, so that an Input fits whatever the split."""
    from engine.data.starter.input_branches import labels_of
    from engine.data.table.column_types import is_text

    few = len(facts) == 1 and facts[0].kind in ("category", "boolean")
    if not few or contents.table is None or (facts[0].distinct or 0) > FEW_LABELS:
        return ()
    column = contents.table.columns[facts[0].name]
    return labels_of(column) if is_text(column) else ()


def _facts(contents: Contents | None, columns: Sequence[str]) -> list[ColumnFacts] | None:
    """Return the facts of columns, None as long as one is not known."""
    known = {} if contents is None else contents.facts
    return [known[name] for name in columns] if all(name in known for name in columns) else None


def _plain(columns: Sequence[str]) -> Source:
    return Source(column=columns[0]) if len(columns) == 1 else Source(columns=tuple(columns))


def in_words(columns: Sequence[str]) -> str:
    """Return columns as a sentence names them."""
    return columns[0] if len(columns) == 1 else counted(len(columns), "column")
