"""Reads plain and compressed files in blocks, with a limit on the decompressed size."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.data.table.dtypes import file_too_large_error

READ_BLOCK_SIZE = 2**22
GZIP_MAGIC = b"\x1f\x8b"
COMPRESSED_ENDINGS = (".gz", ".bz2", ".xz", ".zst")
# Limits against decompression bombs. If the first 16 MiB of a file exceed the limit, it can't be a
# table, unless all rows are the same.
SUSPICIOUS_SIZE = 2**24
SUSPICIOUS_RATIO = 400


def read_blocks(path: Path, limit: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file in blocks of at most 4 MiB; decompress files named *.gz and alike.

    Raises:
        DiagnosticError: if the size exceeds `limit` decompressed bytes, or the compressed file is
            damaged.
    """
    ending = path.suffix.lower()
    size = declared_size(path) if ending == ".gz" else path.stat().st_size
    is_compressed = ending in COMPRESSED_ENDINGS
    if limit is not None and size > limit and (ending == ".gz" or not is_compressed):
        raise file_too_large_error(path, size, limit)
    with path.open("rb", buffering=0) as file:
        plain = iter(partial(file.read, READ_BLOCK_SIZE), b"")
        yield from _unpacked_blocks(file, path, limit) if is_compressed else plain


def uncompressed_name(path: Path) -> str:
    """Return the name of a file in lower case, without the ending of a compression."""
    name = path.name.lower()
    inner, dot, ending = name.rpartition(".")
    return inner if dot + ending in COMPRESSED_ENDINGS else name


def _unpacked_blocks(file: IO[bytes], path: Path, limit: int | None) -> Iterator[bytes]:
    size = 0
    try:
        with _open_compressed(file, path.suffix.lower()) as stream:
            while block := stream.read(READ_BLOCK_SIZE):
                size += len(block)
                if limit is not None and size > limit:
                    raise file_too_large_error(path, size, limit)
                if size > SUSPICIOUS_SIZE and size > SUSPICIOUS_RATIO * file.tell():
                    raise DiagnosticError(_bomb_diagnostic(path, size, file.tell()))
                yield block
    except (OSError, zlib.error, lzma.LZMAError, EOFError) as error:
        if isinstance(error, OSError) and error.errno:  # the disk failed, not the decompression
            raise
        raise DiagnosticError(_damaged_diagnostic(path, str(error))) from error


def _open_compressed(file: IO[bytes], ending: str) -> Any:
    """Return a stream of the decompressed bytes of a file."""
    match ending:
        case ".gz":
            return gzip.GzipFile(fileobj=file)
        case ".bz2":
            return bz2.BZ2File(file)
        case ".xz":
            return lzma.LZMAFile(file)
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")


def declared_size(path: Path) -> int:
    """Return the size that a gzip file states: the decompressed size modulo 4 GiB.

    Raises:
        DiagnosticError: if it is no gzip file.
    """
    with path.open("rb") as file:
        if file.read(2) != GZIP_MAGIC:
            raise DiagnosticError(_damaged_diagnostic(path, "no gzip header"))
        file.seek(-4, io.SEEK_END)
        return int.from_bytes(file.read(4), "little")


class BlockStream(io.RawIOBase):
    """A file object over an iterator of blocks; `read` returns at most one block.

    After `close`, it is at its end.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks = blocks
        self._rest = memoryview(b"")  # so that no rest of a block is copied

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes into a buffer, and return their number."""
        if self.closed:
            return 0
        block = self._rest or memoryview(next((block for block in self._blocks if block), b""))
        size = min(len(block), len(buffer))
        buffer[:size], self._rest = block[:size], block[size:]
        return size


def _damaged_diagnostic(path: Path, found: str) -> Diagnostic:
    return Diagnostic.error(
        "file-damaged",
        f'"{path.name}" can\'t be decompressed',
        "Copy the file again from its source, or compress it again.",
        place=str(path),
        found=found,
        expected=f"a complete {path.suffix.lower()} file",
    )


def _bomb_diagnostic(path: Path, size: int, compressed: int) -> Diagnostic:
    return Diagnostic.error(
        "archive-odd",
        f'"{path.name}" has a suspiciously high compression ratio',
        "Decompress it first, if you trust its source.",
        place=str(path),
        found=f"{compressed:,} bytes that decompress to more than {size:,}",
        expected=f"at most {SUSPICIOUS_RATIO} decompressed bytes per byte of the file",
    )
