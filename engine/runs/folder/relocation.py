"""A run that moves beside another graph file, and is one of that file from then on."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error
from engine.graph.serialization.file import project_name
from engine.runs.folder.run_folder import RunFolder, claim_in
from engine.runs.folder.run_json import RUN
from engine.runs.log import lock


def move_beside(run: Path, graph: Path) -> Path:
    """Move a run into the folder of runs beside a graph file, and answer where it lies.

    It keeps its name where that is one of the file's and free, else it has the next free one.

    Args:
        run: its folder; on any disk.
        graph: the graph file, of which it is a run from then on.

    Raises:
        Refused: run-missing, run-busy while it is trained, or what the system says; it lies where
            it lay, as it was.
    """
    RunFolder.open(run)
    held = lock.RunLock(run)
    try:
        to = _claim(run.name, graph)
        try:
            _move(run, to, project_name(graph))
        except (OSError, DiagnosticError):
            shutil.rmtree(to, ignore_errors=True)
            raise
    except OSError as error:
        raise file_error(error, run, "moved") from error
    finally:
        held.release()
    return to


def _claim(name: str, graph: Path) -> Path:
    runs, stem = graph.absolute().parent / "runs", project_name(graph)
    number = name.removeprefix(f"{stem}-")
    if number != name and number.isascii() and number.isdecimal():
        with suppress(OSError):  # taken, or no folder can be made: the next lines tell which
            runs.mkdir(exist_ok=True)
            (runs / name).mkdir()
            return runs / name
    return claim_in(runs, stem)


def _move(run: Path, to: Path, name: str) -> None:
    """Put a run in the place of an empty folder."""
    try:
        os.rename(run, to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(run, to)
        RunFolder.open(to).belong_to(name)
        (run / RUN).unlink()  # first, so that no half of it is ever taken for a run
        shutil.rmtree(run, ignore_errors=True)
        return
    try:
        RunFolder.open(to).belong_to(name)
    except DiagnosticError:
        os.rename(to, run)
        raise


def _copy(run: Path, to: Path) -> None:
    """Copy a run to another disk; what says that it is one comes last."""
    try:
        shutil.copytree(run, to, ignore=shutil.ignore_patterns(RUN, lock.NAME), dirs_exist_ok=True)
    except shutil.Error as error:  # it names each file that failed
        raise OSError(errno.EIO, str(error.args[0][0][2])) from error
    shutil.copy2(run / RUN, to / RUN)
