"""Says whether the document in front can be trained, and where it can't, why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.workspace import Workspace
from app.training.panel.run_view import Results
from app.training.panel.toolbar import TrainingBar
from app.training.panel.train_button_state import hindrance, next_step

_LOOK_EVERY = 1_000  # milliseconds between two looks whether the data is there
_BUSY = "A training is running. Stop it first."


class Readiness(QObject):
    """Keeps Train, its tool tip and the hints in place of curves up to date.

    Args:
        workspace: the documents.
        bar, results: where it is said.
        running: answers whether a training runs.
        unfit: answers that the chosen data does not fit, "" if it does for all that is known.
        said: answers the line about the run that is shown, "" if there is none; None if no run is
            shown at all.

    Signals:
        changed: `why_not` may answer something else.
        returned: data that was gone is there, or data that did not fit is another than it was.
    """

    changed = Signal()
    returned = Signal()

    def __init__(
        self,
        workspace: Workspace,
        bar: TrainingBar,
        results: Results,
        running: Callable[[], bool],
        unfit: Callable[[], str],
        said: Callable[[], str | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._bar, self._results = workspace, bar, results
        self._running, self._unfit, self._said = running, unfit, said
        self._refused = False
        self._hindered = ""
        self._known: tuple[Path | None, str, str] = (None, "", "")
        self.typed: Callable[[], str] = lambda: ""  # what is wrong in fields of other panels
        self._timer = QTimer(self, interval=_LOOK_EVERY)
        self._timer.timeout.connect(self._on_look)
        self._timer.start()
        bar.epochs_changed.connect(self.refresh)

    def why_not(self) -> str:
        """Return why the document in front can't be trained now, "" if it can."""
        return _BUSY if self._running() else self.why_not_at_rest()

    def why_not_at_rest(self) -> str:
        """Return why it couldn't be trained even if no training ran."""
        found = hindrance(self._workspace.session.report, self._bar.chooser.data)
        return found or self._unfit() or self._problem()

    def _problem(self) -> str:
        """Return what is wrong with what stands in a field, which is not what would be trained."""
        return self._bar.problem or self.typed()

    def _of_data(self) -> str:
        """Return what is wrong with the chosen data, "" where the network comes first."""
        report, data = self._workspace.session.report, self._bar.chooser.data
        return "" if report.errors or data is None else hindrance(report, data) or self._unfit()

    def lacks_data(self) -> bool:
        """Return whether data is all that is missing; Train asks for it then."""
        lacks = self._bar.chooser.data is None and not self._workspace.session.report.errors
        return lacks and not self._running() and not self._problem()

    def refuse(self) -> None:
        """Say why not, since it was asked for all the same."""
        self._refused = not self._running()
        self.refresh()

    def begin(self) -> None:
        """Forget what was refused: a run begins."""
        self._refused = False

    def refresh(self) -> None:
        """Show how things stand."""
        why_not = self.why_not()
        report, chooser = self._workspace.session.report, self._bar.chooser
        self._known = chooser.data, self._of_data(), self._problem()
        self._bar.refresh(why_not, self.why_not_at_rest(), self.lacks_data())
        if self._running():
            self._results.show_hint("Starting", "The curves begin with the first step.")
        else:
            step = next_step(report, chooser.data, chooser.sample, why_not)
            self._results.show_hint("No curves yet", step)
            self._show_hindrance(why_not)
        self.changed.emit()

    def _on_look(self) -> None:
        """Judge again if a file or a field has changed meanwhile: no signal tells of that."""
        before = self._known
        now = self._bar.chooser.data, self._of_data(), self._problem()
        if self._running() or now == before:
            return
        self.refresh()
        if now[0] == before[0] and before[1] and not now[1]:
            self.returned.emit()

    def _show_hindrance(self, why_not: str) -> None:
        """Say why Train can't be pressed, where no hint in place of the curves says it."""
        self._refused = self._refused and bool(why_not)
        line = self._said()
        said = why_not if self._refused or line is not None else ""
        if said or self._hindered:
            (self._bar.show_trouble if self._refused else self._bar.say)(said or line or "")
        self._hindered = said
