"""Crash reports: files with the traceback of an unexpected exception."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.core.exceptions import diagnostic_from_exception

CRASH_REPORT = "crash.txt"  # the name of the file in the run folder
_PACKAGES = ("layerloom", "torch", "numpy", "pyarrow", "pydantic", "safetensors", "typer")


class TrainingCrashError(Exception):
    """An error that wraps an unexpected exception, its `__cause__`, and adds the run folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder


def crash_diagnostic(error: BaseException, arguments: Sequence[str]) -> Diagnostic:
    """Return the diagnostic that describes `error` to the user.

    If `error` is unexpected, write a crash report with the command line, `arguments`.
    """
    folder = error.folder if isinstance(error, TrainingCrashError) else None
    cause = error.__cause__ or error if folder else error
    diagnostic = diagnostic_from_exception(cause)
    if diagnostic.code != "internal":
        return diagnostic
    path = _write_report(_report_text(cause, arguments), folder)
    return replace(diagnostic, place=f"the crash report is {path}") if path else diagnostic


def _report_text(error: BaseException, arguments: Sequence[str]) -> str:
    import platform
    import traceback

    head = [
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        f"engine {' '.join(arguments)}",
        f"Python {platform.python_version()}, {platform.platform()}",
        ", ".join(f"{name} {package_version(name)}" for name in _PACKAGES),
        "",
    ]
    return "\n".join(head) + "\n" + "".join(traceback.format_exception(error))


def package_version(package: str) -> str:
    """Return the version of a package, or "(not installed)"."""
    # Imported late: only crash reports need it, and importing it is slow.
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError):
        return version(package)
    return "(not installed)"


def _write_report(text: str, folder: Path | None) -> Path | None:
    """Write a report to the run folder, or else to a temporary file; return the path.

    Returns None if neither file can be written. The engine's function `write_bytes` is not used
    because the reported bug may be in this function.
    """
    import tempfile

    data = text.encode("utf-8", "backslashreplace")
    with suppress(OSError):
        if folder is not None:
            (folder / CRASH_REPORT).write_bytes(data)
            return folder / CRASH_REPORT
    with (
        suppress(OSError),
        tempfile.NamedTemporaryFile(prefix="layerloom-crash-", suffix=".txt", delete=False) as file,
    ):
        file.write(data)
        return Path(file.name)
    return None
