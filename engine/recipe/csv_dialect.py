"""How a table of text is written; the `file` entry of a file's `data` block.

What is left out is detected and told. What is given is kept to, whatever the file looks like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.schema import Schema

Delimiter = Literal[",", ";", "\t", "|"]
Decimal = Literal[".", ","]
Encoding = Literal[
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "iso8859-2",
    "iso8859-15", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp437", "cp850", "koi8-r",
    "mac-roman",
    "shift_jis", "euc-jp", "euc-kr", "gb18030", "big5",
]  # fmt: skip


class Dialect(Schema):
    """How a CSV is written: delimiter, decimal sign, encoding, and whether it has a header."""

    delimiter: Delimiter | None = Field(None, description="The sign between cells.")
    decimal: Decimal | None = Field(
        None, description="The decimal sign; the other one is then no part of a number."
    )
    encoding: Encoding | None = Field(None, description="How bytes become text.")
    header: bool | None = Field(
        None, description="Whether the first line names the columns, else column_1, column_2, ..."
    )
    missing: tuple[str, ...] = Field(
        (), description="Words of an empty cell, beside NA, N/A, NaN, nan and null."
    )


def dialect_problems(entry: Any) -> Dialect | list[Diagnostic]:
    """Return the dialect that the `file` entry describes, or what is wrong with it."""
    found = Dialect.problems(entry) if isinstance(entry, Mapping) else [_no_mapping(entry)]
    if isinstance(found, Dialect):
        return found
    return [replace(bad, place="data.file", fixes=tuple(map(_on_file, bad.fixes))) for bad in found]


def set_file(text: str, **fields: Any) -> Fix:
    """Return a fix that says how the file is written."""
    return Fix(text, {"do": "set_file", "fields": fields})


def take_missing(words: Sequence[str]) -> Fix:
    """Return a fix that says which words stand for an empty cell, beside those that do already."""
    shown = ", ".join(f'"{word}"' for word in words)
    return Fix(
        f"Take {shown} as missing in every column.", {"do": "take_missing", "words": list(words)}
    )


def or_missing(fixes: Sequence[Fix], words: Sequence[str]) -> tuple[Fix, ...]:
    """Return fixes, and that words are taken as missing: first, but last if one holds a digit.

    Why: "n/a" most likely says that there is no number, "12 years" says one.
    """
    taken = take_missing(words)
    a_number = any(sign.isdigit() for word in words for sign in word)
    return (*fixes, taken) if a_number else (taken, *fixes)


def taken_words(fix: Fix) -> Sequence[str]:
    """Return the words that a fix takes as missing, () for any other."""
    edit = fix.edit or {}
    return edit["words"] if edit.get("do") == "take_missing" else ()


def _on_file(fix: Fix) -> Fix:
    """Turn an edit of a node's parameters into the same one of the `file` entry."""
    match fix.edit:
        case {"do": "set_params", "params": fields}:
            return set_file(fix.text, **fields)
        case {"do": "remove_param", "param": field}:
            return set_file(fix.text, **{field: None})
    return Fix(fix.text)


def _no_mapping(entry: Any) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"file" can\'t be {entry!r:.60}',
        found=f"{entry!r:.60}",
        expected="a mapping",
        fixes=(Fix('Write it as {"delimiter": ";"}, or leave it out.'),),
    )
