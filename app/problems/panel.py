"""The problems panel: lists the diagnostics of the current document and applies their fixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QToolButton, QWidget

from app.controls import EmptyState
from app.controls.diagnostics.entries import (
    SEVERITIES,
    SEVERITY_NAMES,
    DiagnosticEntry,
    count_text,
    diagnostic_entries,
)
from app.controls.diagnostics.view import ProblemView
from app.controls.dialogs.menu import Menu
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.documents.workspace import Workspace
from app.problems.fix_all import apply_fixes, can_fix
from app.theme.icons import icon
from app.theme.theme import SEVERITY_TOKENS, Theme
from engine.core.diagnostic import Diagnostic, Fix, Severity
from engine.core.formatting.counts import count_noun


class ProblemsHeader(QWidget):
    """A row with a toggle button per severity, and the button "Fix all".

    Each toggle shows the number of problems of its severity, and shows or hides these problems.

    Signals:
        filter_changed: the severities whose problems are shown (`shown`) have changed.
        fix_all_pressed: requests to apply all automatic fixes.
    """

    filter_changed = Signal()
    fix_all_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._toggles = {severity: self._toggle(theme, severity) for severity in SEVERITIES}
        self.fix_all = QToolButton(self, text="Fix all", autoRaise=True)
        self.fix_all.setIcon(icon(theme, "fix", "accent"))
        self.fix_all.setToolTip("Apply the first fix of every error that has one, as one undo step")
        self.fix_all.clicked.connect(self.fix_all_pressed)
        toggles = self._toggles.values()
        row_layout(*toggles, None, self.fix_all, parent=self, margins=(6, 4, 6, 4), spacing=2)
        for button in (*toggles, self.fix_all):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    @property
    def shown(self) -> frozenset[Severity]:
        return frozenset(s for s, toggle in self._toggles.items() if toggle.isChecked())

    def show_counts(self, counts: Mapping[Severity, int], is_fixable: bool) -> None:
        """Show the number of problems of each severity; `is_fixable` enables "Fix all"."""
        for severity, toggle in self._toggles.items():
            toggle.setText(str(counts[severity]))
            count = count_text(counts[severity], severity)
            toggle.setAccessibleName(f"Show {SEVERITY_NAMES[severity][1]}: {count}")
            toggle.setToolTip(f"{count.capitalize()}; press to show or hide them")
        self.fix_all.setEnabled(is_fixable)

    def _toggle(self, theme: Theme, severity: Severity) -> QToolButton:
        toggle = QToolButton(self, checkable=True, checked=True, autoRaise=True)
        toggle.setObjectName(f"problems-show-{severity}")
        toggle.setIcon(icon(theme, severity, SEVERITY_TOKENS[severity]))
        toggle.toggled.connect(self.filter_changed)
        return toggle


class ProblemsPanel(QWidget):
    """A list of all diagnostics of the current document, errors first.

    Signals:
        counts_changed: the numbers of errors and warnings have changed.
        checks_requested: requests to show the Checks tab of the Data panel.
        page_requested: requests the page of the documentation about the current problem.
    """

    counts_changed = Signal(int, int)
    checks_requested = Signal()
    page_requested = Signal()

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace = workspace
        self._shown: list[Diagnostic] = []
        self.counts = _error_and_warning_counts(workspace)
        self.header = ProblemsHeader(theme, self)
        self.view = ProblemView(theme, self)
        self._no_problems = EmptyState(
            theme, "ok", "No problems", "This network can be trained.", token="success"
        )
        self._empty_graph = EmptyState(
            theme, "ok", "Nothing to fix", "Problems appear here while you draw."
        )
        show_checks = QAction(icon(theme, "database"), "Show the data's checks", self)
        show_checks.setToolTip("Show the errors in the data and how to fix them")
        show_checks.triggered.connect(self.checks_requested)
        self._data_errors = 0
        self._invalid_data = EmptyState(theme, "error", "", "", show_checks, token="danger")
        self._all_filtered = EmptyState(
            theme, "filter", "All hidden", "Press the counts above to show the problems."
        )
        placeholders = (self._no_problems, self._invalid_data, self._empty_graph)
        self._pages = page_stack(self.view, *placeholders, self._all_filtered)
        column_layout(self.header, self._pages, parent=self, spacing=0, stretch=self._pages)
        self._menu = Menu("Problem", self.view)
        explain = self._menu.addAction(icon(theme, "help"), "Show in the documentation")
        explain.triggered.connect(self.page_requested)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)
        self.header.filter_changed.connect(self._refresh)
        self.header.fix_all_pressed.connect(self.fix_all)
        self.view.entry_activated.connect(self._on_entry_activated)
        self.view.fix_requested.connect(self._on_fix_pressed)
        workspace.report_changed.connect(self._on_report_changed)
        self._refresh()

    def next_problem(self) -> None:
        """Select the next problem and show its node on the canvas."""
        self._step(1)

    def previous_problem(self) -> None:
        """Select the previous problem and show its node on the canvas."""
        self._step(-1)

    def fix_all(self) -> None:
        """Apply the first fix of every error that the program can fix, as one undo step."""
        session = self._workspace.session
        result = apply_fixes(session.current_report())
        if result.fixes:
            session.apply("Fix all", result.project)
            session.message.emit(str(result))
        else:
            session.message.emit("No fix leaves fewer errors. Fix one by hand first.")

    def show_data_errors(self, count: int) -> None:
        """Set the number of data errors, which the panel shows if the network has no problems."""
        self._data_errors = count
        self._invalid_data.set_message(
            f"The data has {count_noun(count, 'error')}",
            "The network has no problems. It can be trained once its data is fixed.",
        )
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _step(self, offset: int) -> None:
        self._refresh()
        entry = self.view.step(offset)
        if entry is not None:
            self._on_entry_activated(entry)

    def _refresh(self) -> None:
        session = self._workspace.session
        severities, diagnostics = self.header.shown, session.diagnostics
        shown = [diagnostic for diagnostic in diagnostics if diagnostic.severity in severities]
        totals = Counter(diagnostic.severity for diagnostic in diagnostics)
        is_fixable = bool(diagnostics) and can_fix(session.report)
        self.header.show_counts({severity: totals[severity] for severity in SEVERITIES}, is_fixable)
        self._pages.setCurrentWidget(self.view if shown else self._empty_page(bool(diagnostics)))
        if shown != self._shown:
            self._shown = shown
            self.view.set_entries(diagnostic_entries(shown))

    def _empty_page(self, are_hidden: bool) -> EmptyState:
        """Return the page that replaces an empty list.

        `are_hidden` is whether the list is empty because the filter hides all problems.
        """
        if are_hidden:
            return self._all_filtered
        if not len(self._workspace.session.graph):
            return self._empty_graph
        return self._invalid_data if self._data_errors else self._no_problems

    def _on_report_changed(self) -> None:
        counts = _error_and_warning_counts(self._workspace)
        if counts != self.counts:
            self.counts = counts
            self.counts_changed.emit(*counts)
        if self.isVisible():
            self._refresh()

    def _on_entry_activated(self, entry: DiagnosticEntry) -> None:
        node = entry.diagnostic.node
        if node is not None and node in self._workspace.session.graph:
            self._workspace.session.reveal([node])

    def _on_menu_requested(self, position: QPoint) -> None:
        if self.view.current_entry is not None:
            self._menu.popup(self.view.viewport().mapToGlobal(position))

    def _on_fix_pressed(self, fix: Fix) -> None:
        self._workspace.session.apply_fix(fix)


def _error_and_warning_counts(workspace: Workspace) -> tuple[int, int]:
    severities = [diagnostic.severity for diagnostic in workspace.session.diagnostics]
    return severities.count("error"), severities.count("warning")
