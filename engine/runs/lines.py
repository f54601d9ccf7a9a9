"""Files that grow by whole lines: appended by one process while others read along."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from engine.core.atomic import refusal
from engine.events import LONGEST_LINE

_BLOCK = 1 << 16


class Appender:
    """Writes whole lines to the end of a file, one system call each. Threads may share it.

    A torn last line, left by a process that was killed, is cut off on opening; where other
    processes may write at the same time, it is ended instead, and readers skip it.

    Args:
        path: the file.
        alone: True if a lock keeps all other writers away.

    Raises:
        Refused: disk-full and its like. A line that was written in part is taken back.
    """

    def __init__(self, path: Path, alone: bool = True) -> None:
        self._path = path
        self._alone = alone
        self._turn = threading.Lock()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        try:
            self._handle = os.open(path, flags, 0o644)
            whole = whole_length(self._handle)
            if alone:
                os.ftruncate(self._handle, whole)
            elif whole < os.fstat(self._handle).st_size:
                os.write(self._handle, b"\n")
        except OSError as error:
            raise refusal(error, path, "written") from error

    def append(self, line: str) -> None:
        """Write one line; it must hold no line's end of its own."""
        data = line.encode() + b"\n"
        with self._turn:
            start = os.fstat(self._handle).st_size
            try:
                written = os.write(self._handle, data)
                while written < len(data):
                    written += os.write(self._handle, data[written:])
            except OSError as error:
                if self._alone:
                    with suppress(OSError):
                        os.ftruncate(self._handle, start)
                raise refusal(error, self._path, "written") from error

    def sync(self) -> None:
        """Make what was written survive a power cut."""
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise refusal(error, self._path, "written") from error

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def whole_length(handle: int) -> int:
    """Answer how many bytes of an open file are whole lines."""
    end = os.fstat(handle).st_size
    while end > 0:
        start = max(0, end - _BLOCK)
        block = os.pread(handle, end - start, start)
        if (found := block.rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0


def last_lines(path: Path, count: int = 50) -> list[bytes]:
    """Answer the last whole lines of a file, oldest first, looking at no more than 1 MiB of it."""
    try:
        with path.open("rb") as file:
            end = whole_length(file.fileno())
            start = max(0, end - LONGEST_LINE)
            lines = os.pread(file.fileno(), end - start, start).split(b"\n")[:-1]
    except OSError:
        return []
    return lines[1 if start else 0 :][-count:]


class Tail:
    """Reads a growing file line by line, and remembers how far. A torn last line waits.

    Args:
        path: the file; it need not be there yet.
        at: the byte to begin at, the start of a line.
    """

    def __init__(self, path: Path, at: int = 0) -> None:
        self._path = path
        self.at = at

    def take(self, limit: int = 4 * LONGEST_LINE) -> list[bytes]:
        """Answer the whole lines that came since the last call, about `limit` bytes at most."""
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self.at:
                    self.at = 0  # another file took its place
                file.seek(self.at)
                data = file.read(limit)
                if len(data) == limit and not data.endswith(b"\n"):
                    data += file.readline()
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self.at += len(whole)
        return whole.split(b"\n")[:-1]
