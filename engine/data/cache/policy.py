"""The cache policy: tables that would need too much memory are encoded into a cache on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.check.cost import available_memory
from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import TensorSpec
from engine.data.cache.storage import cache_folder
from engine.data.cache.table_head import read_table_head
from engine.data.readers.binary.array_files import npz_size
from engine.data.readers.image_folder import IMAGE_FOLDER_COLUMNS, read_image_folder
from engine.data.readers.registry import PACKED_EXTENSIONS
from engine.data.readers.shards import Shard, find_shards
from engine.data.readers.table_file import os_errors, resolve_folder
from engine.data.readers.text.byte_stream import COMPRESSED_ENDINGS, declared_size
from engine.recipe.csv_dialect import Dialect

# A CSV file of 2,000,000 rows and 20 columns (244 MiB) took 2.5 GB of memory without the cache and
# 0.7 GB with it, and the same time.
MAX_TABLE_BYTES = 2**27  # larger tables are not read into memory
MAX_MEMORY_FRACTION = 0.5  # the maximum fraction of the available memory for a table
CELL_MEMORY_FACTOR = 3  # bytes in memory per byte of the table: the cells and intermediate results
ARRAY_MEMORY_FACTOR = 3  # copies of encoded arrays: all rows, the subsets of the split, the batches
_DYNAMIC_AXIS_LENGTH = 100  # the assumed length of a dynamic axis
_COMPRESSION_RATIO = 4  # assumed if a compressed file does not state its uncompressed size

ProgressCallback = Callable[[str, float], None]


def ignore_progress(task: str, fraction: float) -> None:
    """Do nothing; the default of progress callbacks."""


@dataclass(frozen=True)
class CacheSettings:
    """The cache settings of a run.

    Args:
        use: True to use the cache, False to read into memory, None to decide by `needs_cache`.
        stream: True to stream the rows in each epoch, False never to do so, None to do so if the
            cache would not fit on the disk.
        folder: the cache folder; None for the user's default, see `cache_folder`.
        progress: called with the current task and its completed fraction.
    """

    use: bool | None = None
    stream: bool | None = field(default=None, kw_only=True)
    folder: Path | None = None
    progress: ProgressCallback = ignore_progress

    def should_cache(
        self, path: Path, dialect: Dialect | None, inputs: Mapping[str, TensorSpec]
    ) -> bool:
        """Return whether to read a table through the cache: `use`; if it is None, `needs_cache`."""
        return needs_cache(path, dialect, inputs) if self.use is None else self.use

    def should_stream(
        self, path: Path, dialect: Dialect | None, inputs: Mapping[str, TensorSpec]
    ) -> bool:
        """Return whether to stream a table that is not in the cache and too large for memory."""
        if self.use is not None or self.stream is not None:
            return bool(self.stream)
        head = read_table_head(path, dialect)
        rows = 0
        if head is not None:
            size = _uncompressed_bytes(path, head.shards)
            rows = head.count_rows() or size // head.file_row_bytes
        folder = (self.folder or cache_folder()).absolute()
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        return rows * encoded_row_bytes(inputs) > shutil.disk_usage(existing).free


def needs_cache(path: Path, dialect: Dialect | None, inputs: Mapping[str, TensorSpec]) -> bool:
    """Return whether a table is too large for memory.

    A table is too large if it exceeds the fixed size limit, above which it takes no longer to read
    the rows from the cache, or if three times the size of its cells plus three times the size of
    the encoded rows exceed half of the available memory. `inputs` defines the size of an encoded
    row.

    Raises:
        DiagnosticError: if there is no table at `path`, or its store does not answer.
    """
    with os_errors(path):
        shards = find_shards(path)
    with suppress(OSError, DiagnosticError):  # reported when the table is read
        size = _uncompressed_bytes(path, shards)
        limit = MAX_MEMORY_FRACTION * available_memory()
        if size > MAX_TABLE_BYTES or CELL_MEMORY_FACTOR * size > limit:
            return True
        width = encoded_row_bytes(inputs)
        rows = 0 if shards else _image_count(path)
        if not rows:
            # A row of a file has at least two bytes: if that many rows fit, don't read the file.
            if ARRAY_MEMORY_FACTOR * (size // 2) * width < limit:
                return False
            head = read_table_head(path, dialect)
            rows = size // head.file_row_bytes if head else 0
        return CELL_MEMORY_FACTOR * size + ARRAY_MEMORY_FACTOR * rows * width > limit
    return False


def encoded_row_bytes(inputs: Mapping[str, TensorSpec]) -> int:
    """Return the approximate size of an encoded row in bytes, for the given Inputs."""
    width = 0
    for spec in inputs.values():
        size = 4
        for axis in spec.shape:
            size *= axis if isinstance(axis, int) else _DYNAMIC_AXIS_LENGTH
        width += size
    return width


def _uncompressed_bytes(path: Path, shards: Sequence[Shard]) -> int:
    """Return the approximate uncompressed size of a table in bytes.

    Raises:
        OSError: if the table can't be read.
        DiagnosticError: if the table is a damaged archive.
    """
    if shards:
        return sum(map(_shard_bytes, shards))
    return sum(file.stat().st_size for file in resolve_folder(path)[1])


def _shard_bytes(shard: Shard) -> int:
    """Return the approximate uncompressed size of a shard in bytes."""
    file = Path(shard.key)
    if shard.store is None and shard.extension == ".npz":
        return npz_size(file)
    ending = file.suffix.lower()
    if shard.store is None and ending == ".gz" and (stated := declared_size(file)) > shard.size:
        return stated
    is_compressed = ending in COMPRESSED_ENDINGS or shard.extension in PACKED_EXTENSIONS
    return shard.size * (_COMPRESSION_RATIO if is_compressed else 1)


def _image_count(path: Path) -> int:
    """Return the number of images of an image folder, or 0 for a folder of arrays."""
    folder, arrays = resolve_folder(path)
    return 0 if arrays else len(read_image_folder(folder).columns[IMAGE_FOLDER_COLUMNS[0]])
