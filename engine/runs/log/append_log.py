"""Line-based log files, to which a process appends while other processes read them."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from engine.core.files.atomic_write import file_error, write_all
from engine.events import MAX_LINE_BYTES

_BLOCK = 1 << 16


class AppendLog:
    """A thread-safe, append-only file of lines. Each line is written by one system call.

    A killed process may have left an incomplete last line. When an exclusive writer opens the file,
    this line is removed. A writer that is not exclusive appends a line break to it, and readers
    skip it.

    Args:
        exclusive: whether the caller holds a lock that makes this object the only writer.

    Raises:
        DiagnosticError: disk-full or another I/O error. A partly written line is removed.
    """

    def __init__(self, path: Path, exclusive: bool = True) -> None:
        self._path = path
        self._exclusive = exclusive
        self._is_torn = False
        self._lock = threading.Lock()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        try:
            self._handle = os.open(path, flags, 0o644)
        except OSError as error:
            raise file_error(error, path, "written") from error
        try:
            self._end_torn_line()
        except OSError as error:
            self.close()
            raise file_error(error, path, "written") from error

    def _end_torn_line(self) -> None:
        complete_bytes = complete_length(self._handle)
        if self._exclusive:
            os.ftruncate(self._handle, complete_bytes)
        elif complete_bytes < os.fstat(self._handle).st_size:
            write_all(self._handle, b"\n")

    def append(self, line: str) -> None:
        """Append one line, which must not contain a line break."""
        with self._lock:
            # If a partly written line could not be removed, end it, so that only this line is lost.
            data = (b"\n" if self._is_torn else b"") + line.encode() + b"\n"
            try:
                start = os.fstat(self._handle).st_size
                self._is_torn = True
                write_all(self._handle, data)
                self._is_torn = False
            except OSError as error:
                if self._exclusive and self._is_torn:
                    with suppress(OSError):
                        os.ftruncate(self._handle, start)
                        self._is_torn = False
                raise file_error(error, self._path, "written", len(data)) from error

    def last_lines(self, count: int = 50) -> list[bytes]:
        """Return the last `count` complete lines, oldest first.

        Raises:
            DiagnosticError: if the file can't be read.
        """
        try:
            return _last_lines(self._handle, count)
        except OSError as error:
            raise file_error(error, self._path, "read") from error

    def sync(self) -> None:
        """Flush written data to disk (fsync)."""
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise file_error(error, self._path, "written") from error

    def close(self) -> None:
        """Close the file. Errors are ignored, since synced data is already on disk."""
        if self._handle >= 0:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = -1


def complete_length(handle: int) -> int:
    """Return the byte offset at which the last complete line of an open file ends."""
    end = os.fstat(handle).st_size
    while end > 0:
        start = max(0, end - _BLOCK)
        block = os.pread(handle, end - start, start)
        if (newline := block.rfind(b"\n")) >= 0:
            return start + newline + 1
        end = start
    return 0


def last_lines(path: Path, count: int = 50) -> list[bytes]:
    """Return the last `count` complete lines in the last 1 MiB of a file, oldest first."""
    try:
        with path.open("rb") as file:
            return _last_lines(file.fileno(), count)
    except OSError:
        return []


def _last_lines(handle: int, count: int) -> list[bytes]:
    end = complete_length(handle)
    start = max(0, end - MAX_LINE_BYTES)
    lines = os.pread(handle, end - start, start).split(b"\n")[:-1]
    return lines[1 if start else 0 :][-count:]


class LogTail:
    """An incremental reader of a growing file. An incomplete last line is left for the next read.

    Args:
        path: path of the file, which doesn't have to exist yet.
        offset: byte offset at which reading starts; it must be the start of a line.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self._in_long_line = False
        self.offset = offset

    def read_new(
        self, limit: int = 4 * MAX_LINE_BYTES, skip_prefix: bytes | None = None
    ) -> list[bytes]:
        """Return the complete lines appended since the last call, but at most about `limit` bytes.

        A line of more than 1 MiB is skipped, and never loaded completely.

        Args:
            limit: number of bytes; the line that crosses the limit is included.
            skip_prefix: lines with this prefix are left out; None keeps all lines.
        """
        try:
            data = self._read(limit)
        except OSError:
            return []
        end = data.rfind(b"\n") + 1
        if not end and len(data) > MAX_LINE_BYTES:
            self.offset, self._in_long_line = self.offset + len(data), True
            return []
        self.offset += end
        lines = data[:end].split(b"\n")[:-1]
        if self._in_long_line and lines:
            self._in_long_line = False
            del lines[0]  # the end of the long line
        if skip_prefix is None:
            return lines
        return [line for line in lines if not line.startswith(skip_prefix)]

    def _read(self, limit: int) -> bytes:
        """Return the next `limit` bytes, and up to 1 MiB more to complete the last line."""
        with self._path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < self.offset:
                self.offset, self._in_long_line = 0, False  # the file was replaced
            file.seek(self.offset)
            data = file.read(limit)
            return data if data.endswith(b"\n") else data + file.readline(MAX_LINE_BYTES + 1)
