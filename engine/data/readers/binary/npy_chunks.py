"""Streams arrays from .npy files and .npz archives, some rows at a time."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Refused
from engine.data.readers.binary.npy import read_header, read_rows
from engine.data.readers.binary.npz import checked, no_archive
from engine.data.table.column_types import Column
from engine.data.table.dtypes import broken, native
from engine.data.table.read_result import refuse_rows


class _Array:
    """An array of which some rows are still unread."""

    def __init__(self, file: IO[bytes], size: int, name: str, path: Path) -> None:
        self.name = name
        self._file, self._path = file, path
        with self._sound():
            self._header = read_header(file, size, name, path)
        self.rows = self._header.shape[0]
        self._taken = 0
        self._whole: NDArray[Any] | None = None

    def take(self, rows: int) -> Column:
        """Return the next rows."""
        with self._sound():
            array = self._next(rows)
            self._taken += rows
            # The checksum of a packed array is compared at its end only.
            if self._taken == self.rows and self._file.read(1):
                raise Refused(broken(self.name, self._path, "bytes after the end", "none"))
        return native(array, self.name, self._path)[0]

    @contextmanager
    def _sound(self) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            fitting = "bytes that fit the checksum"
            raise Refused(broken(self.name, self._path, str(error), fitting)) from error

    def _next(self, rows: int) -> NDArray[Any]:
        if not self._header.fortran:
            return read_rows(self._file, self._header, rows, self.name, self._path)
        if self._whole is None:
            self._whole = self._columnwise()
        return np.ascontiguousarray(self._whole[self._taken : self._taken + rows])

    def _columnwise(self) -> NDArray[Any]:
        """Return an array whose rows are strewn over the file; mapped, unless it is packed."""
        if isinstance(self._file, zipfile.ZipExtFile):
            return read_rows(self._file, self._header, self.rows, self.name, self._path)
        start = self._file.tell()
        self._file.seek(0, io.SEEK_END)
        shape = self._header.shape
        return np.memmap(self._path, self._header.kind, "r", start, shape, order="F")


def npy_chunks(
    paths: Mapping[str, Path], columns: Sequence[str] | None, rows: int
) -> Iterator[dict[str, Column]]:
    """Yield arrays of files of their own, at most `rows` rows at a time.

    Raises:
        Refused: as `read_npy` does, but for the size.
    """
    with ExitStack() as stack:
        arrays = []
        for name in columns or paths:
            path = paths[name]
            file = stack.enter_context(path.open("rb"))
            arrays.append(_Array(file, path.stat().st_size, name, path))
        yield from _together(arrays, rows, next(iter(paths.values())).parent)


def npz_chunks(path: Path, columns: Sequence[str] | None, rows: int) -> Iterator[dict[str, Column]]:
    """Yield some arrays of an archive, at most `rows` rows at a time.

    Raises:
        Refused: as `read_npz` does, but for the size.
    """
    try:
        with ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(path))
            names = [info.filename.removesuffix(".npy") for info in checked(archive, path, None)]
            arrays = []
            for name in columns or names:
                info = archive.getinfo(f"{name}.npy")
                file = stack.enter_context(archive.open(info))
                arrays.append(_Array(file, info.file_size, name, path))
            yield from _together(arrays, rows, path)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise Refused(no_archive(path)) from error


def _together(arrays: Sequence[_Array], rows: int, path: Path) -> Iterator[dict[str, Column]]:
    refuse_rows({array.name: array.rows for array in arrays}, path)
    count = arrays[0].rows
    for start in range(0, count, rows):
        size = min(rows, count - start)
        yield {array.name: array.take(size) for array in arrays}
