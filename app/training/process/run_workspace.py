"""Where a training of the window keeps its things: run folder, log, snapshot of the graph."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.documents.session import Session
from engine.core.diagnostic import Refused
from engine.core.files.atomic_write import make_folder, refusal
from engine.graph.model import Project
from engine.graph.serialization import file
from engine.runs.folder import lock
from engine.runs.folder.run_folder import claim_beside
from engine.runs.folder.run_json import RUN

LOG = "log.txt"


def own_place() -> Path:
    """Return the folder of this user for what has no other place."""
    location = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(location))


def file_of(session: Session) -> Path:
    """Return the graph file of a document; for one never saved, where it would be."""
    if session.path is not None:
        return session.path.absolute()
    name = session.title.replace("/", "-").lstrip(".") or "untitled"
    return own_place() / f"{name}.loom.json"


def claim_run(session: Session) -> Path:
    """Make and answer a new run folder: beside the graph file, or at the user's own place.

    Raises:
        Refused: if neither can be written.
    """
    graph = file_of(session)
    if session.path is not None:
        with suppress(Refused):
            return claim_beside(graph)
    make_folder(own_place())
    return claim_beside(own_place() / graph.name)


def note_run(session: Session, run: Path) -> None:
    """Let a document know of a run of it that does not lie beside its file."""
    if session.path is None or run.parent != file_of(session).parent / "runs":
        session.runs_elsewhere = (*session.runs_elsewhere, run)


class Workplace:
    """The files of one training.

    Args:
        run: its folder, empty, or that of a run which is gone on with or looked at.
    """

    def __init__(self, run: Path) -> None:
        self.run = run
        there = (run / RUN).exists()
        self.log = run / LOG if there else run.with_name(f"{run.name}.log")
        self._folder: Path | None = None

    def snapshot(self, project: Project, name: str) -> Path:
        """Write what is trained, and answer its file.

        Args:
            project: what is trained.
            name: the graph file's name, by which the run is listed.

        Raises:
            Refused: if it can't be written.
        """
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="layerloom-"))
        except OSError as error:
            raise refusal(error, Path(tempfile.gettempdir()), "written") from error
        file.write(self._folder / name, project)
        return self._folder / name

    def settle(self) -> None:
        """Tidy up once the run has its own copy of the graph: the log moves in."""
        self._drop_snapshot()
        if self.log.parent != self.run and (self.run / RUN).exists():
            with suppress(OSError):
                self.log = self.log.rename(self.run / LOG)

    def clear(self) -> None:
        """Tidy up after a process that ended: what holds nothing is removed."""
        self.settle()
        with suppress(OSError):
            if not self.log.stat().st_size:
                self.log.unlink()
        if not (self.run / RUN).exists():
            with suppress(OSError):
                (self.run / lock.NAME).unlink(missing_ok=True)
                self.run.rmdir()

    def last_words(self) -> str:
        """Return the last line of the log."""
        with suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - 4096))
            lines = log.read().decode("utf-8", "replace").split("\n")
            return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")
        return ""

    def _drop_snapshot(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
