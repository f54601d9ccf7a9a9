"""Moves the runs of a document next to the document file after the document was saved."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.documents.session import Session
from app.training.panel.run_presenter import RunPresenter
from app.training.process.run_process import RunProcess
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import printable_path
from engine.runs.folder.relocation import move_run
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.log.lock import lock_holder


class RunRelocation(QObject):
    """Moves a document's runs into the runs folder next to its file, after the document is saved.

    Signals:
        runs_moved: the session of a document whose runs were moved.
        message_posted: requests to show a message in the status bar.
    """

    runs_moved = Signal(Session)
    message_posted = Signal(str)

    def __init__(self, run_process: RunProcess, presenter: RunPresenter, parent: QObject) -> None:
        super().__init__(parent)
        self._run_process, self._run_presenter = run_process, presenter
        self._failed_runs: set[Path] = set()  # runs reported already that could not be moved

    def move_ended_runs(self, session: Session, just_saved: bool = False) -> None:
        """Move the ended runs of a document next to its file.

        If the document was just saved, also report runs that are in training, and runs that already
        failed to move before.
        """
        graph = session.path
        if graph is None or not session.external_runs:
            return
        active = [run for run in session.external_runs if self._is_in_training(run)]
        ended = [run for run in session.external_runs if run not in active and _is_run(run)]
        moved: list[Path] = []
        failed: dict[Path, str] = {}
        for run in ended:
            try:
                moved.append(self._move_run(run, graph))
            except DiagnosticError as error:
                diagnostic = error.diagnostics[0]
                failed[run] = f"{diagnostic.message}, {diagnostic.found}"
        session.external_runs = (*failed, *active)
        if moved:
            self.runs_moved.emit(session)
        self._report(graph, moved, failed, active, just_saved)

    def _report(
        self,
        graph: Path,
        moved: list[Path],
        failed: dict[Path, str],
        active: list[Path],
        just_saved: bool,
    ) -> None:
        sentences = [f"Saved {graph.name}."] if just_saved else []
        if moved:
            sentences.append(f"Moved {_join_names(moved)} into {printable_path(moved[0].parent)}.")
        unreported = failed if just_saved else failed.keys() - self._failed_runs
        self._failed_runs.update(failed)
        for run in list(unreported)[:1]:
            sentences.append(
                f"Left {_join_names(failed)} in {printable_path(run.parent)}: {failed[run]}."
            )
        if active and just_saved:
            sentences.append(f"{_join_names(active)} will be moved next to it when training ends.")
        if sentences[just_saved:]:
            self.message_posted.emit(" ".join(sentences))

    def _move_run(self, run: Path, graph: Path) -> Path:
        new_path = move_run(run, graph)
        self._run_process.on_run_moved(run, new_path)
        self._run_presenter.on_run_moved(run, new_path)
        return new_path

    def _is_in_training(self, run: Path) -> bool:
        is_own = self._run_process.running and self._run_process.run == run
        return is_own or lock_holder(run) is not None


def _is_run(path: Path) -> bool:
    return (path / RUN_FILE).exists()


def _join_names(runs: Iterable[Path]) -> str:
    return ", ".join(run.name for run in runs)
