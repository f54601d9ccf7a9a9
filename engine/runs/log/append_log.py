"""Files that grow by whole lines: appended by one process while others read along."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from engine.core.files.atomic_write import file_error, write_all
from engine.events import MAX_LINE_BYTES

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
        self._torn = False
        self._turn = threading.Lock()
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
        whole = whole_length(self._handle)
        if self._alone:
            os.ftruncate(self._handle, whole)
        elif whole < os.fstat(self._handle).st_size:
            write_all(self._handle, b"\n")

    def append(self, line: str) -> None:
        """Write one line; it must hold no line's end of its own."""
        with self._turn:
            # What could not be taken back is ended, so that only that line is lost.
            data = (b"\n" if self._torn else b"") + line.encode() + b"\n"
            try:
                start = os.fstat(self._handle).st_size
                self._torn = True
                write_all(self._handle, data)
                self._torn = False
            except OSError as error:
                if self._alone and self._torn:
                    with suppress(OSError):
                        os.ftruncate(self._handle, start)
                        self._torn = False
                raise file_error(error, self._path, "written", len(data)) from error

    def last_lines(self, count: int = 50) -> list[bytes]:
        """Return the last whole lines, oldest first.

        Raises:
            Refused: if the disk does not say.
        """
        try:
            return _last_lines(self._handle, count)
        except OSError as error:
            raise file_error(error, self._path, "read") from error

    def sync(self) -> None:
        """Make what was written survive a power cut."""
        try:
            os.fsync(self._handle)
        except OSError as error:
            raise file_error(error, self._path, "written") from error

    def close(self) -> None:
        """Close the file. What was synced is safe, whatever closing answers."""
        if self._handle >= 0:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = -1


def whole_length(handle: int) -> int:
    """Return how many bytes of an open file are whole lines."""
    end = os.fstat(handle).st_size
    while end > 0:
        start = max(0, end - _BLOCK)
        block = os.pread(handle, end - start, start)
        if (found := block.rfind(b"\n")) >= 0:
            return start + found + 1
        end = start
    return 0


def last_lines(path: Path, count: int = 50) -> list[bytes]:
    """Return the last whole lines of a file, oldest first, looking at no more than 1 MiB of it."""
    try:
        with path.open("rb") as file:
            return _last_lines(file.fileno(), count)
    except OSError:
        return []


def _last_lines(handle: int, count: int) -> list[bytes]:
    end = whole_length(handle)
    start = max(0, end - MAX_LINE_BYTES)
    lines = os.pread(handle, end - start, start).split(b"\n")[:-1]
    return lines[1 if start else 0 :][-count:]


class Tail:
    """Reads a growing file line by line, and remembers how far. A torn last line waits.

    Args:
        path: the file; it need not be there yet.
        at: the byte to begin at, the start of a line.
    """

    def __init__(self, path: Path, at: int = 0) -> None:
        self._path = path
        self._over = False
        self.at = at

    def take(self, limit: int = 4 * MAX_LINE_BYTES, but: bytes | None = None) -> list[bytes]:
        """Return the whole lines that came since the last call, about `limit` bytes at most.

        A line of more than 1 MiB is passed over, and never held as a whole.

        Args:
            limit: bytes; the line in which it falls is answered too.
            but: how lines begin that are left out.
        """
        try:
            data = self._read(limit)
        except OSError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        if not whole and len(data) > MAX_LINE_BYTES:
            self.at, self._over = self.at + len(data), True
            return []
        self.at += len(whole)
        start = 0
        if self._over and whole:
            self._over = False
            start = whole.index(b"\n") + 1  # after the end of the long one
        return whole[start:].split(b"\n")[:-1] if but is None else _others(whole, start, but)

    def _read(self, limit: int) -> bytes:
        """Return `limit` bytes, and up to 1 MiB more to the end of the line."""
        handle = os.open(self._path, os.O_RDONLY)
        try:
            if os.fstat(handle).st_size < self.at:
                self.at, self._over = 0, False  # another file took its place
            data = os.pread(handle, limit, self.at)
            if len(data) < limit or data.endswith(b"\n"):
                return data
            parts = [data]
            at, most = self.at + limit, self.at + limit + MAX_LINE_BYTES + 1
            while at < most and (part := os.pread(handle, min(_BLOCK, most - at), at)):
                end = part.find(b"\n") + 1
                parts.append(part[:end] if end else part)
                at += len(part)
                if end:
                    break
            return b"".join(parts)
        finally:
            os.close(handle)


def _others(lines: bytes, start: int, but: bytes) -> list[bytes]:
    """Return the lines from `start` on that do not begin with `but`, and copy no other ones."""
    found = []
    while start < len(lines):
        end = lines.index(b"\n", start)
        if not lines.startswith(but, start):
            found.append(lines[start:end])
        start = end + 1
    return found
