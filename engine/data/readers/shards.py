"""Finds the shards of a table: files with the same columns, whose rows in name order are one table.

A pattern such as `folder/*.parquet`, a folder of files of one format, or a URL names them; a single
file is a table with one shard. Objects of a store are copied to the local disk one at a time, while
they are read. So the readers of all formats are used for them, and the checks of damaged files.
"""

from __future__ import annotations

import fnmatch
import glob
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.urls import path_text, url_of
from engine.data.readers.image_folder import find_class_folder
from engine.data.readers.registry import READABLE_EXTENSIONS, file_extension
from engine.data.table.table import data_not_found_error

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

        with tempfile.TemporaryDirectory(prefix="layerloom-") as folder:
            copy = Path(folder, PurePosixPath(self.key).name)
            copy_files(self.key, str(copy), self.store, LocalFileSystem())
            try:
                yield copy
            except DiagnosticError as error:
                found = (
                    replace(item, place=item.place and item.place.replace(str(copy), self.name))
                    for item in error.diagnostics
                )
                raise DiagnosticError(*found) from error

    def require_unchanged(self) -> None:
        """Check that the file is the one that was found.

        Raises:
            DiagnosticError: if it is not there, or its size or the time of its change differ.
        """
        from pyarrow.fs import LocalFileSystem

        info = (self.store or LocalFileSystem()).get_file_info(self.key)
        if (info.size, info.mtime_ns or 0) != (self.size, self.modified):
            raise changed_error(Path(self.name))


def changed_error(path: Path) -> DiagnosticError:
    """Return the error that a table or one of its shards changed while it was read."""
    name = printable_path(path_text(path))
    message, fix = f"{name} changed while it was read", "Run again when its file is complete."
    return DiagnosticError(Diagnostic("data-unreadable", message, place=name, fixes=(Fix(fix),)))


def find_shards(path: Path) -> list[Shard]:
    """Return the files of the table at `path` in the order of names.

    In a folder with one of `TRAIN_FILE_NAMES`, this is that file. For a folder of arrays or images,
    return [].

    Raises:
        DiagnosticError: if no file matches, or if a URL can't be opened.
        OSError: if a folder can't be listed.
    """
    if url := url_of(path):
        return _objects(path, url)
    if path.is_dir():
        return list(map(_local_shard, _folder_files(path)))
    if path.is_file():
        return [_local_shard(path)]
    is_pattern = glob.has_magic(str(path))
    names = glob.glob(str(path), recursive=True) if is_pattern else []
    files = sorted(file for file in map(Path, names) if _is_visible(file.name) and file.is_file())
    if not files:
        found = "no file that matches" if is_pattern else "no file or folder"
        raise data_not_found_error(path, found)
    return list(map(_local_shard, files))


def _local_shard(file: Path) -> Shard:
    stat = file.stat()
    return Shard(str(file), stat.st_size, stat.st_mtime_ns, str(file))


def _folder_files(folder: Path) -> list[Path]:
    """Return the files of a folder of shards; [] for a folder with another content."""
    names = [file.name for file in folder.iterdir() if file.is_file()]
    files = [name for name in TRAIN_FILE_NAMES if name in names]
    if not files and find_class_folder(folder) is None:
        files = _of_one_format(names)
    elif len(files) > 1:  # it is ambiguous which of them to read
        files = []
    return [folder / name for name in files]


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
    folder, pattern = location, ""
    if glob.has_magic(location):
        folder, _, pattern = location.rpartition("/")
    try:
        store, key = FileSystem.from_uri(f"{scheme}://{folder}{query and '?'}{query}")
    except pa.ArrowException as error:
        advice = "Use file://, s3:// or gs://, and write a space as %20."
        raise _url_error(url, str(error).partition("\n")[0], advice) from error
    if isinstance(store, LocalFileSystem) and (shards := find_shards(Path(key, pattern))):
        return shards
    infos = store.get_file_info([key])
    if infos[0].type is FileType.Directory:
        infos = store.get_file_info(FileSelector(key))
    files = {info.base_name: info for info in infos if info.type is FileType.File}
    visible = sorted(filter(_is_visible, files))
    names = fnmatch.filter(visible, pattern) if pattern else _of_one_format(visible)
    if not names:
        raise data_not_found_error(path, "no object that matches")
    return [
        Shard(f"{scheme}://{info.path}", info.size, info.mtime_ns or 0, info.path, store)
        for info in map(files.__getitem__, names)
    ]


def _url_error(url: str, found: str, advice: str) -> DiagnosticError:
    return diagnostic_error(
        "data-url",
        "can't open the URL",
        advice,
        place=url,
        found=found,
        expected="s3://bucket/folder, s3://bucket/folder/*.parquet",
    )


def footer_row_count(shards: Sequence[Shard]) -> int | None:
    """Return the number of rows of Parquet files, which their footers state.

    Return None for other formats, or if a file is damaged, which is reported when it is read.
    """
    if not shards or any(file_extension(Path(shard.name)) != ".parquet" for shard in shards):
        return None
    import pyarrow as pa
    from pyarrow.dataset import dataset

    with suppress(pa.ArrowException, OSError):
        files, store = [shard.key for shard in shards], shards[0].store
        return int(dataset(files, filesystem=store, format="parquet").count_rows())
    return None
