"""Moving a run to the runs folder of another graph file."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error
from engine.graph.serialization.file import project_name
from engine.runs.folder.run_folder import RunFolder, create_numbered_folder
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log import lock


def move_run(run: Path, graph: Path) -> Path:
    """Move a run into the folder "runs" next to a graph file, and return the run's new path.

    If the graph file is NAME.loom.json, and the run folder has a name NAME-NNN that is not taken,
    the run folder keeps its name. Otherwise, the run folder gets the next free name NAME-NNN.

    Raises:
        DiagnosticError: run-missing, run-busy while it is trained, or an error of the file
            system. In these cases, the run is not changed.
    """
    RunFolder.open(run)
    run_lock = lock.RunLock(run)
    try:
        target = _create_target(run.name, graph)
        try:
            _move(run, target, project_name(graph))
        except (OSError, DiagnosticError):
            shutil.rmtree(target, ignore_errors=True)
            raise
    except OSError as error:
        raise file_error(error, run, "moved") from error
    finally:
        run_lock.release()
    return target


def _create_target(name: str, graph: Path) -> Path:
    runs, stem = graph.absolute().parent / "runs", project_name(graph)
    number = name.removeprefix(f"{stem}-")
    if number != name and number.isascii() and number.isdecimal():
        with suppress(OSError):  # the folder exists, or no folder can be created
            runs.mkdir(exist_ok=True)
            (runs / name).mkdir()
            return runs / name
    return create_numbered_folder(runs, stem)


def _move(run: Path, target: Path, name: str) -> None:
    """Move a run to an empty folder, even on another disk, and set its project name to `name`."""
    try:
        os.rename(run, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(run, target)
        RunFolder.open(target).update_record(name=name)
        (run / RUN_FILE).unlink()  # first, so that a partly deleted folder is never listed as a run
        shutil.rmtree(run, ignore_errors=True)
        return
    try:
        RunFolder.open(target).update_record(name=name)
    except DiagnosticError:
        os.rename(target, run)
        raise


def _copy(run: Path, target: Path) -> None:
    """Copy a run to another disk; run.json is last, so that a partial copy is never listed."""
    ignored = shutil.ignore_patterns(RUN_FILE, lock.LOCK_FILE)
    try:
        shutil.copytree(run, target, ignore=ignored, dirs_exist_ok=True)
    except shutil.Error as error:  # the error lists each file that failed
        raise OSError(errno.EIO, str(error.args[0][0][2])) from error
    shutil.copy2(run / RUN_FILE, target / RUN_FILE)
