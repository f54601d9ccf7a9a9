"""The bytes of a file, block by block: unpacked where they are packed, and never beyond a limit."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.table.dtypes import too_large

BLOCK = 2**22
GZIP = b"\x1f\x8b"
# Deflate packs at most 1032 to 1; a table of which 16 MiB pack like this says the same in each row.
SUSPECT_SIZE = 2**24
SUSPECT_RATIO = 400


def blocks(path: Path, limit: int | None = None) -> Iterator[bytes]:
    """Yield what a file holds, unpacked where its name ends in .gz, at most 4 MiB at a time.

    Args:
        path: the file.
        limit: bytes in all; None for no limit, where only some blocks are held at a time.

    Raises:
        Refused: as soon as the limit is passed, or if a packed file is damaged.
    """
    packed = path.suffix.lower() == ".gz"
    size = _declared(path) if packed else path.stat().st_size
    if limit is not None and size > limit:
        raise Refused(too_large(path, size, limit))
    with path.open("rb", buffering=0) as file:
        yield from _unpacked(file, path, limit) if packed else _whole(file)


def _whole(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _unpacked(file: IO[bytes], path: Path, limit: int | None) -> Iterator[bytes]:
    at = 0
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            while block := unpacked.read(BLOCK):
                at += len(block)
                if limit is not None and at > limit:
                    raise Refused(too_large(path, at, limit))
                if at > SUSPECT_SIZE and at > SUSPECT_RATIO * file.tell():
                    raise Refused(_bomb(path, at, file.tell()))
                yield block
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise Refused(_damaged(path, str(error))) from error


def _declared(path: Path) -> int:
    """Return the size that the end of a packed file states, which is known up to 4 GiB only."""
    with path.open("rb") as file:
        if file.read(2) != GZIP:
            raise Refused(_damaged(path, "other bytes at the start"))
        file.seek(-4, io.SEEK_END)
        return int.from_bytes(file.read(4), "little")


class Stream(io.RawIOBase):
    """Blocks as a file that pyarrow reads; each call answers one block.

    Args:
        parts: the blocks.
    """

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self._parts = parts
        self._left = b""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; none at the end."""
        block = self._left or next((part for part in self._parts if part), b"")
        if 0 <= size < len(block):
            block, self._left = block[:size], block[size:]
        else:
            self._left = b""
        return block

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, for readers that bring their own."""
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)


def _damaged(path: Path, found: str) -> Diagnostic:
    return Diagnostic(
        "file-damaged",
        f'"{path.name}" can\'t be unpacked',
        place=str(path),
        found=found,
        expected="a whole file, as gzip writes it",
        fixes=(Fix("Copy the file again from where it came, or pack it again."),),
    )


def _bomb(path: Path, unpacked: int, packed: int) -> Diagnostic:
    return Diagnostic(
        "archive-odd",
        f'"{path.name}" unpacks to far more than a table of examples would',
        place=str(path),
        found=f"{packed:,} bytes that become {unpacked:,} and more",
        expected=f"at most {SUSPECT_RATIO} bytes for each byte of the file",
        fixes=(Fix("Unpack it first, if it is what it should be."),),
    )
