"""Finds the runs of a document: those that go on, and the last one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engine.runs.folder.run_folder.lock import NAME as LOCK
from engine.runs.folder.run_folder.lock import holder_of
from engine.runs.folder.run_folder.run_json import RUN, described

from app.documents.session import Session
from app.training.process.run_follower.run_workspace import file_of
from engine.core.diagnostic import Refused
from engine.graph.serialization.file import name_of
from engine.runs.events import event_log

_MOST = 400  # folders that are looked at, those whose names come last


def runs_folder(session: Session) -> Path:
    """Return the folder that holds the runs of a document."""
    return file_of(session).parent / "runs"


def live_run(session: Session) -> Path | None:
    """Return the newest run of a document that somebody trains right now, None if nobody does."""
    return _newest([run for run in _runs(session, LOCK) if holder_of(run) is not None], session)


def last_run(session: Session) -> Path | None:
    """Return the newest run of a document, None if there is none."""
    return _newest(list(_runs(session, RUN)), session)


def _runs(session: Session, file: str) -> Iterator[Path]:
    """Yield the runs of a document, and others beside it, that hold a file.

    Why: beside one that was never saved lie those of others, so it has those that it knows of only.
    """
    yield from (run for run in session.runs_elsewhere if (run / file).exists())
    if session.path is None:
        return
    with suppress(OSError):  # a name that begins with a dot is no run's
        found = (entry.path for entry in os.scandir(runs_folder(session)) if entry.name[0] != ".")
        for path in sorted(found)[-_MOST:]:
            if os.path.exists(os.path.join(path, file)):
                yield Path(path)


def _is_of(run: Path, session: Session) -> bool:
    """Return whether a run is known to be the document's, or trained a file of its name."""
    if run in session.runs_elsewhere:
        return True
    with suppress(Refused):
        return bool(described(run).get("name") == name_of(file_of(session)))
    return False


def _newest(runs: list[Path], session: Session) -> Path | None:
    """Return the newest of some runs that is one of the document, opening no more than needed."""
    ordered = sorted(runs, key=lambda run: (_moment(run), run.name), reverse=True)
    return next((run for run in ordered if _is_of(run, session)), None)


def _moment(run: Path) -> float:
    for file in (event_log.NAME, RUN):
        with suppress(OSError):
            return (run / file).stat().st_mtime
    return 0.0
