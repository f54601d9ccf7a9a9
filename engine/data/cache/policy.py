"""When rows are cached: where reading them in memory would take more of it than is well free."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.check.cost import available_memory
from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.cache.table_head import head_of
from engine.data.readers.image_folder import IMAGE_FOLDER_COLUMNS, read_image_folder
from engine.data.readers.table_file import DEFAULT_SIZE_LIMIT, resolve_data_path
from engine.data.readers.text.byte_stream import GZIP_MAGIC
from engine.recipe.csv_dialect import Dialect

SHARE = 0.5  # of the memory that is free, which reading in memory may take
CELLS = 3  # bytes in memory for each byte of a table: its cells, and what is worked out on the way
COPIES = 3  # encoded arrays, their copies by side, and those that batches are taken from
_FREE_AXIS = 100  # steps that a free axis is taken for
_PACKED = 4  # bytes that one of a packed file becomes, where the file does not tell


Progress = Callable[[str, float], None]


def silent(doing: str, share: float) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True)
class Caching:
    """How a person wants tables to be read.

    Args:
        use: True from the cache, False in memory; None decides by `needed`.
        folder: where cached rows lie; None is the user's own cache.
        progress: told what is done while rows are cached, and which share of it.
    """

    use: bool | None = None
    folder: Path | None = None
    progress: Progress = silent

    def wanted(self, path: Path, dialect: Dialect | None, inputs: Mapping[str, TensorSpec]) -> bool:
        """Return whether a table is to be read from the cache."""
        return needed(path, dialect, inputs) if self.use is None else self.use


def needed(path: Path, dialect: Dialect | None, inputs: Mapping[str, TensorSpec]) -> bool:
    """Return whether a table would not fit well in memory.

    It would not where cells and encoded arrays, three times each, take more than half of the memory
    that is free, or the table is larger than what is read in memory at all.

    Args:
        path: the table.
        dialect: what is known of how a CSV is written.
        inputs: of the network.
    """
    with suppress(OSError, zipfile.BadZipFile, DiagnosticError):  # told when it is read
        size = unpacked(path)
        free = SHARE * available_memory()
        if size > DEFAULT_SIZE_LIMIT or CELLS * size > free:
            return True
        width = encoded_width(inputs)
        rows = _pictures(path)
        if not rows:
            if COPIES * (size // 2) * width < free:  # a row takes two bytes at least
                return False
            head = head_of(path, dialect)
            rows = size // head.written_width if head else 0
        return CELLS * size + COPIES * rows * width > free
    return False


def encoded_width(inputs: Mapping[str, TensorSpec]) -> int:
    """Return about how many bytes a row takes that is encoded."""
    width = 0
    for spec in inputs.values():
        size = 4
        for axis in spec.shape:
            size *= axis if isinstance(axis, int) else _FREE_AXIS
        width += size
    return width


def unpacked(path: Path) -> int:
    """Return about how many bytes a table holds.

    Raises:
        OSError: if it can't be read.
        DiagnosticError: if there is none.
    """
    place, arrays = resolve_data_path(path)
    if place.is_dir():
        return sum(file.stat().st_size for file in arrays)
    size = place.stat().st_size
    if place.suffix.lower() == ".npz":
        with zipfile.ZipFile(place) as archive:
            return sum(info.file_size for info in archive.infolist())
    with place.open("rb") as file:
        start = file.read(4)
        if start.startswith(GZIP_MAGIC):
            file.seek(-4, 2)
            told = int.from_bytes(file.read(4), "little")  # known up to 4 GiB only
            return told if told > size else _PACKED * size
    return _PACKED * size if start in (b"PAR1", b"ARRO") else size


def _pictures(path: Path) -> int:
    """Return how many pictures a folder holds, 0 for all else."""
    place, arrays = resolve_data_path(path)
    if arrays or not place.is_dir():
        return 0
    return len(read_image_folder(place).columns[IMAGE_FOLDER_COLUMNS[0]])
