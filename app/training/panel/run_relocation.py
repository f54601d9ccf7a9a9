"""Runs that began before their document had a file move beside it once it has one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.documents.session import Session
from app.training.panel.run_controller import Course
from app.training.process.run_follower import Training
from engine.core.diagnostic import Refused
from engine.core.files.atomic_write import shown
from engine.runs.folder.lock import holder_of
from engine.runs.folder.relocation import move_beside
from engine.runs.folder.run_json import RUN


class Moving(QObject):
    """Moves runs that a document knows to be its own; what is shown of them follows.

    Args:
        training, course: the run that is followed and shown.

    Signals:
        moved: runs of a document lie elsewhere than before.
        told: a sentence for the status bar.
    """

    moved = Signal(Session)
    told = Signal(str)

    def __init__(self, training: Training, course: Course, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._training, self._course = training, course
        self._left: set[Path] = set()  # that could not be moved, which was told

    def bring(self, session: Session, saved: bool = False) -> None:
        """Move the runs of a document that have ended beside its file, if it has one.

        Args:
            session: its document.
            saved: it was saved just now; then all that becomes of its runs is told.
        """
        graph = session.path
        if graph is None or not session.runs_elsewhere:
            return
        goes_on = [run for run in session.runs_elsewhere if self._goes_on(run)]
        ended = [run for run in session.runs_elsewhere if run not in goes_on and _is_run(run)]
        came: list[Path] = []
        left: dict[Path, str] = {}
        for run in ended:
            try:
                came.append(self._move(run, graph))
            except Refused as refusal:
                found = refusal.diagnostics[0]
                left[run] = f"{found.message}, {found.found}"
        session.runs_elsewhere = (*left, *goes_on)
        if came:
            self.moved.emit(session)
        self._tell(graph, came, left, goes_on, saved)

    def _tell(
        self, graph: Path, came: list[Path], left: dict[Path, str], goes_on: list[Path], saved: bool
    ) -> None:
        said = [f"Saved {graph.name}."] if saved else []
        if came:
            said.append(f"Moved {_named(came)} into {shown(came[0].parent)}.")
        new = left if saved else left.keys() - self._left
        self._left.update(left)
        for run in list(new)[:1]:
            said.append(f"Left {_named(left)} in {shown(run.parent)}: {left[run]}.")
        if goes_on and saved:
            said.append(f"Once it has ended, {_named(goes_on)} moves beside it.")
        if said[saved:]:
            self.told.emit(" ".join(said))

    def _move(self, run: Path, graph: Path) -> Path:
        to = move_beside(run, graph)
        self._training.moved(run, to)
        self._course.moved(run, to)
        return to

    def _goes_on(self, run: Path) -> bool:
        begins = self._training.running and self._training.run == run
        return begins or holder_of(run) is not None


def _is_run(path: Path) -> bool:
    return (path / RUN).exists()


def _named(runs: Iterable[Path]) -> str:
    return ", ".join(run.name for run in runs)
