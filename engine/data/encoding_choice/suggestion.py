"""Suggests the encoding of a column for a port, from its statistics and the port's spec."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from engine.core.tensor_spec import TensorSpec
from engine.data.ports.target_spec import TargetSpec
from engine.data.profile.statistics import ColumnStatistics
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import (
    Boolean,
    Category,
    Date,
    DatePart,
    Encoding,
    Ids,
    Image,
    Multilabel,
    Number,
    Text,
)

MAX_INTEGER_CLASSES = 20  # more distinct integers than this are not class ids
_DEFAULT_DATE = Date()
_CUT_FACTOR = 1.5  # if the longest row exceeds the 95 % quantile by this factor, truncate rows
# Regression losses that compare distances, so that targets may be scaled.
_SCALABLE = frozenset({"mse", "mae", "huber", "log_cosh"})


def suggest_source(statistics: ColumnStatistics, port: TensorSpec | TargetSpec) -> Source:
    """Return the source of an Input or a target: one column with its suggested encoding."""
    if isinstance(port, TargetSpec):
        return _source(statistics, _target_encoding(statistics, port))
    if port.dtype == "int32":
        return _source(statistics, suggest_id_encoding(statistics, port))
    return _source(statistics, suggest_float_encoding(statistics))


def suggest_numeric_source(statistics: Sequence[ColumnStatistics]) -> Source:
    """Return the source of an Input: columns of numbers with one suggested encoding for all."""
    has_missing = any(stats.missing for stats in statistics)
    names = tuple(stats.name for stats in statistics)
    columns: dict[str, Any] = {"columns": names} if len(names) > 1 else {"column": names[0]}
    if not has_missing:
        return Source(**columns, scale="standardize")
    return Source(**columns, encode=Number(scale="standardize", fill="median"))


def _source(statistics: ColumnStatistics, settings: Encoding | None) -> Source:
    if settings == Number(scale="standardize"):
        return Source(column=statistics.name, scale="standardize")
    return Source(column=statistics.name, encode=settings)


def suggest_float_encoding(statistics: ColumnStatistics) -> Encoding | None:
    """Return the suggested encoding of a column for a float Input, None if it needs none."""
    has_missing = statistics.missing > 0
    match statistics.kind:
        case "boolean":
            if is_numeric(statistics):
                return Number(fill="median") if has_missing else None
            return Category(fill="other") if has_missing else Boolean()
        case "category" | "identifier" if not is_numeric(statistics):
            return Category(fill="other" if has_missing else "error")
        case "text":
            return Text(length=suggest_length(statistics))
        case "date":
            parts = suggest_date_parts(statistics)
            return Date(parts=parts, fill="zero" if has_missing else "error")
        case "list":
            return Multilabel(separator=statistics.separator or "|")
        case "id sequence" if not statistics.shape:
            return Ids(length=suggest_length(statistics))
        case "image path":
            return Image()
    return Number(scale="standardize", fill="median" if has_missing else "error")


def suggest_id_encoding(statistics: ColumnStatistics, spec: TensorSpec) -> Encoding | None:
    """Return the suggested encoding of a column for an Input of ids, None if it needs none."""
    is_dynamic = spec.rank == 0 or not isinstance(spec.shape[0], int)
    match statistics.kind:
        case "text":
            return Text(length=suggest_length(statistics) if is_dynamic else None)
        case "id sequence" if not statistics.shape:
            return Ids(length=suggest_length(statistics) if is_dynamic else None)
        case "list" | "date" | "image path":
            return suggest_float_encoding(statistics)
    if statistics.shape:
        return None
    return Category(unknown="other", fill="other" if statistics.missing else "error")


def _target_encoding(statistics: ColumnStatistics, port: TargetSpec) -> Encoding | None:
    if port.form == "number":
        return Number(scale="standardize") if port.loss in _SCALABLE else None
    if port.form == "binary":
        if port.shape and port.shape[-1] != 1:
            return None if statistics.shape else Multilabel(separator=statistics.separator or "|")
        is_zero_or_one = holds_class_ids(statistics) and statistics.distinct == 2
        return None if is_zero_or_one else Boolean()
    return None if statistics.shape or holds_class_ids(statistics) else Category()


def is_numeric(statistics: ColumnStatistics) -> bool:
    """Return whether the column holds one number per row."""
    return statistics.spread is not None and statistics.kind in (
        "number", "whole number", "boolean", "identifier", "constant",
    )  # fmt: skip


def holds_class_ids(statistics: ColumnStatistics) -> bool:
    """Return whether a column looks like class ids: 0, 1, 2 and so on, without gaps."""
    spread, count = statistics.spread, statistics.distinct or 0
    if not is_numeric(statistics) or spread is None or not 2 <= count <= MAX_INTEGER_CLASSES:
        return False
    is_range = (spread.least, spread.most) == (0, count - 1)
    return statistics.kind in ("whole number", "boolean") and is_range


def suggest_length(statistics: ColumnStatistics) -> int | None:
    """Return the length to pad or truncate the rows of a sequence column to, None if unknown.

    It is the longest row's length, or the 95 % quantile of lengths if a few rows are much longer.
    """
    if statistics.spread is None:
        return None
    usual_length: int = max(1, ceil(statistics.spread.quantiles[-1]))
    longest: int = max(1, ceil(statistics.spread.most))
    return longest if longest <= _CUT_FACTOR * usual_length else usual_length


def suggest_date_parts(statistics: ColumnStatistics) -> tuple[DatePart, ...]:
    """Return the date parts to encode, including the hour if cells have a time of day."""
    texts = (*statistics.examples, statistics.earliest, statistics.latest)
    has_time = any(":" in text for text in texts)
    return (*_DEFAULT_DATE.parts, "hour") if has_time else _DEFAULT_DATE.parts
