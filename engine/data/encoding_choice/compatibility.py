"""Whether columns suit a port, and which port would suit a column: told from facts alone.

Plain Python, so that a window can judge every port while a column is dragged over it. What is not
known is let through; the audit of the rows says the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.tensor_spec import Dim, TensorSpec
from engine.data.encoding_choice.suggestion import for_ids, for_numbers, numeric, propose, together
from engine.data.ports.target_spec import TargetPort
from engine.data.profile.statistics import ColumnFacts
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import (
    Boolean,
    Category,
    Date,
    Encoding,
    Ids,
    Image,
    Multilabel,
    Number,
    Text,
)

FEW_LABELS = 8  # up to so many, a column for each is clearer than a vector
SIDE = 64  # of pictures
ROUND = frozenset({"month", "day", "weekday", "yearday", "hour", "minute"})  # sine and cosine

Row = tuple[int | None, ...]
Port = TensorSpec | TargetPort
_IDS = TensorSpec((), "int32")


def source_for(facts: Sequence[ColumnFacts], port: Port | None) -> Source:
    """Return how columns would best be brought to a port, side by side if they are several.

    Args:
        facts: of the columns.
        port: what is fed; None if that is not known yet.
    """
    names = tuple(each.name for each in facts)
    if port is None:
        return Source(column=names[0]) if len(names) == 1 else Source(columns=names)
    if len(facts) == 1:
        return propose(facts[0], port)
    if isinstance(port, TargetPort):
        scaled = propose(facts[0], port).scale
        return Source(columns=names, scale=scaled)
    if all(map(numeric, facts)):
        return together(facts)
    return Source(columns=names, encode=tuple(for_numbers(each) or Number() for each in facts))


def unsuited(facts: Sequence[ColumnFacts], port: Port, name: str) -> str:
    """Return why columns can't be brought to a port, the empty string if they can.

    Args:
        facts: of the columns.
        port: what is fed.
        name: of the node.
    """
    if isinstance(port, TargetPort):
        return _no_target(facts, port)
    for each in facts:
        found = _no_input(each, port, name, alone=len(facts) == 1)
        if found:
            return found
    row = _side_by_side(facts, source_for(facts, port), port.dtype == "int32")
    if row is None or _fits(row, port.shape):
        return ""
    if len(facts) == 1:
        return f"{facts[0].name} becomes {_size(row)}, and {name} takes {_size(port.shape)}."
    return f"{len(facts)} columns become {_size(row)}, and {name} takes {_size(port.shape)}."


def input_for(
    facts: Sequence[ColumnFacts], labels: Sequence[str] = ()
) -> tuple[dict[str, Any], Source]:
    """Return the parameters of an Input that suits columns, and how they would feed it.

    Args:
        facts: of the columns.
        labels: all labels of a single column of few; they make it fit whatever the split.
    """
    first = facts[0]
    if len(facts) > 1:
        source = source_for(facts, TensorSpec((1,)))
        row = _side_by_side(facts, source, ids=False)
        return {"shape": list(row or (len(facts),))}, source
    if first.kind in ("text", "id sequence") or _many_labels(first):
        encoding = for_ids(first, _IDS)
        ends: list[int | None] = [] if isinstance(encoding, Category) else [None]
        shape = [*first.shape] or ends
        return {"shape": shape, "dtype": "int32"}, Source(column=first.name, encode=encoding)
    if first.kind == "image path":
        return {"shape": [SIDE, SIDE, 3]}, Source(column=first.name, encode=Image())
    if first.kind == "category" and first.distinct == 2 and not first.missing:
        source = Source(column=first.name, encode=Boolean(), labels=tuple(labels) or None)
        return {"shape": [1]}, source
    source = propose(first, TensorSpec((1,)))
    if labels and isinstance(source.encode, Category | Boolean):
        source = Source(column=first.name, encode=source.encode, labels=tuple(labels))
    row = _row(first, source.encodings[0], ids=False)
    return {"shape": list(row or (1,))}, source


def _many_labels(facts: ColumnFacts) -> bool:
    labelled = facts.kind in ("category", "identifier", "constant") and not numeric(facts)
    return labelled and (facts.distinct or 0) > FEW_LABELS


def _no_input(facts: ColumnFacts, spec: TensorSpec, name: str, alone: bool) -> str:
    """Return why a column is of no kind that an Input takes."""
    what = _KINDS.get(facts.kind, "")
    sequence = facts.kind in ("text", "id sequence")
    if spec.dtype == "int32":
        measured = facts.kind == "number" or (facts.kind in ("date", "list", "image path"))
        if measured:
            return f"{facts.name} holds {what}, and {name} takes ids (int32)."
    elif sequence:
        return f"{facts.name} holds {what}, which become ids, and {name} takes float32."
    if not alone and (sequence or facts.kind == "image path" or facts.shape):
        return f"{facts.name} holds {what}, which need an Input of their own."
    return ""


_KINDS = {
    "number": "measurements", "whole number": "whole numbers", "boolean": "yes or no",
    "category": "labels", "text": "words", "date": "dates", "list": "several labels a row",
    "image path": "pictures", "id sequence": "sequences of ids",
    "identifier": "a name of its own for each row", "constant": "the same in each row",
}  # fmt: skip


def _no_target(facts: Sequence[ColumnFacts], port: TargetPort) -> str:
    """Return why columns can't be the target of an Output."""
    loss = port.loss or "its loss"
    for each in facts:
        what = _KINDS.get(each.kind, "")
        if each.kind in ("text", "date", "image path") or (
            each.kind == "identifier" and not numeric(each)
        ):
            return f"{each.name} holds {what}, which {loss} can't compare."
        measured = numeric(each) or bool(each.shape)
        if port.form == "number" and not measured:
            return f"{each.name} holds {what}, and {loss} compares numbers."
        if port.form != "number" and each.kind == "number" and not each.shape:
            return f"{each.name} holds {what}, and {loss} tells classes apart."
    if port.form == "number":
        return _no_width(facts, port)
    return _no_classes(facts[0], port) if len(facts) == 1 else ""


