"""Finds the shards of a table: files with the same columns, whose rows in name order are one table.

A pattern such as `folder/*.parquet`, a folder of files of one format, a zip file or a URL names
them; a single file is a table with one shard. Objects of a store are copied to the local disk one
at a time, while they are read. So the readers of all formats are used for them, and the checks of
damaged files.
"""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.urls import (
    DATABASE_SCHEMES,
    STDIN_NAMES,
    path_text,
    url_of,
    without_credentials,
    without_password,
)
from engine.data.readers.image_folder import find_class_folder
from engine.data.readers.registry import (
    READABLE_EXTENSIONS,
    WORKBOOK_EXTENSIONS,
    ZIP_EXTENSION,
    file_extension,
)
from engine.data.readers.sources.copies import local_copy
from engine.data.readers.text.json_records import JSON_EXTENSION
from engine.data.table.column_types import TEXT_TYPE, Column
from engine.data.table.table import data_not_found_error

TRAIN_FILE_NAMES = tuple(
    f"train{ending}"
    for ending in (".npz", ".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".arrow", ".jsonl")
)
_HIDDEN = (".", "_")  # first characters of the names of files that are no data, such as _SUCCESS
# Files beside shards of another format are no shards: README.txt, metadata.json.
_SIDE_FORMATS = (".txt", JSON_EXTENSION)
_MISSING_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Shard:
    """One of the files of a table.

    Args:
        name: the path or URL, for messages and records.
        size: the size in bytes.
        modified: the time of the last change in nanoseconds.
        key: the path in `store`.
        store: the file system of pyarrow that has the file; None for a local file.
        sheet: the sheet of a workbook; "" for the first one.
        partition: the columns that the names of folders state, such as country=de.
    """

    name: str
    size: int
    modified: int
    key: str
    store: Any = None
    sheet: str = ""
    partition: tuple[tuple[str, str], ...] = ()

    @property
    def extension(self) -> str:
        """The extension that tells the format, such as ".csv"."""
        return file_extension(Path(self.key))

    @contextmanager
    def local_file(self) -> Iterator[Path]:
        """Return a context with a local file of the shard: itself or a copy.

        Errors in the context are about the shard.

        Raises:
            OSError: if the shard can't be copied.
        """
        source = self.name.removesuffix(f"#{self.sheet}")
        if self.store is None:
            with _errors_about(source, Path(self.key)):
                yield Path(self.key)
            return
        from pyarrow.fs import LocalFileSystem, copy_files

        with tempfile.TemporaryDirectory(prefix="layerloom-") as folder:
            file = Path(folder, PurePosixPath(self.key).name)
            copy_files(self.key, str(file), self.store, LocalFileSystem())
            with _errors_about(source, file):
                yield file

    def with_partition(self, columns: Mapping[str, Column]) -> Mapping[str, Column]:
        """Return the columns of some rows, and those that the names of folders state."""
        if not self.partition:
            return columns
        import pyarrow as pa

        rows = len(next(iter(columns.values()), ()))
        texts = {name: pa.repeat(pa.scalar(text, TEXT_TYPE), rows) for name, text in self.partition}
        return {**columns, **texts}

    def require_unchanged(self) -> None:
        """Check that the file is the one that was found.

        Raises:
            DiagnosticError: if it is not there, or its size or the time of its change differ.
        """
        from pyarrow.fs import LocalFileSystem

        info = (self.store or LocalFileSystem()).get_file_info(self.key)
        if (info.size, info.mtime_ns or 0) != (self.size, self.modified):
            raise changed_error(Path(self.name))


@contextmanager
def _errors_about(name: str, file: Path) -> Iterator[None]:
    """Rewrite errors about the local copy `file` as errors about the source `name`."""
    is_folder = file.is_dir()  # its name, such as data, may also be a word of a message

    def about(text: str) -> str:
        text = text.replace(str(file), name)
        return text if is_folder else text.replace(file.name, Path(name).name)

    try:
        yield
    except DiagnosticError as error:
        if str(file) == name:
            raise
        found = (
            replace(
                item,
                message=about(item.message),
                place=item.place and about(item.place),
                found=about(item.found),
                expected=about(item.expected),
                fixes=tuple(Fix(about(fix.text), fix.edit) for fix in item.fixes),
            )
            for item in error.diagnostics
        )
        raise DiagnosticError(*found) from error


def changed_error(path: Path) -> DiagnosticError:
    """Return the error that a table or one of its shards changed while it was read."""
    name = printable_path(path_text(path))
    message, fix = f"{name} changed while it was read", "Run again when its file is complete."
    return DiagnosticError(Diagnostic.error("data-unreadable", message, fix, place=name))


def find_shards(path: Path) -> list[Shard]:
    """Return the files of the table at `path` in the order of names.

    In a folder with one of `TRAIN_FILE_NAMES`, this is that file. For a folder of arrays or images,
    return [].

    Raises:
        DiagnosticError: if no file matches, or if a URL can't be opened.
        OSError: if a folder can't be listed.
    """
    if url := url_of(path):
        _check_credentials(url)
    file, _, sheet = str(path).rpartition("#")
    if file_extension(Path(file)) in WORKBOOK_EXTENSIONS and not path.exists():
        return [replace(shard, name=str(path), sheet=sheet) for shard in find_shards(Path(file))]
    if copy := local_copy(path):
        name = copy.name if str(path) in STDIN_NAMES else path_text(path)
        with _errors_about(name, copy):
            shards = find_shards(copy)
            if not shards:
                raise data_not_found_error(copy, ", ".join(sorted(os.listdir(copy)))[:120])
        return [replace(shard, name=shard.name.replace(str(copy), name)) for shard in shards]
    if not url and (single := _single_file(path)):  # without importing pyarrow
        stat = single.stat()
        return [Shard(str(single), stat.st_size, stat.st_mtime_ns, os.path.join(".", single))]
    return _shards(path, *_open_store(url or str(path)))


def _single_file(path: Path) -> Path | None:
    """Return the local file that a path names, or the only training file of a folder; no zip."""
    files = [path]
    if path.is_dir():
        files = [path / name for name in TRAIN_FILE_NAMES if (path / name).exists()]
    is_single = len(files) == 1 and files[0].is_file() and file_extension(files[0]) != ZIP_EXTENSION
    return files[0] if is_single else None


def _shards(path: Path, store: Any, key: str) -> list[Shard]:
    """Return the shards that `key` names in a store: a file, a folder, or a pattern."""
    from pyarrow.fs import FileType, LocalFileSystem

    is_local = isinstance(store, LocalFileSystem)
    info = store.get_file_info(key)
    root = PurePosixPath(key)
    if info.type is FileType.Directory:
        infos = _folder_files(store, root, is_local)
        if is_local and not infos:
            return []
    elif info.type is FileType.NotFound and glob.has_magic(key):
        infos = store.get_file_info(_matches(store, key, is_local))
        infos = sorted((x for x in infos if x.is_file), key=lambda x: x.path)
        root = PurePosixPath(*takewhile(lambda part: not glob.has_magic(part), root.parts))
    else:
        infos, root = [info] if info.is_file else [], root.parent
    if not infos:
        is_pattern = glob.has_magic(key)
        raise data_not_found_error(path, f"no file {'that matches' if is_pattern else 'or folder'}")
    scheme = "" if is_local else url_of(path).partition("://")[0] + "://"
    shards = (
        Shard(
            f"{scheme}{PurePosixPath(info.path)}", info.size, info.mtime_ns or 0, info.path,
            None if is_local else store,
            partition=_partition(PurePosixPath(info.path).relative_to(root)),
        )
        for info in infos
    )  # fmt: skip
    return [found for shard in shards for found in _members(shard)]


def _matches(store: Any, pattern: str, is_local: bool) -> list[str]:
    """Return the visible files that match a pattern."""
    if is_local:
        names = glob.glob(pattern, recursive=True)
    else:
        from fsspec.implementations.arrow import ArrowFSWrapper

        names = ArrowFSWrapper(store).glob(pattern)
    return [name for name in names if _is_visible(PurePosixPath(name).name)]


def _partition(name: PurePosixPath) -> tuple[tuple[str, str], ...]:
    """Return the columns that folders with names such as country=de state."""
    pairs = (folder.partition("=") for folder in name.parent.parts if "=" in folder)
    return tuple((unquote(k), "" if v == _MISSING_PARTITION else unquote(v)) for k, _, v in pairs)


def _members(shard: Shard) -> list[Shard]:
    """Return the shards in a local zip file of a folder or pattern, else the shard itself."""
    if shard.extension != ZIP_EXTENSION or not shard.size or shard.store is not None:
        return [shard]
    found = find_shards(Path(shard.key))
    return [replace(member, partition=shard.partition + member.partition) for member in found]


def _folder_files(store: Any, folder: PurePosixPath, is_local: bool) -> list[Any]:
    """Return the files of a folder of shards; [] for a folder with another content."""
    from pyarrow.fs import FileSelector

    infos = {info.base_name: info for info in store.get_file_info(FileSelector(str(folder)))}
    files = [name for name in TRAIN_FILE_NAMES if name in infos]
    if files:  # if there are several, it is ambiguous which of them to read
        return [infos[files[0]]] if len(files) == 1 else []
    if is_local and find_class_folder(Path(folder)) is not None:
        return []
    is_hive = any("=" in name for name, info in infos.items() if not info.is_file)
    names = _of_one_format(name for name, info in infos.items() if info.is_file)
    if not names and is_hive:
        below = store.get_file_info(FileSelector(str(folder), recursive=True))
        infos = {str(PurePosixPath(info.path).relative_to(folder)): info for info in below}
        names = _of_one_format(name for name, info in infos.items() if info.is_file)
    return [infos[name] for name in names]


def _of_one_format(names: Iterable[str]) -> list[str]:
    """Return the readable files among `names` in order; [] if they have several formats."""
    formats: dict[str, list[str]] = {}
    for name in sorted(filter(_is_visible, names)):
        formats.setdefault(file_extension(Path(name)), []).append(name)
    readable = {kind: files for kind, files in formats.items() if kind in READABLE_EXTENSIONS}
    tables = [files for kind, files in readable.items() if kind not in _SIDE_FORMATS]
    tables = tables or list(readable.values())
    return tables[0] if len(tables) == 1 and ".npy" not in formats else []


def _is_visible(name: str) -> bool:
    return bool(name) and not any(part.startswith(_HIDDEN) for part in name.split("/"))


def _check_credentials(url: str) -> None:
    url, is_database = without_password(url), url.startswith(DATABASE_SCHEMES)
    shown, host = without_credentials(url), url.partition("://")[2].partition("/")[0]
    if shown != url or ("@" in host and not is_database):
        found = "a user name, a password or a key"
        advice = "Set them in the environment, or download the file yourself."
        raise _url_error(shown, found, advice)


def _open_store(location: str) -> tuple[Any, str]:
    """Return the file system of a path or URL, and the path in it, which may be a pattern.

    Raises:
        DiagnosticError: if there is no such file system.
    """
    import pyarrow as pa
    from pyarrow.fs import FileSystem, LocalFileSystem

    scheme, colon, rest = location.partition("://")
    if not colon:
        return LocalFileSystem(), os.path.join(".", location)  # a name such as "s3:" is no URL
    names, _, query = rest.partition("?")
    parts = names.split("/")
    fixed = list(takewhile(lambda part: not glob.has_magic(part), parts))
    try:
        url = f"{scheme}://{'/'.join(fixed) or '/'}{query and '?'}{query}"
        store, key = FileSystem.from_uri(url)
    except pa.ArrowException as error:
        advice = "Use https://, s3://, gs:// or file://, and write a space as %20."
        raise _url_error(location, str(error).partition("\n")[0], advice) from error
    return store, "/".join([key.rstrip("/"), *parts[len(fixed) :]])


def _url_error(url: str, found: str, advice: str) -> DiagnosticError:
    return diagnostic_error(
        "data-url",
        "can't open the URL",
        advice,
        place=url,
        found=found,
        expected="https://host/table.csv, s3://bucket/folder, s3://bucket/folder/*.parquet",
    )


def footer_row_count(shards: Sequence[Shard]) -> int | None:
    """Return the number of rows of Parquet files, which their footers state.

    Return None for other formats, or if a file is damaged, which is reported when it is read.
    """
    if not shards or any(shard.extension != ".parquet" for shard in shards):
        return None
    import pyarrow as pa
    from pyarrow.dataset import dataset

    with suppress(pa.ArrowException, OSError):
        files, store = [shard.key for shard in shards], shards[0].store
        return int(dataset(files, filesystem=store, format="parquet").count_rows())
    return None
