"""Files of a training run started in the window: run folder, log and graph snapshot."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from app.documents.session import Session
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error, make_folder
from engine.graph.model import Project
from engine.graph.serialization import file
from engine.runs.folder.run_folder import create_next_folder
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log import lock

LOG_NAME = "log.txt"


def user_data_folder() -> Path:
    """Return the per-user data folder, used for runs of unsaved documents."""
    location = QStandardPaths.StandardLocation.AppLocalDataLocation
    return Path(QStandardPaths.writableLocation(location))


def graph_file_of(session: Session) -> Path:
    """Return the graph file of a document; for an unsaved one, a path in the user data folder."""
    if session.path is not None:
        return session.path.absolute()
    name = session.title.replace("/", "-").lstrip(".") or "untitled"
    return user_data_folder() / f"{name}.loom.json"


def create_run_folder(session: Session) -> Path:
    """Create and return a run folder next to the graph file, or else in the user data folder.

    Raises:
        DiagnosticError: if neither folder can be written.
    """
    graph = graph_file_of(session)
    if session.path is not None:
        with suppress(DiagnosticError):
            return create_next_folder(graph)
    make_folder(user_data_folder())
    return create_next_folder(user_data_folder() / graph.name)


def remember_run(session: Session, run: Path) -> None:
    """Add a run to `session.external_runs`, unless the run is next to the document file."""
    if session.path is None or run.parent != graph_file_of(session).parent / "runs":
        session.external_runs = (*session.external_runs, run)


class RunFiles:
    """The files of one training run.

    Args:
        run: the run folder, which is empty for a new run.
    """

    def __init__(self, run: Path) -> None:
        self.run = run
        has_started = (run / RUN_FILE).exists()
        self.log = run / LOG_NAME if has_started else run.with_name(f"{run.name}.log")
        self._snapshot_folder: Path | None = None

    def write_snapshot(self, project: Project, name: str) -> Path:
        """Write the project to a temporary folder and return the path of the file.

        Raises:
            DiagnosticError: if the file can't be written.
        """
        try:
            self._snapshot_folder = Path(tempfile.mkdtemp(prefix="layerloom-"))
        except OSError as error:
            raise file_error(error, Path(tempfile.gettempdir()), "written") from error
        file.write(self._snapshot_folder / name, project)
        return self._snapshot_folder / name

    def finish_start(self) -> None:
        """Remove the snapshot, and if the run has started, move the log into the run folder.

        The snapshot is not needed after the start, because the run folder has its own copy.
        """
        self._remove_snapshot()
        if self.log.parent != self.run and (self.run / RUN_FILE).exists():
            with suppress(OSError):
                self.log = self.log.rename(self.run / LOG_NAME)

    def clean_up(self) -> None:
        """Clean up after the process ended: remove an empty log and an unused run folder."""
        self.finish_start()
        with suppress(OSError):
            if not self.log.stat().st_size:
                self.log.unlink()
        if not (self.run / RUN_FILE).exists():
            with suppress(OSError):
                (self.run / lock.LOCK_FILE).unlink(missing_ok=True)
                self.run.rmdir()

    def last_log_line(self) -> str:
        """Return the last non-empty line of the log, "" if there is none."""
        with suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - 4096))
            lines = log.read().decode("utf-8", "replace").split("\n")
            return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")
        return ""

    def _remove_snapshot(self) -> None:
        if self._snapshot_folder is not None:
            shutil.rmtree(self._snapshot_folder, ignore_errors=True)
