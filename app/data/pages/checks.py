"""What is wrong with the data for the document in front, in all rows; fixes are edits."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.controls import EmptyState, Note
from app.controls.diagnostics.entries import SEVERITIES, Entry, count_text, entries
from app.controls.diagnostics.view import ProblemView
from app.data.pages.data_check_job import Examination
from app.data.pages.page import Page
from app.documents.workspace import Workspace
from app.text.phrases import count_noun
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix

_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class ChecksPage(Page):
    """The findings as a tree, errors first, each fix one step of undo."""

    def __init__(
        self,
        workspace: Workspace,
        examination: Examination,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(workspace, examination, parent)
        self.view = ProblemView(theme, self)
        self.view.setObjectName("data-checks")
        self.view.setAccessibleName("Data checks")
        self.view.chosen.connect(self._on_chosen)
        self.view.fix_pressed.connect(self._on_fix_pressed)
        self._line = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._line.setProperty("role", "dim")
        self._line.setContentsMargins(8, 6, 8, 4)
        self._graph = Note(theme, "error", _GRAPH)
        self._none = EmptyState(
            theme, "ok", "The data fits", "Every row was looked at.", token="success"
        )
        self._empty = EmptyState(theme, "database", "", "")
        self._stack = QStackedWidget(self)
        for page in (self.view, self._none, self._empty):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addWidget(self._graph)
        column.addWidget(self._stack, 1)
        self._shown: tuple[Diagnostic, ...] = ()
        workspace.report_changed.connect(self._refresh)

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        known = self._examination
        found = tuple(sorted(known.found, key=lambda bad: _RANK[bad.severity]))
        if found != self._shown:
            self._shown = found
            self.view.show_entries(entries(found, "data"))
        session = self._workspace.session
        there = known.received is not None
        self._graph.setVisible(there and bool(session.report.errors))
        self._line.setVisible(there)
        self._line.setText(self._told(found))
        if found:
            self._stack.setCurrentWidget(self.view)
        elif there and not known.failed and not session.report.errors:
            self._stack.setCurrentWidget(self._none)
        else:
            self._empty.set_message(*self._why_empty())
            self._stack.setCurrentWidget(self._empty)

    def _told(self, found: tuple[Diagnostic, ...]) -> str:
        received = self._examination.received
        counts = Counter(bad.severity for bad in found)
        told = ", ".join(count_text(counts[each], each) for each in SEVERITIES)
        rows = sum(received.sides.values()) if received is not None else 0
        where = f" in {count_noun(rows, 'row')}" if rows else ""
        again = " Checking again…" if self._examination.running else ""
        return f"{told.capitalize()}{where}.{again}"

    def _why_empty(self) -> tuple[str, str]:
        session, known = self._workspace.session, self._examination
        if session.data is None:
            return "No data yet", "Choose data, and every row of it is checked."
        if not len(session.graph):
            return "Nothing drawn yet", "Draw a network, and the data is checked against it."
        if known.running:
            return "Checking the data", "Every row is looked at."
        if known.failed:
            return (
                "The check ended without an answer",
                "Change the network or the data to try again.",
            )
        return "Mend the network first", "Its problems come before those of the data."

    def _on_chosen(self, entry: Entry) -> None:
        session = self._workspace.session
        if entry.found.node is not None and entry.found.node in session.graph:
            session.reveal([entry.found.node])

    def _on_fix_pressed(self, fix: Fix) -> None:
        self._workspace.session.apply_fix(fix)


_GRAPH = (
    "The network has problems of its own. Until they are mended, only what feeds its ports is "
    "looked at, not the values of every row."
)