def _no_width(facts: Sequence[ColumnFacts], port: TargetPort) -> str:
    shapes = [each.shape for each in facts]
    row: Row = (len(facts),) if len(facts) > 1 else shapes[0]
    if any(shapes[1:]) or _fits(row, port.shape):
        return ""
    one = facts[0].name if len(facts) == 1 else f"{len(facts)} columns"
    holds = "holds" if len(facts) == 1 else "hold"
    return f"{one} {holds} {_size(row)}, and {port.name} predicts {_size(port.shape)}."


def _no_classes(facts: ColumnFacts, port: TargetPort) -> str:
    count = facts.distinct
    if count is None or facts.shape:
        return ""
    if port.form == "binary":
        several = bool(port.shape) and port.shape[-1] != 1
        if not several and count > 2:
            return f"{facts.name} has {count:,} labels, and {port.name} answers yes or no."
        return ""
    known = len(port.labels) or port.classes
    if known is None:
        return ""
    if count > known + (port.ignored is not None) or (port.hot and count != known):
        return f"{facts.name} has {count:,} labels, and {port.name} tells {known:,} apart."
    if not port.labels or numeric(facts) or count > len(facts.top):
        return ""
    other = next((label.text for label in facts.top if label.text not in port.labels), None)
    return "" if other is None else f'"{other}" in {facts.name} is no label of {port.name}.'


def _side_by_side(facts: Sequence[ColumnFacts], source: Source, ids: bool) -> Row | None:
    """Return the shape of a row of columns, None if it is not known."""
    rows = [
        _row(each, encoding, ids) for each, encoding in zip(facts, source.encodings, strict=True)
    ]
    if len(rows) == 1:
        return rows[0]
    widths = [1 if row == () else row[0] if row and len(row) == 1 else None for row in rows]
    return (sum(width or 0 for width in widths),) if None not in widths else None


def _row(facts: ColumnFacts, encoding: Encoding | None, ids: bool) -> Row | None:
    """Return the shape of a row once it is encoded, None in it where the length may differ."""
    match encoding:
        case None | Number():
            return facts.shape if numeric(facts) or facts.shape else None
        case Boolean():
            return ()
        case Category() if ids:
            return ()
        case Category():
            other = encoding.fill == "other" or encoding.unknown == "other"
            return None if facts.distinct is None else (facts.distinct + other,)
        case Text() | Ids():
            return (encoding.length,)
        case Multilabel():
            return None if facts.distinct is None else (facts.distinct,)
        case Date():
            return (sum(1 + (encoding.cycles and part in ROUND) for part in encoding.parts),)
        case Image():
            return (None, None, None)
    return None


def _fits(row: Row, shape: Sequence[Dim]) -> bool:
    """Return whether rows fit, a last axis of 1 added or taken off, as the feed does it."""
    forms = [row, (*row, 1), *([row[:-1]] if row and row[-1] == 1 else [])]
    return any(_alike(form, shape) for form in forms)


def _alike(row: Row, shape: Sequence[Dim]) -> bool:
    return len(row) == len(shape) and all(
        size is None or not isinstance(dim, int) or size == dim
        for size, dim in zip(row, shape, strict=True)
    )


def _size(shape: Sequence[Dim | None]) -> str:
    """Return the size of a row in words."""
    fixed = [dim for dim in shape if isinstance(dim, int)]
    if len(fixed) < len(shape):
        return "a sequence" if len(shape) == 1 else "arrays of any size"
    if len(shape) > 1:
        return f"{' x '.join(map(str, fixed))} values"
    count = fixed[0] if fixed else 1
    return "one value" if count == 1 else f"{count:,} values"
