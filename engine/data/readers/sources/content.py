"""Detects the format of a file from its content, for sources that do not name it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.binary.zip_file import open_zip
from engine.data.readers.text.byte_stream import COMPRESSED_ENDINGS, read_blocks

_MAGIC = {
    b"PAR1": ".parquet",
    b"ARROW1": ".arrow",
    b"\xff\xff\xff\xff": ".arrows",
    b"\x93NUMPY": ".npy",
    b"\xd0\xcf\x11\xe0": ".xls",
    b"PK\x03\x04": ".zip",
    b"\x1f\x8b": ".gz",
    b"BZh": ".bz2",
    b"\xfd7zXZ": ".xz",
    b"\x28\xb5\x2f\xfd": ".zst",
}
_ZIP_MEMBERS = {
    "xl/workbook.xml": ".xlsx",
    "xl/workbook.bin": ".xlsb",
    "META-INF/manifest.xml": ".ods",
}


def rename_by_content(file: Path) -> Path:
    """Rename a file to a name with the extension of its format; return the new path.

    Raises:
        DiagnosticError: if the file is compressed and can't be decompressed.
    """
    with file.open("rb") as content:
        start = content.read(16)
    extension = next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), "")
    if extension == ".zip":
        extension = _zip_extension(file)
    elif extension in COMPRESSED_ENDINGS or not extension:
        packed = file.rename(file.with_name(f"{file.name}{extension}"))
        inner = _text_extension(next(read_blocks(packed), b""))
        return packed.rename(file.with_name(f"{file.name}{inner}{extension}"))
    return file.rename(file.with_name(f"{file.name}{extension}"))


def _zip_extension(file: Path) -> str:
    with suppress(DiagnosticError), open_zip(file) as (_, members):
        names = [info.filename for info in members]
        if all(name.endswith(".npy") for name in names):
            return ".npz"
        return next((_ZIP_MEMBERS[name] for name in names if name in _ZIP_MEMBERS), ".zip")
    return ".zip"


def _text_extension(block: bytes) -> str:
    text = block.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"{":
        with suppress(ValueError):
            json.loads(text.partition(b"\n")[0])
            return ".jsonl"
    return ".json" if text[:1] in (b"{", b"[") else ".csv"
