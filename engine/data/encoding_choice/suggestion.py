"""A sensible way to bring a column to a port: by what the column holds and the port takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from engine.core.tensor_spec import TensorSpec
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
    Part,
    Text,
)

MOST_CLASSES = 20  # whole numbers from 0 that may still be numbers of classes
_USUAL = Date()
_LONG = 1.5  # a longest row this many times the usual longest is cut
# Losses that compare distances, so that the target may be scaled.
_SCALABLE = frozenset({"mse", "mae", "huber", "log_cosh"})


def propose(facts: ColumnFacts, port: TensorSpec | TargetPort) -> Source:
    """Return how a column would best feed an Input, or be the target of an Output.

    Args:
        facts: of the column, from `engine.data.profile`.
        port: what the Input takes, or what the Output expects.
    """
    if isinstance(port, TargetPort):
        return _source(facts, _for_target(facts, port))
    return _source(facts, for_ids(facts, port) if port.dtype == "int32" else for_numbers(facts))


def together(facts: Sequence[ColumnFacts]) -> Source:
    """Return how columns of numbers would best feed one Input, side by side."""
    holes = any(each.missing for each in facts)
    names = tuple(each.name for each in facts)
    columns: dict[str, Any] = {"columns": names} if len(names) > 1 else {"column": names[0]}
    if not holes:
        return Source(**columns, scale="standardize")
    return Source(**columns, encode=Number(scale="standardize", fill="median"))


def _source(facts: ColumnFacts, encoding: Encoding | None) -> Source:
    if encoding == Number(scale="standardize"):
        return Source(column=facts.name, scale="standardize")
    return Source(column=facts.name, encode=encoding)


def for_numbers(facts: ColumnFacts) -> Encoding | None:
    """Return what makes measurements of a column; None leaves numbers as they are."""
    holes = facts.missing > 0
    match facts.kind:
        case "boolean":
            if numeric(facts):
                return Number(fill="median") if holes else None
            return Category(fill="other") if holes else Boolean()
        case "category" | "identifier" if not numeric(facts):
            return Category(fill="other" if holes else "error")
        case "text":
            return Text(length=length_of(facts))
        case "date":
            return Date(parts=parts_of(facts), fill="zero" if holes else "error")
        case "list":
            return Multilabel(separator=facts.separator or "|")
        case "id sequence" if not facts.shape:
            return Ids(length=length_of(facts))
        case "image path":
            return Image()
    return Number(scale="standardize", fill="median" if holes else "error")


def for_ids(facts: ColumnFacts, spec: TensorSpec) -> Encoding | None:
    """Return what makes ids of a column; None leaves numbers as they are."""
    free = spec.rank == 0 or not isinstance(spec.shape[0], int)
    match facts.kind:
        case "text":
            return Text(length=length_of(facts) if free else None)
        case "id sequence" if not facts.shape:
            return Ids(length=length_of(facts) if free else None)
        case "list" | "date" | "image path":
            return for_numbers(facts)
    if facts.shape:
        return None
    return Category(unknown="other", fill="other" if facts.missing else "error")


def _for_target(facts: ColumnFacts, port: TargetPort) -> Encoding | None:
    if port.form == "number":
        return Number(scale="standardize") if port.loss in _SCALABLE else None
    if port.form == "binary":
        if port.shape and port.shape[-1] != 1:
            return None if facts.shape else Multilabel(separator=facts.separator or "|")
        return None if _zero_or_one(facts) else Boolean()
    return None if facts.shape or counts_classes(facts) else Category()


def numeric(facts: ColumnFacts) -> bool:
    """Return whether the cells are numbers, one a row."""
    return facts.spread is not None and facts.kind in (
        "number", "whole number", "boolean", "identifier", "constant",
    )  # fmt: skip


def counts_classes(facts: ColumnFacts) -> bool:
    """Return whether whole numbers look like those of classes: 0, 1, 2 and so on, each there."""
    spread, count = facts.spread, facts.distinct or 0
    if not numeric(facts) or spread is None or not 2 <= count <= MOST_CLASSES:
        return False
    return facts.kind in ("whole number", "boolean") and (spread.least, spread.most) == (
        0,
        count - 1,
    )


def _zero_or_one(facts: ColumnFacts) -> bool:
    return numeric(facts) and counts_classes(facts) and facts.distinct == 2


def length_of(facts: ColumnFacts) -> int | None:
    """Return a length that holds all rows, or 95 % of them where a few are far longer."""
    if facts.spread is None:
        return None
    usual: int = max(1, ceil(facts.spread.quantiles[-1]))
    longest: int = max(1, ceil(facts.spread.most))
    return longest if longest <= _LONG * usual else usual


def parts_of(facts: ColumnFacts) -> tuple[Part, ...]:
    """Return the parts of a date, with the hour where there is a time of day."""
    timed = any(":" in moment for moment in (*facts.examples, facts.earliest, facts.latest))
    return (*_USUAL.parts, "hour") if timed else _USUAL.parts
