"""The CSV dialect: the `file` entry of a project's `data` block.

Fields that are left out are detected and reported. Fields that are set are used without a check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from engine.core.diagnostic import Diagnostic, Edit, Fix
from engine.core.schema import Schema, invalid_value

Delimiter = Literal[",", ";", "\t", "|"]
DecimalSign = Literal[".", ","]
TextEncoding = Literal[
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "iso8859-2",
    "iso8859-15", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "cp437", "cp850", "koi8-r",
    "mac-roman",
    "shift_jis", "euc-jp", "euc-kr", "gb18030", "big5",
]  # fmt: skip

# Among numbers and dates, these words stand for missing cells, too. Elsewhere they may be labels.
QUANTITY_WORDS = frozenset({"n/a", "na", "n.a.", "NULL", "None", "#N/A", "<NA>", "-", "--", "?"})


class Dialect(Schema):
    """The dialect of a CSV file: delimiter, decimal sign, encoding and header."""

    delimiter: Delimiter | None = Field(None, description="The character between cells.")
    decimal: DecimalSign | None = Field(
        None, description="The decimal separator; the other one is then not accepted in numbers."
    )
    encoding: TextEncoding | None = Field(None, description="The text encoding of the file.")
    header: bool | None = Field(
        None,
        description="Whether the first line holds the column names, else column_1, column_2, ...",
    )
    index: bool | None = Field(
        None, description="Whether a first column without a name numbers the rows: it is left out."
    )
    missing: tuple[str, ...] = Field(
        (),
        description="Words for a missing value, in addition to NA, N/A, NaN, nan and null, and "
        "among numbers and dates also n/a, na, n.a., NULL, None, #N/A, <NA>, -, -- and ?.",
    )


def parse_dialect(entry: Any) -> Dialect | list[Diagnostic]:
    """Parse the `file` entry of a project's `data` block; return diagnostics if it is invalid."""
    if not isinstance(entry, Mapping):
        example = Fix('Write it as {"delimiter": ";"}, or leave it out.')
        return [invalid_value("file", entry, "data.file", example)]
    dialect = Dialect.try_from_params(entry)
    if isinstance(dialect, Dialect):
        return dialect
    return [error.at_place("data.file", _to_file_edit) for error in dialect]


def set_file_fix(text: str, **fields: Any) -> Fix:
    """Return a fix with this text. Its edit sets dialect fields to the values in `fields`."""
    return Fix(text, {"do": "set_file", "fields": fields})


def missing_words_fix(words: Sequence[str]) -> Fix:
    """Return a fix after which `words` are read as missing values."""
    quoted = ", ".join(f'"{word}"' for word in words)
    edit = {"do": "take_missing", "words": list(words)}
    return Fix(f"Treat {quoted} as missing in every column.", edit)


def missing_words_of(fix: Fix) -> Sequence[str]:
    """Return the words that `fix` adds to the missing-value words of a file, () if it adds none."""
    edit = fix.edit or {}
    return edit["words"] if edit.get("do") == "take_missing" else ()


def _to_file_edit(edit: Edit) -> Edit | None:
    """Convert an edit of a node's fields to an edit of the dialect; return None for other edits."""
    match edit:
        case {"do": "set_params", "params": fields}:
            return {"do": "set_file", "fields": fields}
        case {"do": "remove_param", "param": field}:
            return {"do": "set_file", "fields": {field: None}}
    return None
