"""When the program itself is at fault: a report on disk in place of a traceback on the screen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.core.exceptions import diagnostic_from_exception

NAME = "crash.txt"
_PACKAGES = ("layerloom", "torch", "numpy", "pyarrow", "pydantic", "safetensors", "typer")


class Crashed(Exception):  # noqa: N818 - it carries the fault, its cause is the fault
    """A training came down; its cause is the exception.

    Args:
        folder: the run's, to keep the report in.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder


def reported(error: BaseException, words: Sequence[str]) -> Diagnostic:
    """Keep a report of an exception, and answer the finding that names it."""
    folder = error.folder if isinstance(error, Crashed) else None
    cause = error.__cause__ or error if folder else error
    found = diagnostic_from_exception(cause)
    if found.code != "internal":
        return found
    path = _kept(_report(cause, words), folder)
    return replace(found, place=f"the crash report is {path}") if path else found


def _report(error: BaseException, words: Sequence[str]) -> str:
    import platform
    import traceback

    head = [
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        f"engine {' '.join(words)}",
        f"Python {platform.python_version()}, {platform.platform()}",
        ", ".join(f"{name} {version_of(name)}" for name in _PACKAGES),
        "",
    ]
    return "\n".join(head) + "\n" + "".join(traceback.format_exception(error))


def version_of(package: str) -> str:
    """Return the version of an installed package, or that it is not installed."""
    # A command that goes well needs no metadata, and its reader takes a while to import.
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError):
        return version(package)
    return "(not installed)"


def _kept(text: str, folder: Path | None) -> Path | None:
    """Write the report to the run folder or else to a temporary file; None if neither is possible.

    Why: not through `write_bytes`, since whatever is broken may be broken there.
    """
    import tempfile

    data = text.encode("utf-8", "backslashreplace")
    with suppress(OSError):
        if folder is not None:
            (folder / NAME).write_bytes(data)
            return folder / NAME
    with (
        suppress(OSError),
        tempfile.NamedTemporaryFile(prefix="layerloom-crash-", suffix=".txt", delete=False) as file,
    ):
        file.write(data)
        return Path(file.name)
    return None
