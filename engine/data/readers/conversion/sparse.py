"""Converts sparse matrices, as written by scipy.sparse.save_npz, to arrays."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.readers.binary.zip_file import open_zip
from engine.data.table.dtypes import damaged_array_error, size_limit_error

_MEMBERS = {"format.npy", "shape.npy", "data.npy"}  # those that save_npz writes for every format
_MAX_BYTES = 16 * 2**30
_BLOCK_BYTES = 2**26


def is_sparse_npz(file: Path) -> bool:
    """Return whether a file is a sparse matrix; False for other files and damaged ones."""
    if file.suffix.lower() != ".npz":
        return False
    with suppress(DiagnosticError), open_zip(file) as (_, members):
        return _MEMBERS.issubset(info.filename for info in members)
    return False


def densified(file: Path, folder: Path) -> Path:
    """Write a sparse matrix into `folder` as an array that is named after the file; return it.

    Raises:
        DiagnosticError: if the matrix is damaged or too large, or if scipy is not installed.
    """
    try:
        from scipy import sparse
    except ImportError as error:
        raise diagnostic_error(
            "package-missing",
            f'"{file.name}" is a sparse matrix, which needs the package scipy',
            "Install it: pip install scipy",
            place=str(file),
            found="not installed",
            expected="the package scipy",
        ) from error
    with open_zip(file):  # checks the size of the members
        pass
    try:
        matrix = sparse.load_npz(file).tocsr()
        matrix.check_format(full_check=True)
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        expected = "a matrix written by scipy.sparse.save_npz"
        raise damaged_array_error(file.stem, file, str(error)[:120], expected) from error
    rows, columns = matrix.shape
    size = rows * columns * matrix.dtype.itemsize
    if size > _MAX_BYTES:
        advice = "Reduce its columns, such as with sklearn's TruncatedSVD, or select rows."
        raise size_limit_error(f'"{file.name}" is', str(file), size, _MAX_BYTES, advice)
    target = folder / f"{file.stem}.npy"
    array = np.lib.format.open_memmap(target, "w+", matrix.dtype, matrix.shape)
    step = max(1, _BLOCK_BYTES // max(1, columns * matrix.dtype.itemsize))
    for start in range(0, rows, step):
        array[start : start + step] = matrix[start : start + step].toarray()
    array.flush()
    return target
