"""Files in formats that no reader reads are converted to temporary files in formats that one reads.

A local file is converted once in each process, unless it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.process_folder import new_process_folder
from engine.data.readers.binary.zip_file import extract_member
from engine.data.readers.conversion.sparse import densified, is_sparse_npz
from engine.data.readers.registry import (
    CONVERTED_EXTENSIONS,
    JSON_EXTENSION,
    WORKBOOK_EXTENSIONS,
    ZIP_EXTENSION,
    file_extension,
)

_LINE = re.compile(r"\bline(?= \d)")


@dataclass(frozen=True, slots=True)
class Conversion:
    """A file that a reader reads, and infos on how it was made."""

    file: Path
    notes: tuple[Diagnostic, ...] = ()


_kept: dict[tuple[Path, str], tuple[tuple[int, int], Conversion]] = {}


def converted(file: Path, part: str = "") -> Conversion:
    """Return a file with the table in `file`: itself, or a file that is kept for later calls.

    `part` is the sheet of a workbook or the member of a zip file; "" for the first sheet.

    Raises:
        DiagnosticError: if the file can't be converted.
    """
    if not needs_conversion(file):
        return Conversion(file)
    stat = file.stat()
    key, stamp = (file.absolute(), part), (stat.st_size, stat.st_mtime_ns)
    known = _kept.get(key)
    if known is None or known[0] != stamp:
        known = _kept[key] = (stamp, convert(file, part, new_process_folder()))
    return known[1]


def needs_conversion(file: Path) -> bool:
    """Return whether no reader reads the format of a file."""
    extension = file_extension(file)
    return extension in CONVERTED_EXTENSIONS or is_sparse_npz(file)


def convert(file: Path, part: str, folder: Path) -> Conversion:
    """Return a file with the table in `file`: itself, or a new one in `folder`.

    Raises:
        DiagnosticError: if the file can't be converted.
    """
    extension = file_extension(file)
    if extension == ZIP_EXTENSION and part:
        return convert(extract_member(file, part, folder), "", folder)
    if not file.stat().st_size:  # the reader reports an empty file
        return Conversion(file)
    if extension == JSON_EXTENSION:
        from engine.data.readers.conversion.json_records import json_to_lines

        return Conversion(json_to_lines(file, folder))
    if extension in WORKBOOK_EXTENSIONS:
        from engine.data.readers.conversion.workbook import sheet_to_arrow

        return Conversion(*sheet_to_arrow(file, part, folder))
    return Conversion(densified(file, folder) if is_sparse_npz(file) else file)


@contextmanager
def errors_about(name: str, file: Path, is_json: bool = False) -> Iterator[None]:
    """Rewrite errors about the temporary file `file` as errors about the source `name`.

    If `is_json`, each line of the file is a record of the source.
    """
    try:
        yield
    except DiagnosticError as error:

        def about(text: str) -> str:
            text = text.replace(str(file), name).replace(file.name, Path(name).name)
            return _LINE.sub("record", text) if is_json else text

        found = (
            replace(
                item,
                message=about(item.message),
                place=item.place and about(item.place),
                found=item.found and about(item.found),
                expected=item.expected and about(item.expected),
                fixes=tuple(Fix(about(fix.text), fix.edit) for fix in item.fixes),
            )
            for item in error.diagnostics
        )
        raise DiagnosticError(*found) from error
