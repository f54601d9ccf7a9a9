"""Chooses the encoding of a column from its statistics: the default one, and a suggested one.

- The default encoding applies where the data mapping sets none, in window and command alike.
- A suggested encoding is written into the data mapping when columns are assigned to a port; it also
  has settings, such as a scale, a fill value or a length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.tensor_spec import TensorSpec
from engine.data.ports.target_spec import PortSpec, TargetSpec
from engine.data.profile.statistics import NUMBER_TEXTS, ColumnContent, ColumnStatistics
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import (
    DATE_PERIODS,
    Boolean,
    Category,
    Date,
    DatePart,
    Encoding,
    Ids,
    Image,
    Multilabel,
    Number,
    NumberScale,
    Text,
)

ID_SPEC = TensorSpec((), "int32")
LABELS_OR_OTHER = Category(unknown="other", fill="other")
_LABEL_TEXTS = ("id list texts", "texts")  # neither numbers nor dates
_TEXTS = ("date texts", *_LABEL_TEXTS)  # no numbers
_LISTABLE = ("integers", *NUMBER_TEXTS, *_TEXTS)  # labels, if the data mapping lists them
# Regression losses that compare distances, so that targets may be scaled.
_SCALABLE = frozenset({"mse", "mae", "huber", "log_cosh"})

RowShape = tuple[int | None, ...]


def default_encodings(
    contents: Sequence[ColumnContent], source: Source, port: PortSpec
) -> list[Encoding]:
    """Return the encoding of each column of a port: the one in `source`, else the default one.

    `contents` are the contents of the columns.
    """
    is_listed = source.labels is not None
    alone = len(contents) == 1
    return [
        encoding or _default_encoding(content, is_listed and content in _LISTABLE, port, alone)
        for encoding, content in zip(source.encodings, contents, strict=True)
    ]


def _default_encoding(
    content: ColumnContent, is_label: bool, port: PortSpec, alone: bool
) -> Encoding:
    """Return the default encoding of a column for a port. Its labels are listed if `is_label`.

    `alone` is whether the port has no other column.
    """
    if isinstance(port, TargetSpec):
        return _default_target_encoding(content, is_label, port, alone)
    is_float = port.dtype == "float32"
    label_encoding = Boolean() if is_float and port.size == 1 and alone else Category()
    if is_label:
        return label_encoding
    if not is_float:
        return _default_id_encoding(content, port, alone)
    if content == "text lists":
        return Multilabel()
    if content == "dates":
        return Date()
    if content not in _TEXTS:
        return Number()
    if port.rank == 3:
        return Image()
    return Date() if content == "date texts" else label_encoding


def _default_id_encoding(content: ColumnContent, spec: TensorSpec, alone: bool) -> Encoding:
    is_sequence = alone and spec.rank > 0 and spec.shape[-1] != 1
    match content:
        case "text lists":
            return Text()
        case "number lists":
            return Ids()
        case "dates":
            return Category()
        case "integers" | "numbers":
            return Number()
    if is_sequence:
        return Ids() if content in ("integer texts", "id list texts") else Text()
    return Number() if content in NUMBER_TEXTS else Category()


def _default_target_encoding(
    content: ColumnContent, is_label: bool, port: TargetSpec, alone: bool
) -> Encoding:
    if port.form == "number" or not alone:
        return Number()
    if content == "text lists":
        return Multilabel()
    if not is_label and content not in _TEXTS:
        return Number()
    if port.form == "binary":
        return Multilabel() if port.is_multilabel else Boolean()
    return Category()


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
    if all(stats.is_numeric for stats in statistics):
        return suggest_numeric_source(statistics)
    encodings = tuple(suggest_float_encoding(stats) or Number() for stats in statistics)
    return Source(columns=names, encode=encodings)


def suggest_source(statistics: ColumnStatistics, port: PortSpec) -> Source:
    """Return the source of an Input or a target: one column with its suggested encoding."""
    if isinstance(port, TargetSpec):
        return column_source(statistics, _suggest_target_encoding(statistics, port))
    if port.dtype == "int32":
        return column_source(statistics, suggest_id_encoding(statistics, port))
    return column_source(statistics, suggest_float_encoding(statistics))


def suggest_numeric_source(
    statistics: Sequence[ColumnStatistics], scale: NumberScale = "standardize"
) -> Source:
    """Return the source of an Input: columns of numbers with one suggested encoding for all."""
    fill: Any = "median" if any(stats.missing for stats in statistics) else "mean"
    names = tuple(stats.name for stats in statistics)
    columns: dict[str, Any] = {"columns": names} if len(names) > 1 else {"column": names[0]}
    return Source(**columns, encode=Number(scale=scale, fill=fill))


def column_source(
    statistics: ColumnStatistics, settings: Encoding | None, labels: tuple[str, ...] | None = None
) -> Source:
    """Return the source of one column with the given encoding, in its shortest form."""
    if settings == Number(scale="standardize"):
        return Source(column=statistics.name, scale="standardize")
    return Source(column=statistics.name, encode=settings, labels=labels)


def suggest_float_encoding(statistics: ColumnStatistics) -> Encoding | None:
    """Return the suggested encoding of a column for a float Input; it fills missing cells."""
    has_missing = statistics.missing > 0
    # A mean costs no memory for all numbers, and later rows may lack a value, too.
    fill: Any = "median" if has_missing else "mean"
    match statistics.kind:
        case "boolean":
            if statistics.is_numeric:
                return Number(fill=fill)
            return LABELS_OR_OTHER if has_missing else Boolean(fill="most_frequent")
        case "category" | "identifier" | "constant" if statistics.holds_labels:
            frequent = Category(unknown="ignore", fill="most_frequent")
            return LABELS_OR_OTHER if has_missing else frequent
        case "text":
            return Text(length=statistics.sequence_length)
        case "date" | "constant" if statistics.content in ("dates", "date texts"):
            hour: tuple[DatePart, ...] = ("hour",) if statistics.has_time_of_day else ()
            parts = (*Date().parts, *hour)
            return Date(parts=parts, fill="zero")
        case "list":
            return Multilabel(separator=statistics.separator or "|", unknown="ignore")
        case "id sequence" if not statistics.shape:
            return Ids(length=statistics.sequence_length)
        case "image path":
            return Image()
    return Number(scale="standardize", fill=fill)


def suggest_id_encoding(statistics: ColumnStatistics, spec: TensorSpec) -> Encoding | None:
    """Return the suggested encoding of a column for an Input of ids, None if it needs none."""
    is_dynamic = spec.rank == 0 or not isinstance(spec.shape[0], int)
    match statistics.kind:
        case "text":
            return Text(length=statistics.sequence_length if is_dynamic else None)
        case "id sequence" if not statistics.shape:
            return Ids(length=statistics.sequence_length if is_dynamic else None)
        case "list" | "date" | "image path":
            return suggest_float_encoding(statistics)
    if statistics.shape:
        return None
    return LABELS_OR_OTHER


def _suggest_target_encoding(statistics: ColumnStatistics, port: TargetSpec) -> Encoding | None:
    if port.form == "number":
        return Number(scale="standardize") if port.loss in _SCALABLE else None
    if port.is_multilabel and statistics.kind != "boolean":
        return None if statistics.shape else Multilabel(separator=statistics.separator or "|")
    if port.form == "binary":
        is_zero_or_one = statistics.holds_class_ids and statistics.distinct == 2
        return None if is_zero_or_one else Boolean()
    return None if statistics.shape or statistics.holds_class_ids else Category()


def joint_row_shape(
    statistics: Sequence[ColumnStatistics], source: Source, ids: bool
) -> RowShape | None:
    """Return the shape of one row of the encoded, concatenated columns, or None if it is unknown.

    Args:
        statistics: the statistics of the columns.
        source: the columns, with the encoding of each.
        ids: whether labels are encoded as class ids instead of one-hot vectors.
    """
    pairs = zip(statistics, source.encodings, strict=True)
    rows = [_row_shape(stats, encoding, ids) for stats, encoding in pairs]
    if len(rows) == 1:
        return rows[0]
    widths = [1 if row == () else row[0] if row and len(row) == 1 else None for row in rows]
    return (sum(width or 0 for width in widths),) if None not in widths else None


def _row_shape(stats: ColumnStatistics, encoding: Encoding | None, ids: bool) -> RowShape | None:
    """Return the shape of one encoded row, or None if it is unknown. Dynamic sizes are None."""
    match encoding:
        case None | Number():
            return stats.shape if stats.is_numeric or stats.shape else None
        case Boolean():
            return ()
        case Category() if ids:
            return ()
        case Category():
            others = 1 if "other" in (encoding.fill, encoding.unknown) else 0
            return None if stats.distinct is None else (stats.distinct + others,)
        case Text() | Ids():
            return (encoding.length,)
        case Multilabel():
            return None if stats.distinct is None else (stats.distinct,)
        case Date():
            cyclic = DATE_PERIODS if encoding.cycles else ()
            return (sum(2 if part in cyclic else 1 for part in encoding.parts),)
        case Image():
            return (None, None, None)
    return None
