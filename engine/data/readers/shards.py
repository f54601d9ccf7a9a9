"""Finds the shards of a table: files with the same columns, whose rows in name order are one table.

A pattern such as `folder/*.parquet`, a folder of files of one format, a zip file or a URL names
them; a single file is a table with one shard. Objects of a store are copied to the local disk one
at a time, while they are read, and files that no reader reads are converted. So the readers of all
formats are used for them, and the checks of damaged files.
"""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.urls import (
    DATABASE_SCHEMES,
    path_text,
    url_of,
    without_credentials,
    without_password,
)
from engine.data.readers.binary.zip_file import open_zip
from engine.data.readers.conversion.conversion import (
    convert,
    converted,
    errors_about,
)
from engine.data.readers.image_folder import find_class_folder
from engine.data.readers.registry import (
    CONVERTED_EXTENSIONS,
    JSON_EXTENSION,
    READABLE_EXTENSIONS,
    WORKBOOK_EXTENSIONS,
    ZIP_EXTENSION,
    file_extension,
)
from engine.data.readers.sources.copies import local_copy
from engine.data.table.column_types import TEXT_TYPE, Column
from engine.data.table.table import data_not_found_error

TRAIN_FILE_NAMES = tuple(
    f"train{ending}"
    for ending in (".npz", ".csv", ".csv.gz", ".tsv", ".parquet", ".feather", ".arrow", ".jsonl")
)
_HIDDEN = (".", "_")  # first characters of the names of files that are no data, such as _SUCCESS
# Files beside shards of another format are no shards: README.txt, metadata.json.
_SIDE_FORMATS = (".txt", JSON_EXTENSION)
_WITH_PARTS = (ZIP_EXTENSION, *WORKBOOK_EXTENSIONS)
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
        part: the member of a zip file, or the sheet of a workbook; "" for the first sheet.
        partition: the columns that the names of folders state, such as country=de.
    """

    name: str
    size: int
    modified: int
    key: str
    store: Any = None
    part: str = ""
    partition: tuple[tuple[str, str], ...] = ()

    @property
    def extension(self) -> str:
        """The extension that tells the format, such as ".csv"."""
        extension = file_extension(Path(self.key))
        return file_extension(Path(self.part)) if extension == ZIP_EXTENSION else extension

    @contextmanager
    def local_file(self) -> Iterator[Path]:
        """Return a context with a local file of the shard: itself, a copy or a conversion.

        Raises:
            OSError: if the shard can't be copied.
            DiagnosticError: if it can't be converted.
        """
        with ExitStack() as stack:
            if self.store is None:
                file = Path(self.key)
                stack.enter_context(errors_about(self.name, file))
                read = converted(file, self.part).file
            else:
                from pyarrow.fs import LocalFileSystem, copy_files

                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="layerloom-"))
                file = Path(folder, PurePosixPath(self.key).name)
                copy_files(self.key, str(file), self.store, LocalFileSystem())
                stack.enter_context(errors_about(self.name, file))
                read = convert(file, self.part, file.parent).file
            stack.enter_context(errors_about(str(file), read, self.extension == JSON_EXTENSION))
            yield read

    def notes(self) -> tuple[Diagnostic, ...]:
        """Return infos on how the file was converted."""
        is_converted = self.store is None and self.extension in CONVERTED_EXTENSIONS
        return converted(Path(self.key), self.part).notes if is_converted else ()

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
        _check_credentials(url)
    if copy := local_copy(path):
        shards, name = find_shards(copy), path_text(path) if url or "#" in str(path) else copy.name
        return [replace(shard, name=shard.name.replace(str(copy), name)) for shard in shards]
    file, _, part = str(path).rpartition("#")
    has_part = file_extension(Path(file)) in _WITH_PARTS and os.path.isfile(file)
    if has_part and not url and not path.exists():
        stat = os.stat(file)
        return [Shard(str(path), stat.st_size, stat.st_mtime_ns, file, part=part)]
    return _shards(path, *_open_store(url or str(path)))


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
    return [part for shard in shards for part in _members(shard)]


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
    """Return the shards in a local zip file, else the shard itself.

    Raises:
        DiagnosticError: if a zip file has no tables.
    """
    file = Path(shard.key)
    if file_extension(file) != ZIP_EXTENSION or not shard.size or shard.store is not None:
        return [shard]
    with open_zip(file) as (_, members):
        names = [info.filename for info in members if not info.is_dir()]
    tables = [name for name in _of_one_format(names) if file_extension(Path(name)) != ZIP_EXTENSION]
    if not tables:
        raise data_not_found_error(Path(shard.name), ", ".join(names)[:120] or "an empty archive")
    partitions = [(*shard.partition, *_partition(PurePosixPath(name))) for name in tables]
    return [
        replace(shard, name=f"{shard.name}/{name}", part=name, partition=partition)
        for name, partition in zip(tables, partitions, strict=True)
    ]


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
    if not shards or any(shard.extension != ".parquet" or shard.part for shard in shards):
        return None
    import pyarrow as pa
    from pyarrow.dataset import dataset

    with suppress(pa.ArrowException, OSError):
        files, store = [shard.key for shard in shards], shards[0].store
        return int(dataset(files, filesystem=store, format="parquet").count_rows())
    return None
