"""Decides from column statistics alone whether columns are compatible with a port.

The module doesn't use NumPy, and is fast enough to check every port while a user drags columns.
Undecided cases count as compatible. The data check of all rows finds the remaining errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.tensor_spec import Dim, TensorSpec
from engine.data.encoding_choice.suggestion import (
    is_numeric,
    suggest_float_encoding,
    suggest_id_encoding,
    suggest_numeric_source,
    suggest_source,
)
from engine.data.ports.target_spec import TargetSpec
from engine.data.profile.statistics import ColumnStatistics
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

MAX_ONE_HOT_LABELS = 8  # more labels than this are embedded instead of one-hot encoded
IMAGE_SIZE = 64  # the default height and width of images
# Date parts that are encoded as sine and cosine.
CYCLIC_DATE_PARTS = frozenset({"month", "day", "weekday", "yearday", "hour", "minute"})

RowShape = tuple[int | None, ...]
PortSpec = TensorSpec | TargetSpec
_ID_SPEC = TensorSpec((), "int32")


def suggest_joint_source(statistics: Sequence[ColumnStatistics], port: PortSpec | None) -> Source:
    """Return the data source suggested for a port: the column names with suggested encodings.

    If `port` is None, the source has the column names only.
    """
    names = tuple(stats.name for stats in statistics)
    if port is None:
        return Source(column=names[0]) if len(names) == 1 else Source(columns=names)
    if len(statistics) == 1:
        return suggest_source(statistics[0], port)
    if isinstance(port, TargetSpec):
        return Source(columns=names, scale=suggest_source(statistics[0], port).scale)
    if all(map(is_numeric, statistics)):
        return suggest_numeric_source(statistics)
    encodings = tuple(suggest_float_encoding(stats) or Number() for stats in statistics)
    return Source(columns=names, encode=encodings)


def incompatibility_reason(
    statistics: Sequence[ColumnStatistics], port: PortSpec, name: str
) -> str:
    """Return a sentence on why columns can't feed the port of the node `name`, "" if they can."""
    if isinstance(port, TargetSpec):
        return _target_mismatch(statistics, port)
    for stats in statistics:
        reason = _input_mismatch(stats, port, name, alone=len(statistics) == 1)
        if reason:
            return reason
    source = suggest_joint_source(statistics, port)
    row = _joint_row_shape(statistics, source, port.dtype == "int32")
    if row is None or _fits(row, port.shape):
        return ""
    is_single = len(statistics) == 1
    subject = f"{statistics[0].name} becomes" if is_single else f"{len(statistics)} columns become"
    return f"{subject} {_size_text(row)}, but {name} takes {_size_text(port.shape)}."


def suggest_input(
    statistics: Sequence[ColumnStatistics], labels: Sequence[str] = ()
) -> tuple[dict[str, Any], Source]:
    """Return the parameters of a new Input for columns, and the columns with their encodings.

    Args:
        statistics: the statistics of the columns.
        labels: the labels of a single column, if there are few. If labels are given, the encoder
            does not depend on which labels occur in the training rows.
    """
    first = statistics[0]
    if len(statistics) > 1:
        source = suggest_joint_source(statistics, TensorSpec((1,)))
        row = _joint_row_shape(statistics, source, ids=False)
        return {"shape": list(row or (len(statistics),))}, source
    if first.kind in ("text", "id sequence") or _many_labels(first):
        encoding = suggest_id_encoding(first, _ID_SPEC)
        row_shape: list[int | None] = [] if isinstance(encoding, Category) else [None]
        shape = [*first.shape] or row_shape
        return {"shape": shape, "dtype": "int32"}, Source(column=first.name, encode=encoding)
    if first.kind == "image path":
        return {"shape": [IMAGE_SIZE, IMAGE_SIZE, 3]}, Source(column=first.name, encode=Image())
    if first.kind == "category" and first.distinct == 2 and not first.missing:
        source = Source(column=first.name, encode=Boolean(), labels=tuple(labels) or None)
        return {"shape": [1]}, source
    source = suggest_source(first, TensorSpec((1,)))
    if labels and isinstance(source.encode, Category | Boolean):
        source = Source(column=first.name, encode=source.encode, labels=tuple(labels))
    row = _row_shape(first, source.encodings[0], ids=False)
    return {"shape": list(row or (1,))}, source


def _many_labels(statistics: ColumnStatistics) -> bool:
    has_labels = statistics.kind in ("category", "identifier", "constant")
    is_long = (statistics.distinct or 0) > MAX_ONE_HOT_LABELS
    return has_labels and is_long and not is_numeric(statistics)


def _input_mismatch(statistics: ColumnStatistics, spec: TensorSpec, name: str, alone: bool) -> str:
    """Return why an Input rejects a column, or "". `alone`: the Input has no other column."""
    content = _KIND_NOUNS.get(statistics.kind, "")
    is_sequence = statistics.kind in ("text", "id sequence")
    if spec.dtype == "int32":
        if statistics.kind in ("number", "date", "list", "image path"):
            return f"{statistics.name} holds {content}, but {name} takes ids (int32)."
    elif is_sequence:
        return f"{statistics.name} holds {content}, which become ids, but {name} takes float32."
    if not alone and (is_sequence or statistics.kind == "image path" or statistics.shape):
        return f"{statistics.name} holds {content}, which need a separate Input."
    return ""


