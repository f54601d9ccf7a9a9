"""What is wrong with a row that somebody has typed: said of its cell, not of row 0 of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.preview.input_schema import Field

_COUNTED = re.compile(r"(?:: | in )1 of 1 rows?$")
_PLACE = re.compile(r",? ?row 0 \(counting from 0\).*$")
_ROW = re.compile(r" in row 0\b")
_EMPTY = "nothing is filled in"
_WRITTEN = {
    "ids": ("list of whole numbers", "[3, 17, 4]"), "numbers": ("list of numbers", "[0.5, 12.5]"),
    "array": ("array", "[[0.5, 1], [2, 3.5]], or take it from a row of a table"),
}  # fmt: skip
_EVERY, _SUCH = " in every row", "dates such as "


def of_one_row(found: Diagnostic, fields: Iterable[Field] = ()) -> Diagnostic:
    """Return a finding without its row, and without ways out that would train another network.

    Args:
        found: said of a table of one row.
        fields: of the run, where rows are typed as JSON.
    """
    fixes = tuple(fix for fix in found.fixes if fix.edit is None)
    told = replace(
        found,
        message=_COUNTED.sub("", found.message),
        place=_PLACE.sub("", found.place or "") or None,
        found=_ROW.sub("", found.found),
        expected=found.expected.removesuffix(_EVERY),
        fixes=fixes,
    )
    match told.code:
        case "date-unreadable":
            message = f"{told.found} is no date that is written like the others"
            return replace(told, message=message, fixes=_like(told.expected.removeprefix(_SUCH)))
        case "label-unknown":
            fix = Fix(f"Choose one of these: {told.expected}.")
            return replace(told, message=f"{told.found} is not known", fixes=(fix,))
        case "column-missing":
            fix = Fix(f'Give it a value, under the key "{told.expected}".')
            _, mark, hint = told.message.partition("; ")
            return replace(
                told, message=f'the row has no "{told.expected}"{mark}{hint}', fixes=(fix,)
            )
        case "cell-missing":
            return replace(told, message=_EMPTY, fixes=())
        case "column-kind" | "number-unreadable" if told.expected == "numbers":
            return _no_number(told, next((f.kind for f in fields if f.port == told.node), "number"))
        case "length-too-short":
            return replace(told, fixes=(Fix("Write a longer row."),))
    return told


def _no_number(told: Diagnostic, kind: str) -> Diagnostic:
    noun, example = _WRITTEN.get(kind, ("number", "12.5"))
    what = told.found if told.found.startswith(("'", '"')) else "what is written"
    return replace(told, message=f"{what} is no {noun}", fixes=_like(example))


def _like(example: str) -> tuple[Fix, ...]:
    return (Fix(f"Write it like {example}."),)


def empty_numbers(fields: Iterable[Field], cells: Mapping[str, Any]) -> dict[str, Diagnostic]:
    """Return a finding for each number that is left out, by its column.

    Why: once several columns stand side by side in an Input, a hole has no column any more.
    """
    return {field.column: _empty(field) for field in fields if _is_left_out(field, cells)}


def _is_left_out(field: Field, cells: Mapping[str, Any]) -> bool:
    value = cells.get(field.column, "")
    if field.kind != "number" or field.optional:
        return False
    return value is None or not str(value).strip()


def _empty(field: Field) -> Diagnostic:
    return Diagnostic(
        "cell-missing",
        _EMPTY,
        node=field.port,
        place=f"column {field.column}",
        found="nothing",
        expected="a number",
    )
