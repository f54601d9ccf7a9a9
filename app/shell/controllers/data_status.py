"""Errors in the data and the rest of the window: chip, status bar, and the tab of the data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QTimer

from app.documents.session import Session
from app.documents.table_contents import stamp_of
from app.training.process.outcome import Outcome
from engine.check.report import Report
from engine.core.codes import data, encoding

if TYPE_CHECKING:
    from app.shell.main_window import Window

_LATER = 1_200  # milliseconds after a document has come to the front
_MOST = 2**28  # bytes; larger data is checked once somebody looks, or trains on it
_PICTURE = 3  # axes: height, width, colours
_ROOM = 330  # logical pixels that a few findings take
_OF_DATA = {*data.CODES, *encoding.CODES}

_LOOK_EVERY = 1_000  # milliseconds between two looks whether refused data was changed

_State = tuple[object, ...]  # a network, what it says of its data, and the stamp of that


class Auditing(QObject):
    """Says wherever the document is judged that its data holds errors, and leads to them."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._shown = 0
        self._sound: WeakKeyDictionary[Session, Path] = WeakKeyDictionary()
        self._begun: _State | None = None  # what a training began with
        self._refused: WeakKeyDictionary[Session, tuple[_State, int]] = WeakKeyDictionary()
        self._look = QTimer(self, interval=_LOOK_EVERY)
        self._look.timeout.connect(self._refresh)
        self._later = QTimer(self, singleShot=True, interval=_LATER)
        self._later.timeout.connect(self._look_at_remembered)
        window.data.examination.changed.connect(self._on_examined)
        window.workspace.switched.connect(self._later.start)
        self._later.start()
        window.data.examination.changed.connect(self._refresh)
        window.training.ready_changed.connect(self._refresh)
        window.workspace.switched.connect(self._refresh)
        window.workspace.report_changed.connect(self._refresh)
        window.training.running_changed.connect(self._on_running_changed)
        window.training.finished.connect(self._on_finished)
        window.status.data.clicked.connect(self.show_checks)
        window.problems.checks_asked.connect(self.show_checks)

    @property
    def errors(self) -> int:
        """How many errors are known in the data of the document in front."""
        window = self._window
        known = window.data.examination.errors or window.training.checking.errors
        return known or self._refused_for

    def show_checks(self) -> None:
        """Show what is wrong with the data."""
        self._window.bring("Data")
        self._window.docking.give_room("Data", _ROOM)
        self._window.data.show_tab("Checks")

    @property
    def _refused_for(self) -> int:
        """For how many errors in the data the last training was refused, if nothing has changed."""
        session = self._window.workspace.session
        known = self._refused.get(session)
        return known[1] if known is not None and known[0] == _state(session) else 0

    def _on_running_changed(self, running: bool) -> None:
        """Remember what a training begins with."""
        shown = self._window.training.shown
        if running and shown is not None and shown.session is not None:
            self._begun = _state(shown.session)
            self._refused.pop(shown.session, None)

    def _on_finished(self, outcome: Outcome) -> None:
        """Remember errors that only the training found, since larger data is not checked before."""
        shown = self._window.training.shown
        errors = sum(each.is_error and each.code in _OF_DATA for each in outcome.diagnostics)
        if errors and self._begun is not None and shown is not None and shown.session is not None:
            self._refused[shown.session] = self._begun, errors
        self._refresh()

    def _look_at_remembered(self) -> None:
        """Check data that is known from an earlier start, since nobody has chosen it now."""
        window, session = self._window, self._window.workspace.session
        data = session.data
        if data is None or window.training.running or self._sound.get(session) == data:
            return
        if _is_soon_read(session.report, data) and not session.report.errors:
            window.data.examination.begin()

    def _on_examined(self) -> None:
        """Remember documents whose data is sound, so that they aren't checked at each switch."""
        known, session = self._window.data.examination, self._window.workspace.session
        if known.running or known.received is None or known.failed or session.data is None:
            return
        if known.errors:
            self._sound.pop(session, None)
        else:
            self._sound[session] = session.data

    def _refresh(self) -> None:
        errors = self.errors
        if not self._refused_for:
            self._look.stop()
        elif not self._look.isActive():
            self._look.start()
        if errors == self._shown:
            return
        self._shown = errors
        self._window.docks["Data"].setWindowTitle(f"Data ({errors})" if errors else "Data")
        self._window.status.show_data_errors(errors)
        self._window.problems.show_data_errors(errors)
        self._window.running.show_standing()


def _state(session: Session) -> _State:
    project, given = session.project, session.data
    return project.graph, project.data, given, None if given is None else stamp_of(given)


def _is_soon_read(report: Report, data: Path) -> bool:
    """Return whether data is small; pictures are not, since a table only names them."""
    pictures = any(spec.rank == _PICTURE for spec in report.input_specs().values())
    return not pictures and 0 < sum(size for _, size, _ in stamp_of(data)) <= _MOST
