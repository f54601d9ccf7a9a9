"""Whether the chosen data fits, and what becomes of findings: told, shown on the canvas, mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.data.data_chooser.data_check import DataCheck
from app.training.panel.panel.control_buttons import Steering
from app.training.panel.panel.run_view import Results
from app.training.panel.panel.toolbar import TrainingBar
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.model import Project

_State = tuple[Project, Path, int]  # a network, its data, and when that was changed last


class Checking(QObject):
    """Checks data as it is chosen, and answers the buttons of findings.

    Args:
        workspace: the documents.
        bar, results: where it is said.
        steering: mends what can be mended in a run that goes on.
        running: answers whether a training runs; then nothing is checked.

    Signals:
        judged: `unfit` may answer something else.
    """

    judged = Signal()

    def __init__(
        self,
        workspace: Workspace,
        bar: TrainingBar,
        results: Results,
        steering: Steering,
        running: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._bar, self._results = workspace, bar, results
        self._steering, self._running = steering, running
        self.found_in: Session | None = None  # the document that findings are about
        self._unfit: _State | None = None
        self._errors = 0  # in that state
        self._check = DataCheck(self)
        self._check.answered.connect(self._on_checked)
        results.findings.node_asked.connect(self._on_node_asked)
        results.findings.fix_asked.connect(self._on_fix_asked)
        bar.chooser.told.connect(self._on_told)

    @property
    def errors(self) -> int:
        """How many errors are known in the chosen data, 0 if nothing is known against it."""
        return self._errors if self.unfit() else 0

    def unfit(self) -> str:
        """Return that the data does not fit, "" if nothing is known against it as it all is now."""
        data = self._bar.chooser.data
        if data is None or self._unfit is None or self._unfit != self._state(data):
            return ""
        return f"{data.name} does not fit this network. Mend it, or choose other data."

    def _state(self, data: Path) -> _State:
        try:
            changed = data.stat().st_mtime_ns
        except OSError:
            changed = 0
        return self._workspace.session.project, data, changed

    def begin(self) -> None:
        """Check the data that was chosen for the document in front."""
        data = self._bar.chooser.data
        if data is not None and not self._running():
            self._results.findings.clear()
            self._check.run(self._workspace.session, data)
            self._bar.say("Checking the data..." if self._check.running else "")

    def follow(self) -> None:
        """Check data that has not fitted yet again, if its document was edited."""
        self._check.follow(self._workspace.session)

    def forget(self) -> bool:
        """Leave it; answer whether there was anything to leave."""
        return self._check.forget()

    def let_go(self, session: object) -> None:
        """Take the buttons' use away once the document that they are about is closed."""
        if session is self.found_in:
            self.found_in = None
            self._results.findings.let_go()

    def _on_checked(self, session: Session, found: list[Diagnostic]) -> None:
        if self._running() or session is not self._workspace.session:
            return
        self.found_in = session
        self._results.findings.clear()
        data = self._bar.chooser.data
        name = data.name if data is not None else "The data"
        self._unfit = None
        self._errors = sum(diagnostic.is_error for diagnostic in found)
        if self._errors:
            self._unfit = None if data is None else self._state(data)
            self._bar.show_trouble(f"{name} does not fit this network.")
        else:
            self._bar.say(f"{name} fits this network.")
        self._results.findings.show_found(found)
        self.judged.emit()

    def _on_told(self, found: list[Diagnostic]) -> None:
        self._results.findings.clear()
        if not found:
            self._results.findings.say("error", "The sample data could not be written.")
        self._results.findings.show_found(found)

    def _on_node_asked(self, node: str) -> None:
        session = self.found_in
        if session is None:
            return
        if session is not self._workspace.session:
            self._workspace.show(session)
        session.reveal([node])

    def _on_fix_asked(self, fix: Fix) -> None:
        if self._steering.mend(fix):
            return
        if self.found_in is not None and self.found_in.mend(fix):
            self.found_in.canvas_wanted.emit()  # the button that had the keyboard goes
            self._results.findings.clear()
            if self.found_in is self._workspace.session:
                self.begin()
