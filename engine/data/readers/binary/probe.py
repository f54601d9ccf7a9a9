"""Reads Parquet and Arrow files in a child process before this process reads them.

Why: some damaged files crash pyarrow, and a small file may decompress to more than the memory. In a
short-lived process with a memory limit, both become a diagnostic. The child process is always ahead
of this process: it reads and converts a part (a row group or a batch), prints a line of JSON, and
only then does this process read the same part.

`python -m engine.data.readers.binary.probe` is the child process; it gets the paths through stdin.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

import engine
from engine.core.diagnostic import DiagnosticError, diagnostic_from_dict
from engine.data.readers.binary.arrow_columns import arrow_to_columns
from engine.data.readers.binary.arrow_errors import PARQUET_EXTENSION, damaged_file_error
from engine.data.readers.binary.arrow_ipc import ipc_batches, ipc_schema
from engine.data.readers.binary.arrow_schema import is_pandas_index, readable_columns
from engine.data.readers.binary.parquet import parquet_batches, parquet_schema
from engine.data.table.dtypes import file_too_large_error
from engine.data.table.rebatch import rebatch
from engine.data.table.table import check_column_count

MAX_PART_BYTES = 4 * 2**30  # the maximum memory that a part takes
MAX_PART_SECONDS = 60  # the maximum time to read and convert some rows of a part
CONVERTED_ROWS = 2**13  # the rows that the child process converts at a time
_PROCESS_BYTES = 2**30  # the memory of the child process without the part
_ENGINE_ROOT = Path(engine.__file__).parents[1]
# One thread, since each thread of these libraries reserves memory.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

_FileKey = tuple[Path, int, int]  # the path, the size, the time of the last change
# For each file that a child process has read to its end, what `probe_file` yields.
_probed: dict[_FileKey, list[int]] = {}


def file_schema(path: Path) -> pa.Schema:
    """Return the schema of a Parquet or Arrow file, without pandas' indexes.

    Raises:
        DiagnosticError: if the file is damaged.
    """
    schema = parquet_schema(path) if _is_parquet(path) else ipc_schema(path)
    return pa.schema([field for field in schema if not is_pandas_index(field)])


def file_parts(path: Path, columns: Sequence[str]) -> Iterator[Iterable[pa.RecordBatch]]:
    """Yield the batches of each part of a Parquet or Arrow file, with the given columns.

    Raises:
        DiagnosticError: if the file is damaged.
    """
    return parquet_batches(path, columns) if _is_parquet(path) else ipc_batches(path, columns)


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == PARQUET_EXTENSION


def probe_file(path: Path, limit: int | None = None) -> Generator[int]:
    """Yield 0 once the schema of a file can be read safely, then the size in bytes of each part.

    Until the file changes, a second call starts no child process if the first one was exhausted.

    Args:
        path: the path of a Parquet or Arrow file.
        limit: the maximum size of all parts in bytes; None for no maximum.

    Raises:
        DiagnosticError: if the file is damaged, larger than `limit`, or has a part that needs too
            much memory.
        OSError: if the file can't be opened, or if reading takes too much time.
    """
    with path.open("rb"):  # what this process can't open is no damage
        key = _file_key(path)
    sizes: list[int] = []
    total = 0
    for size in _probed.get(key) or _child_sizes(path, limit):
        sizes.append(size)
        total += size
        if limit is not None and total > limit:
            raise file_too_large_error(path, total, limit)
        yield size
    _probed[key] = sizes


def probe_ahead(paths: Sequence[Path]) -> Generator[None]:
    """Probe files in one child process; `probe_file` then starts none. Yield once for each file.

    Raises:
        DiagnosticError, OSError: as `probe_file`, when the iteration reaches the file.
    """
    keys = {path: _file_key(path) for path in paths}
    pending = {
        path: key for path, key in keys.items() if path.stat().st_size and key not in _probed
    }
    with closing(_child_lines([*pending])) as lines:
        for path in paths:
            if path in pending:
                _probed[pending[path]] = list(_file_sizes(lines, path, None))
            yield


def _file_key(path: Path) -> _FileKey:
    stat = path.stat()
    return path.absolute(), stat.st_size, stat.st_mtime_ns


def _child_sizes(path: Path, limit: int | None) -> Iterator[int]:
    with closing(_child_lines([path])) as lines:
        yield from _file_sizes(lines, path, limit)


def _file_sizes(lines: Iterable[Any], path: Path, limit: int | None) -> Iterator[int]:
    """Yield the sizes of the parts of one file, from the lines of the child process."""
    for line in lines:
        match line:
            case int(size):
                yield size
            case "end":
                return
            case "memory":
                raise file_too_large_error(path, None, limit or MAX_PART_BYTES)
            case {"exit": code}:
                raise damaged_file_error(path, f"pyarrow crashed with exit code {code}")
            case diagnostics:
                raise DiagnosticError(*map(diagnostic_from_dict, diagnostics))


def _child_lines(paths: Sequence[Path]) -> Generator[Any]:
    """Yield what the child process prints, and last its exit code."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ENGINE_ROOT,
        env={**os.environ, **_ENVIRONMENT},
        start_new_session=True,  # Ctrl-C in a terminal is for this process only
    ) as process:
        assert process.stdin is not None, "stdin is a pipe"
        assert process.stdout is not None, "stdout is a pipe"
        try:
            with process.stdin as names:
                names.write(json.dumps([str(path.absolute()) for path in paths]).encode())
            yield from map(json.loads, process.stdout)
        finally:
            process.kill()
    if process.returncode == -signal.SIGALRM:
        raise TimeoutError(f"some rows took more than {MAX_PART_SECONDS} s")
    yield {"exit": process.returncode}


def _run_child(paths: Sequence[Path]) -> None:
    """Read and convert files part by part; print a line of JSON after each part and each file.

    It is a size in bytes, "end", "memory" or diagnostics. The last two end the process.
    """
    _limit_memory(MAX_PART_BYTES + _PROCESS_BYTES)
    try:
        for path in paths:
            for size in _read_sizes(path):
                _print(size)
            _print("end")
    except DiagnosticError as error:
        _print([diagnostic.to_dict() for diagnostic in error.diagnostics])
    except MemoryError:
        _print("memory")


def _read_sizes(path: Path) -> Iterator[int]:
    _limit_time()
    schema = file_schema(path)
    check_column_count(len(schema), path)
    columns = readable_columns(schema)
    yield 0
    _limit_time()
    for part in file_parts(path, columns):
        size = 0
        for table in rebatch(part, CONVERTED_ROWS):
            _limit_time()
            for name in columns:
                column = table.select([name])
                try:
                    size += arrow_to_columns(column, path).columns[name].nbytes
                except DiagnosticError:  # the parent process raises it if it needs the column
                    size += column.nbytes
        yield size
        _limit_time()


def _limit_time() -> None:
    """End the process by SIGALRM if the next call or line is later than `MAX_PART_SECONDS`."""
    signal.setitimer(signal.ITIMER_REAL, MAX_PART_SECONDS)


def _limit_memory(size: int) -> None:
    """Limit the memory of this process; on macOS, mapped memory is not limited."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError):  # there is a lower limit already
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _print(line: Any) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)  # the pipe may be full for any time
    print(json.dumps(line), flush=True)  # noqa: T201 - the output of the child process


if __name__ == "__main__":
    _run_child(list(map(Path, json.load(sys.stdin))))
