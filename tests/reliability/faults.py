"""Fault injection: the n-th system call of a writer fails, or its process crashes there.

The program writes files only with functions of `os`; these are patched. Calls before the n-th one
are executed normally.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

CALLS = ("open", "write", "pwrite", "fsync", "close", "stat", "fstat", "chmod", "ftruncate",
         "replace", "rename", "mkdir", "lseek")  # fmt: skip
ERRORS = {
    "disk full": errno.ENOSPC,
    "input or output": errno.EIO,
    "read only": errno.EROFS,
    "over quota": errno.EDQUOT,
}
CRASH, TORN, STAYS_FULL = "crash", "crash within the call", "disk stays full"
CRASHES = (CRASH, TORN)
FAULTS = (*ERRORS, STAYS_FULL)
CRASHED = 99  # the exit code


@dataclass
class Counter:
    """Counts the system calls of a writer.

    Args:
        due: the call that gets the fault, counted from 1.
        fault: the kind of fault.
        calls: the number of calls so far.
    """

    due: int
    fault: str
    calls: int = 0

    @property
    def happened(self) -> bool:
        return self.calls >= self.due

    def reached(self) -> bool:
        """Count a call, and return whether it must fail."""
        self.calls += 1
        return self.calls == self.due or (self.fault == STAYS_FULL and self.calls > self.due)


@contextmanager
def fault_at(due: int, fault: str) -> Iterator[Counter]:
    """Within the context, let call number `due` fail."""
    counter = Counter(due, fault)
    with ExitStack() as stack:
        for name in CALLS:
            real = getattr(os, name)
            stack.enter_context(patch.object(os, name, _failing(name, real, counter)))
        yield counter


def _failing(name: str, real: Callable[..., Any], counter: Counter) -> Callable[..., Any]:
    def call(*arguments: Any, **more: Any) -> Any:
        if not counter.reached():
            return real(*arguments, **more)
        if counter.fault == CRASH:
            os._exit(CRASHED)
        if counter.fault == TORN:
            _half(name, real, arguments, more)
            os._exit(CRASHED)
        if name in ("write", "pwrite"):
            _half(name, real, arguments, more)
        if name == "close":
            real(*arguments, **more)  # the handle is closed even if it fails
        elif counter.fault == STAYS_FULL and name in ("stat", "fstat", "lseek", "ftruncate"):
            return real(*arguments, **more)  # on a full disk, calls that need no space succeed
        number = ERRORS.get(counter.fault, errno.ENOSPC)
        raise OSError(number, os.strerror(number))

    return call


def _half(name: str, real: Callable[..., Any], arguments: tuple[Any, ...], more: Any) -> None:
    """Execute the first half of a write, or another call completely."""
    if name in ("write", "pwrite"):
        handle, data, *rest = arguments
        real(handle, data[: len(data) // 2], *rest)
    else:
        real(*arguments, **more)
