"""Reader of sparse matrices, as scipy.sparse.save_npz writes them: one column with an array."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator
from math import prod
from pathlib import Path
from typing import Any

from engine.data.table.dtypes import (
    array_to_column,
    damaged_array_error,
    file_too_large_error,
    missing_package_error,
)
from engine.data.table.table import Table

MAX_DENSE_BYTES = 16 * 2**30
_CHUNK_BYTES = 2**26
_ARRAYS = {"format", "shape", "data"}  # those that save_npz writes for every format
_PLACES = {"indices", "row", "offsets", "coords"}  # one of them says where the values are


def is_sparse(arrays: Collection[str]) -> bool:
    """Return whether an archive with these arrays is a sparse matrix."""
    return _ARRAYS.issubset(arrays) and not _PLACES.isdisjoint(arrays)


def sparse_chunks(path: Path, rows: int, limit: int | None = None) -> Iterator[Table]:
    """Yield at most `rows` rows of a matrix at a time, as a column that is named after the file.

    Raises:
        DiagnosticError: if the matrix is damaged, if it has more than `limit` bytes with its zeros,
            or if scipy is not installed.
    """
    matrix, limit = _load(path), min(limit or MAX_DENSE_BYTES, MAX_DENSE_BYTES)
    size = _size(matrix)
    if size > limit:
        raise file_too_large_error(path, size, limit)
    count = matrix.shape[0]
    rows = min(rows, max(1, _CHUNK_BYTES * count // max(1, size)))
    for start in range(0, max(count, 1), rows):
        array = matrix[start : start + rows].toarray()
        yield Table(path, {path.stem: array_to_column(array, path.stem, path)})


def dense_size(path: Path) -> int:
    """Return the size of a matrix with its zeros in bytes.

    Raises:
        DiagnosticError: if the matrix is damaged, or if scipy is not installed.
    """
    return _size(_load(path))


def _size(matrix: Any) -> int:
    return int(prod(matrix.shape) * matrix.dtype.itemsize)


def _load(path: Path) -> Any:
    try:
        from scipy import sparse
    except ImportError as error:
        subject = f'"{path.name}" is a sparse matrix, which needs'
        raise missing_package_error(subject, "scipy", "scipy", str(path)) from error
    try:
        matrix = sparse.load_npz(path).tocsr()
        matrix.check_format(full_check=True)
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        expected = "a matrix written by scipy.sparse.save_npz"
        raise damaged_array_error(path.stem, path, str(error)[:120], expected) from error
    return matrix
