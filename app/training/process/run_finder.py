"""Finds runs of a document: the run in training, and the last run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.documents.session import Session
from app.training.process.run_files import graph_file_of
from engine.core.diagnostic import DiagnosticError
from engine.graph.serialization.file import project_name
from engine.runs.folder.run_json import RUN_FILE, read_run_json
from engine.runs.log import event_log
from engine.runs.log.lock import LOCK_FILE, lock_holder

_MAX_FOLDERS = 400  # in a larger folder, only the last runs in name order are searched


def runs_folder(session: Session) -> Path:
    """Return the folder that holds the runs of a document."""
    return graph_file_of(session).parent / "runs"


def live_run(session: Session) -> Path | None:
    """Return the newest of a document's runs in training, None if there is none.

    A run is locked while it is in training.
    """
    locked = [run for run in _runs_with_file(session, LOCK_FILE) if lock_holder(run) is not None]
    return _newest(locked, session)


def last_run(session: Session) -> Path | None:
    """Return the newest run of a document, None if there is none."""
    return _newest(list(_runs_with_file(session, RUN_FILE)), session)


def _runs_with_file(session: Session, file: str) -> Iterator[Path]:
    """Yield the run folders of a document that contain the file `file`.

    The folders in `Session.external_runs` come first. If the document is saved, folders in its
    runs folder follow. These may include runs of other documents that have the same runs folder.

    Why: all unsaved documents share one runs folder, so the runs folder of an unsaved document is
    not searched.
    """
    yield from (run for run in session.external_runs if (run / file).exists())
    if session.path is None:
        return
    with suppress(OSError):  # skip hidden folders, which are not runs
        paths = (entry.path for entry in os.scandir(runs_folder(session)) if entry.name[0] != ".")
        for path in sorted(paths)[-_MAX_FOLDERS:]:
            if os.path.exists(os.path.join(path, file)):
                yield Path(path)


def _belongs_to(run: Path, session: Session) -> bool:
    if run in session.external_runs:
        return True
    with suppress(DiagnosticError):
        return bool(read_run_json(run).get("name") == project_name(graph_file_of(session)))
    return False


def _newest(runs: list[Path], session: Session) -> Path | None:
    """Return the newest of `runs` that belongs to the document, None if no run does."""
    ordered = sorted(runs, key=lambda run: (_last_activity(run), run.name), reverse=True)
    return next((run for run in ordered if _belongs_to(run, session)), None)


def _last_activity(run: Path) -> float:
    for file in (event_log.EVENTS_FILE, RUN_FILE):
        with suppress(OSError):
            return (run / file).stat().st_mtime
    return 0.0
