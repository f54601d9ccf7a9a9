"""The problems of the document in front: see them, go to them, mend them."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.controls import EmptyState
from app.controls.diagnostics.entries import SEVERITIES, Entry, entries
from app.controls.diagnostics.view import ProblemView
from app.documents.workspace import Workspace
from app.problems.fix_all import can_mend, mend_all
from app.problems.header import ProblemsHeader
from app.text.phrases import count_noun
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix


class ProblemsPanel(QWidget):
    """All findings of the checks, errors first.

    Signals:
        counts_changed: how many errors and warnings there are now.
        checks_asked: what is wrong with the data shall be shown.
    """

    counts_changed = Signal(int, int)
    checks_asked = Signal()

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems-panel")
        self._workspace = workspace
        self._shown: list[Diagnostic] = []
        self._counts = _counted(workspace)
        self.header = ProblemsHeader(theme, self)
        self.view = ProblemView(theme, self)
        self._none = EmptyState(
            theme, "ok", "No problems", "This network can be trained.", token="success"
        )
        self._bare = EmptyState(
            theme, "ok", "Nothing to fix", "Problems appear here while you draw."
        )
        show = QAction(icon(theme, "database"), "Show the data's checks", self)
        show.setToolTip("What is wrong with the data, and what mends it")
        show.triggered.connect(self.checks_asked)
        self._data_errors = 0
        self._unfit = EmptyState(theme, "error", "", "", show, token="danger")
        self._hidden = EmptyState(
            theme, "filter", "All hidden", "Press the counts above to show what was found."
        )
        self._pages = QStackedWidget(self)
        for page in (self.view, self._none, self._unfit, self._bare, self._hidden):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._pages, 1)
        self.header.filter_changed.connect(self._refresh)
        self.header.fix_all_pressed.connect(self.fix_all)
        self.view.chosen.connect(self._on_chosen)
        self.view.fix_pressed.connect(self._on_fix_pressed)
        workspace.report_changed.connect(self._on_report_changed)
        self._refresh()

    @property
    def counts(self) -> tuple[int, int]:
        """How many errors and warnings there are."""
        return self._counts

    def next_problem(self) -> None:
        """Go to the next problem and show its node."""
        self._step(1)

    def previous_problem(self) -> None:
        """Go to the problem before and show its node."""
        self._step(-1)

    def fix_all(self) -> None:
        """Do the first fix of every error that a machine can mend, as one step."""
        session = self._workspace.session
        mended = mend_all(session.current_report())
        if mended.done:
            session.apply("Fix all", mended.project)
            session.message.emit(str(mended))
        else:
            session.message.emit("No fix leaves fewer errors. Fix one by hand first.")

    def show_data_errors(self, count: int) -> None:
        """Say how many errors are known in the data, where the network has no problem."""
        self._data_errors = count
        self._unfit.set_message(
            f"The data holds {count_noun(count, 'error')}",
            "The network has no problems. It can be trained once its data is mended.",
        )
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _step(self, by: int) -> None:
        self._refresh()
        entry = self.view.step(by)
        if entry is not None:
            self._on_chosen(entry)

    def _refresh(self) -> None:
        session = self._workspace.session
        wanted, all_found = self.header.shown, session.diagnostics
        found = [each for each in all_found if each.severity in wanted]
        total = Counter(each.severity for each in all_found)
        mendable = bool(all_found) and can_mend(session.report)
        self.header.show_counts({each: total[each] for each in SEVERITIES}, mendable)
        self._pages.setCurrentWidget(self.view if found else self._empty(bool(all_found)))
        if found != self._shown:
            self._shown = found
            self.view.show_entries(entries(found))

    def _empty(self, hidden: bool) -> EmptyState:
        """Return what stands in place of a list."""
        if hidden:
            return self._hidden
        if not len(self._workspace.session.graph):
            return self._bare
        return self._unfit if self._data_errors else self._none

    def _on_report_changed(self) -> None:
        counts = _counted(self._workspace)
        if counts != self._counts:
            self._counts = counts
            self.counts_changed.emit(*counts)
        if self.isVisible():
            self._refresh()

    def _on_chosen(self, entry: Entry) -> None:
        node = entry.found.node
        if node is not None and node in self._workspace.session.graph:
            self._workspace.session.reveal([node])

    def _on_fix_pressed(self, fix: Fix) -> None:
        self._workspace.session.apply_fix(fix)


def _counted(workspace: Workspace) -> tuple[int, int]:
    severities = [each.severity for each in workspace.session.diagnostics]
    return severities.count("error"), severities.count("warning")
