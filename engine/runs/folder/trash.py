"""Runs that were thrown away: moved into a folder .trash beside them, whence they come back."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.files.atomic_write import file_error, printable_path
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN
from engine.runs.log.lock import RunLock

NAME = ".trash"


def throw_away(run: Path) -> Path:
    """Move a run into the trash, and answer where it lies.

    Raises:
        Refused: run-missing, run-busy while it is trained, or what the system says.
    """
    RunFolder.open(run)
    return _moved(run, run.absolute().parent / NAME)


def take_back(run: Path) -> Path:
    """Move a run out of the trash, and answer where it lies; another one may have its old name.

    Args:
        run: the folder in the trash.

    Raises:
        Refused: run-missing, or what the system says.
    """
    RunFolder.open(run)
    place = run.absolute().parent
    if place.name != NAME:
        raise DiagnosticError(_not_thrown_away(run))
    return _moved(run, place.parent)


def thrown_away(place: Path) -> list[Path]:
    """Return the runs in the trash of a folder, by name."""
    return sorted(file.parent for file in (place / NAME).glob(f"*/{RUN}"))


def empty(place: Path) -> int:
    """Delete the runs in the trash of a folder for good; answers how many there were."""
    runs = thrown_away(place)
    for run in runs:
        shutil.rmtree(run, ignore_errors=True)
    with suppress(OSError):
        (place / NAME).rmdir()
    return len(runs)


def _moved(run: Path, place: Path) -> Path:
    """Move a run that nobody trains."""
    try:
        with RunLock(run):
            place.mkdir(exist_ok=True)
            to = _free(place, run.absolute().name)
            run.rename(to)
            return to
    except OSError as error:
        raise file_error(error, run, "moved") from error


def _free(place: Path, name: str) -> Path:
    path, number = place / name, 1
    while path.exists():
        number += 1
        path = place / f"{name}-{number}"
    return path


def _not_thrown_away(run: Path) -> Diagnostic:
    return Diagnostic(
        "run-missing",
        "this run is not in the trash",
        place=printable_path(run),
        found="a run in its own place",
        expected=f"a folder in {NAME}",
        fixes=(Fix("Nothing needs to be done."),),
    )