_KIND_NOUNS = {
    "number": "continuous values", "whole number": "whole numbers", "boolean": "yes or no",
    "category": "labels", "text": "words", "date": "dates", "list": "several labels per row",
    "image path": "images", "id sequence": "sequences of ids",
    "identifier": "identifiers", "constant": "a constant value",
}  # fmt: skip


def _target_mismatch(statistics: Sequence[ColumnStatistics], port: TargetSpec) -> str:
    """Return why columns can't be the target of an Output, "" if they can."""
    loss = port.loss or "its loss"
    for stats in statistics:
        content = _KIND_NOUNS.get(stats.kind, "")
        is_code = stats.kind == "identifier" and not is_numeric(stats)
        if is_code or stats.kind in ("text", "date", "image path"):
            return f"{stats.name} holds {content}, which {loss} can't compare."
        is_number = is_numeric(stats) or bool(stats.shape)
        if port.form == "number" and not is_number:
            return f"{stats.name} holds {content}, but {loss} needs numbers."
        if port.form != "number" and stats.kind == "number" and not stats.shape:
            return f"{stats.name} holds {content}, but {loss} needs classes."
    if port.form == "number":
        return _width_mismatch(statistics, port)
    return _class_mismatch(statistics[0], port) if len(statistics) == 1 else ""


def _width_mismatch(statistics: Sequence[ColumnStatistics], port: TargetSpec) -> str:
    shapes = [stats.shape for stats in statistics]
    row: RowShape = (len(statistics),) if len(statistics) > 1 else shapes[0]
    if any(shapes[1:]) or _fits(row, port.shape):
        return ""
    subject = statistics[0].name if len(statistics) == 1 else f"{len(statistics)} columns"
    holds = "holds" if len(statistics) == 1 else "hold"
    size = _size_text(port.shape)
    return f"{subject} {holds} {_size_text(row)}, but {port.name} predicts {size}."


def _class_mismatch(statistics: ColumnStatistics, port: TargetSpec) -> str:
    count = statistics.distinct
    if count is None or statistics.shape:
        return ""
    if port.form == "binary":
        is_multilabel = bool(port.shape) and port.shape[-1] != 1
        if not is_multilabel and count > 2:
            return f"{statistics.name} has {count:,} labels, but {port.name} predicts yes or no."
        return ""
    class_count = len(port.labels) or port.classes
    if class_count is None:
        return ""
    has_too_many = count > class_count + (port.ignored_class is not None)
    if has_too_many or (port.is_one_hot and count != class_count):
        known = f"{port.name} predicts {class_count:,} classes"
        return f"{statistics.name} has {count:,} labels, but {known}."
    if not port.labels or is_numeric(statistics) or count > len(statistics.top):
        return ""
    other = next((label.text for label in statistics.top if label.text not in port.labels), None)
    return "" if other is None else f'"{other}" in {statistics.name} is not a label of {port.name}.'


def _joint_row_shape(
    statistics: Sequence[ColumnStatistics], source: Source, ids: bool
) -> RowShape | None:
    """Return the shape of one row of the encoded, concatenated columns, or None if it is unknown.

    `source` has the encoding of each column. `ids` is whether labels are encoded as class ids.
    """
    pairs = zip(statistics, source.encodings, strict=True)
    rows = [_row_shape(stats, encoding, ids) for stats, encoding in pairs]
    if len(rows) == 1:
        return rows[0]
    widths = [1 if row == () else row[0] if row and len(row) == 1 else None for row in rows]
    return (sum(width or 0 for width in widths),) if None not in widths else None


def _row_shape(stats: ColumnStatistics, encoding: Encoding | None, ids: bool) -> RowShape | None:
    """Return the shape of one encoded row, or None if it is unknown. Dynamic sizes are None.

    If `ids` is true, a Category is encoded as class ids, otherwise as one-hot vectors.
    """
    match encoding:
        case None | Number():
            return stats.shape if is_numeric(stats) or stats.shape else None
        case Boolean():
            return ()
        case Category() if ids:
            return ()
        case Category():
            other = encoding.fill == "other" or encoding.unknown == "other"
            return None if stats.distinct is None else (stats.distinct + other,)
        case Text() | Ids():
            return (encoding.length,)
        case Multilabel():
            return None if stats.distinct is None else (stats.distinct,)
        case Date():
            cyclic = CYCLIC_DATE_PARTS if encoding.cycles else ()
            return (sum(2 if part in cyclic else 1 for part in encoding.parts),)
        case Image():
            return (None, None, None)
    return None


def _fits(row: RowShape, shape: Sequence[Dim]) -> bool:
    """Return whether rows fit a shape. A last axis of size 1 may be added or removed to fit."""
    forms = [row, (*row, 1), *([row[:-1]] if row and row[-1] == 1 else [])]
    return any(_is_compatible(form, shape) for form in forms)


def _is_compatible(row: RowShape, shape: Sequence[Dim]) -> bool:
    if len(row) != len(shape):
        return False
    pairs = zip(row, shape, strict=True)
    return all(size is None or not isinstance(dim, int) or size == dim for size, dim in pairs)


def _size_text(shape: Sequence[Dim | None]) -> str:
    """Return a row shape in words, such as "one value" or "28 x 28 values"."""
    fixed = [dim for dim in shape if isinstance(dim, int)]
    if len(fixed) < len(shape):
        return "a sequence" if len(shape) == 1 else "arrays of any size"
    if len(shape) > 1:
        return f"{' x '.join(map(str, fixed))} values"
    count = fixed[0] if fixed else 1
    return "one value" if count == 1 else f"{count:,} values"
