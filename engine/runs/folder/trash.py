"""The trash of a runs folder: runs are moved to .trash, from where they can be restored."""

from __future__ import annotations

from pathlib import Path

from engine.core.diagnostic import diagnostic_error
from engine.core.files.atomic_write import file_error, printable_path
from engine.runs.folder.run_folder import RunFolder
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log.lock import RunLock

TRASH_FOLDER = ".trash"


def move_to_trash(run: Path) -> Path:
    """Move a run to the trash and return its new path.

    Raises:
        DiagnosticError: run-missing, run-busy while it is trained, or an error of the file system.
    """
    RunFolder.open(run)
    return _move_run(run, run.absolute().parent / TRASH_FOLDER)


def restore_from_trash(run: Path) -> Path:
    """Restore a run from the trash and return its new path.

    If the name of the run is taken in the runs folder, the run gets another name.

    Raises:
        DiagnosticError: run-missing, or an error of the file system.
    """
    RunFolder.open(run)
    trash = run.absolute().parent
    if trash.name != TRASH_FOLDER:
        raise diagnostic_error(
            "run-missing",
            "this run is not in the trash",
            "Nothing to restore: the run is still available.",
            place=printable_path(run),
            found="a run outside the trash",
            expected=f"a folder in {TRASH_FOLDER}",
        )
    return _move_run(run, trash.parent)


def trashed_runs(runs_folder: Path) -> list[Path]:
    """Return the runs in the trash of a runs folder, sorted by name."""
    return sorted(file.parent for file in (runs_folder / TRASH_FOLDER).glob(f"*/{RUN_FILE}"))


def _move_run(run: Path, folder: Path) -> Path:
    """Move a run into a folder while holding the lock of the run; return its new path."""
    try:
        with RunLock(run):
            folder.mkdir(exist_ok=True)
            target = _free_path(folder, run.absolute().name)
            run.rename(target)
            return target
    except OSError as error:
        raise file_error(error, run, "moved") from error


def _free_path(folder: Path, name: str) -> Path:
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}"
    return path
