"""Diagnostics of a single row that the user typed; they name columns, but no row numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.preview.input_schema import InputField

_EVERY_ROW, _DATE_EXAMPLE = " in every row", "dates such as "

_EMPTY_MESSAGE = "the value is missing"
_FORMATS = {  # (noun, example) by kind of field
    "ids": ("list of integers", "[3, 17, 4]"), "numbers": ("list of numbers", "[0.5, 12.5]"),
    "array": ("array", "[[0.5, 1], [2, 3.5]], or take it from a row of a table"),
}  # fmt: skip


def row_diagnostic(diagnostic: Diagnostic, fields: Iterable[InputField]) -> Diagnostic:
    """Return the diagnostic of a one-row table, reworded for a row that the user typed.

    Row numbers are removed, as are fixes that would require a new training.

    Args:
        fields: input fields of the run, whose kinds are named in messages about invalid values.
    """
    result = replace(
        diagnostic.without_rows(),
        expected=diagnostic.expected.removesuffix(_EVERY_ROW),
        fixes=tuple(fix for fix in diagnostic.fixes if fix.edit is None),
    )
    match result.code:
        case "date-unreadable":
            message = f"{result.found} is not a date in the format of the other dates"
            example = result.expected.removeprefix(_DATE_EXAMPLE)
            return replace(result, message=message, fixes=_format_fix(example))
        case "label-unknown":
            fix = Fix(f"Choose one of these: {result.expected}.")
            return replace(result, message=f"{result.found} is not a known label", fixes=(fix,))
        case "column-missing":
            fix = Fix(f'Give it a value, under the key "{result.expected}".')
            _, separator, hint = result.message.partition("; ")
            message = f'the row has no "{result.expected}"{separator}{hint}'
            return replace(result, message=message, fixes=(fix,))
        case "cell-missing":
            return replace(result, message=_EMPTY_MESSAGE, fixes=())
        case "column-kind" | "number-unreadable" if result.expected == "numbers":
            kind = next((field.kind for field in fields if field.port == result.node), "number")
            return _invalid_value(result, kind)
        case "length-too-short":
            return replace(result, fixes=(Fix("Write a longer row."),))
    return result


def _invalid_value(diagnostic: Diagnostic, kind: str) -> Diagnostic:
    noun, example = _FORMATS.get(kind, ("number", "12.5"))
    is_quoted = diagnostic.found.startswith(("'", '"'))
    value = diagnostic.found if is_quoted else "the value"
    article = "an" if noun == "array" else "a"
    message = f"{value} is not {article} {noun}"
    return replace(diagnostic, message=message, fixes=_format_fix(example))


def _format_fix(example: str) -> tuple[Fix, ...]:
    return (Fix(f"Write it like {example}."),)


def missing_number_diagnostics(
    fields: Iterable[InputField], cells: Mapping[str, Any]
) -> dict[str, Diagnostic]:
    """Return a diagnostic for each missing number in `cells`, by column name.

    Why: several columns may be concatenated into one Input. After that, a missing value can't be
        attributed to its column.
    """
    return {field.column: _missing(field) for field in fields if _is_missing(field, cells)}


def _is_missing(field: InputField, cells: Mapping[str, Any]) -> bool:
    value = cells.get(field.column, "")
    if field.kind != "number" or field.optional:
        return False
    return value is None or not str(value).strip()


def _missing(field: InputField) -> Diagnostic:
    return Diagnostic(
        "cell-missing",
        _EMPTY_MESSAGE,
        node=field.port,
        place=f"column {field.column}",
        found="nothing",
        expected="a number",
    )
