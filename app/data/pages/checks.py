"""The "Checks" page: the diagnostics of the data check, with their fixes."""

from __future__ import annotations

from collections import Counter

from app.controls import EmptyState, InlineMessage
from app.controls.diagnostics import entries
from app.controls.diagnostics.view import ProblemView
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, page_stack
from app.data.pages.page import DataPage
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.counts import count_noun

_RANK = {severity: rank for rank, severity in enumerate(entries.SEVERITIES)}


class ChecksPage(DataPage):
    """The page with the diagnostics as a tree, errors first. Applying a fix is one undo step."""

    def __init__(self, workspace: Workspace, data_check: DataCheckJob, theme: Theme) -> None:
        super().__init__(workspace, data_check)
        self.view = ProblemView(theme, self)
        self.view.setAccessibleName("Data checks")
        self.view.entry_activated.connect(self._on_chosen)
        self.view.fix_requested.connect(self._on_fix_pressed)
        self._summary = plain_label("", "dim")
        self._summary.setContentsMargins(8, 6, 8, 4)
        self._graph_note = InlineMessage(theme, "error", _GRAPH_ERRORS)
        self._graph_note.hide()  # until it is needed, it must not make the panel higher
        text = "All rows were checked."
        self._no_problems = EmptyState(theme, "ok", "No problems", text, token="success")
        self._empty = EmptyState(theme, "database", "", "")
        self._stack = page_stack(self.view, self._no_problems, self._empty)
        items = (self._summary, self._graph_note, self._stack)
        column_layout(*items, parent=self, spacing=0, stretch=self._stack)
        self._diagnostics: tuple[Diagnostic, ...] = ()
        workspace.report_changed.connect(self._refresh)

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        check = self._data_check
        diagnostics = tuple(sorted(check.diagnostics, key=lambda item: _RANK[item.severity]))
        if diagnostics != self._diagnostics:
            self._diagnostics = diagnostics
            self.view.set_entries(entries.diagnostic_entries(diagnostics, "data"))
        session = self._workspace.session
        has_result = check.preview is not None
        self._graph_note.setVisible(has_result and bool(session.report.errors))
        self._summary.setVisible(has_result)
        self._summary.setText(self._summary_text(diagnostics))
        if diagnostics:
            self._stack.setCurrentWidget(self.view)
        elif has_result and not check.has_failed and not session.report.errors:
            self._stack.setCurrentWidget(self._no_problems)
        else:
            self._empty.set_message(*self._empty_message())
            self._stack.setCurrentWidget(self._empty)

    def _summary_text(self, diagnostics: tuple[Diagnostic, ...]) -> str:
        """Return counts of diagnostics as text: "1 error, 2 warnings, no notes in 344 rows."."""
        received = self._data_check.preview
        counts = Counter(diagnostic.severity for diagnostic in diagnostics)
        text = ", ".join(entries.count_text(counts[severity], severity) for severity in _RANK)
        rows = sum(received.sides.values()) if received is not None else 0
        where = f" in {count_noun(rows, 'row')}" if rows else ""
        suffix = " Checking again…" if self._data_check.is_running else ""
        return f"{text.capitalize()}{where}.{suffix}"

    def _empty_message(self) -> tuple[str, str]:
        session, check = self._workspace.session, self._data_check
        if session.data_path is None:
            return "No data yet", "Choose data to check all its rows."
        if not len(session.graph):
            return "No nodes yet", "Draw a network to check the data against it."
        if check.is_running:
            return "Checking the data", "All rows are checked."
        if check.has_failed:
            return "The data check failed", "Change the network or the data to try again."
        return "Fix the network first", "Its errors are checked before the data."

    def _on_chosen(self, entry: entries.DiagnosticEntry) -> None:
        session = self._workspace.session
        if entry.diagnostic.node is not None and entry.diagnostic.node in session.graph:
            session.reveal([entry.diagnostic.node])

    def _on_fix_pressed(self, fix: Fix) -> None:
        self._workspace.session.apply_fix(fix)


_GRAPH_ERRORS = (
    "The network has errors. Until they are fixed, only the assignment of columns is checked, not "
    "the values of all rows."
)
