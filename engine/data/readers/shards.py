"""Finds the shards of a table: files with the same columns, whose rows in name order are one table.

A pattern such as `folder/*.parquet`, a folder of files of one format, or a URL names them. Objects
of a store are copied to the local disk one at a time, while they are read. So the readers of all
formats are used for them, and the checks of damaged files.
"""

from __future__ import annotations

import fnmatch
import glob
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.formatting.urls import url_of
from engine.data.readers.image_folder import find_class_folder
from engine.data.readers.registry import READABLE_EXTENSIONS, file_extension
from engine.data.table.table import data_not_found

TRAIN_FILE_NAMES = tuple(
    f"train{ending}"
    for ending in (".npz", ".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".arrow", ".jsonl")
)
_HIDDEN = (".", "_")  # first characters of the names of files that are no data, such as _SUCCESS


@dataclass(frozen=True, slots=True)
class Shard:
    """One of the files of a table.

    Args:
        name: the path or URL, for messages and records.
        size: the size in bytes.
        modified: the time of the last change in nanoseconds.
        key: the path in `store`.
        store: the file system of pyarrow that has the file; None for a local file.
    """

    name: str
    size: int
    modified: int
    key: str
    store: Any = None

    @contextmanager
    def local_file(self) -> Iterator[Path]:
        """Return a context with a local file of the shard: itself or a temporary copy.

        Raises:
            OSError: if the shard can't be copied.
        """
        if self.store is None:
            yield Path(self.key)
            return
        from pyarrow.fs import LocalFileSystem, copy_files

        from engine.data.readers.binary.probe import named_copy

        with tempfile.TemporaryDirectory(prefix="layerloom-") as folder:
            copy = Path(folder, PurePosixPath(self.key).name)
            copy_files(self.key, str(copy), self.store, LocalFileSystem())
            os.utime(copy, ns=(self.modified, self.modified))
            try:
                with named_copy(copy, self.name):
                    yield copy
            except DiagnosticError as error:
                found = (
                    replace(item, place=item.place and item.place.replace(str(copy), self.name))
                    for item in error.diagnostics
                )
                raise DiagnosticError(*found) from error


def find_shards(path: Path) -> list[Shard]:
    """Return the shards of the table at `path` in the order of names; [] for all other tables.

    Raises:
        DiagnosticError: if no file matches, or if a URL can't be opened.
        OSError: if a folder can't be listed.
    """
    if url := url_of(path):
        return _objects(path, url)
    if path.is_dir():
        return _local_shards(_folder_files(path))
    if path.exists() or not glob.has_magic(str(path)):
        return []
    names = glob.glob(str(path), recursive=True)
    files = sorted(file for file in map(Path, names) if _is_visible(file.name) and file.is_file())
    if not files:
        raise DiagnosticError(data_not_found(path, "no file that matches"))
    return _local_shards(files)


def _local_shards(files: Iterable[Path]) -> list[Shard]:
    stats = ((str(file), file.stat()) for file in files)
    return [Shard(name, stat.st_size, stat.st_mtime_ns, name) for name, stat in stats]


def _folder_files(folder: Path) -> list[Path]:
    """Return the files of a folder of shards; [] for a folder with another content."""
    names = [file.name for file in folder.iterdir()]
    if set(names).intersection(TRAIN_FILE_NAMES) or find_class_folder(folder) is not None:
        return []
    return [folder / name for name in _of_one_format(names) if (folder / name).is_file()]


def _of_one_format(names: Iterable[str]) -> list[str]:
    """Return the readable files among `names` in order; [] if they have several formats."""
    formats: dict[str, list[str]] = {}
    for name in sorted(filter(_is_visible, names)):
        formats.setdefault(file_extension(Path(name)), []).append(name)
    readable = [files for kind, files in formats.items() if kind in READABLE_EXTENSIONS]
    return readable[0] if len(readable) == 1 and ".npy" not in formats else []


def _is_visible(name: str) -> bool:
    return bool(name) and not name.startswith(_HIDDEN)


def _objects(path: Path, url: str) -> list[Shard]:
    """Return the shards at a URL: an object, the objects that match a pattern, or of a folder."""
    import pyarrow as pa
    from pyarrow.fs import FileSelector, FileSystem, FileType, LocalFileSystem

    scheme, _, rest = url.partition("://")
    location, _, query = rest.partition("?")
    if "@" in location.partition("/")[0]:
        shown = f"{scheme}://...@{location.partition('@')[2]}"
        raise _url_error(shown, "a user name or password", "Set them in the environment.")
    folder, _, pattern = (
        location.rpartition("/") if glob.has_magic(location) else (location, "", "")
    )
    try:
        store, key = FileSystem.from_uri(f"{scheme}://{folder}{query and '?'}{query}")
    except pa.ArrowException as error:
        advice = "Use file://, s3:// or gs://, and write a space as %20."
        raise _url_error(url, str(error).partition("\n")[0], advice) from error
    found = store.get_file_info(key)
    infos = [found] if found.type is FileType.File else []
    if found.type is FileType.Directory:
        infos = [x for x in store.get_file_info(FileSelector(key)) if x.type is FileType.File]
        names = [info.base_name for info in infos]
        kept = fnmatch.filter(names, pattern) if pattern else _of_one_format(names)
        infos = [info for info in infos if info.base_name in kept and _is_visible(info.base_name)]
    if not infos:
        raise DiagnosticError(data_not_found(path, "no object that matches"))
    is_local = isinstance(store, LocalFileSystem)
    return [
        Shard(
            info.path if is_local else f"{scheme}://{info.path}",
            info.size,
            info.mtime_ns or 0,
            info.path,
            None if is_local else store,
        )
        for info in sorted(infos, key=lambda info: info.path)
    ]


def _url_error(url: str, found: str, advice: str) -> DiagnosticError:
    return DiagnosticError(
        Diagnostic(
            "data-url",
            "can't open the URL",
            place=url,
            found=found,
            expected="s3://bucket/folder, s3://bucket/folder/*.parquet",
            fixes=(Fix(advice),),
        )
    )


def footer_row_count(shards: Sequence[Shard]) -> list[int] | None:
    """Return the number of rows of each shard, which Parquet files state; None for other formats.

    Raises:
        DiagnosticError: if a file is damaged.
    """
    if any(file_extension(Path(shard.name)) != ".parquet" for shard in shards):
        return None
    import pyarrow.parquet as pq

    from engine.data.readers.binary.arrow_errors import arrow_errors

    counts = []
    for shard in shards:
        with arrow_errors(Path(shard.name)):
            file = shard.key if shard.store is None else shard.store.open_input_file(shard.key)
            counts.append(pq.read_metadata(file).num_rows)
    return counts
