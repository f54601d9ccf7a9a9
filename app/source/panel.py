"""The source panel: the current network as PyTorch source, Python source and graph file."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QPushButton, QTabBar, QToolButton, QWidget

from app.controls import EmptyState, InlineMessage
from app.controls.layout.boxes import column_layout, page_stack, row_layout
from app.documents.workspace import Workspace
from app.source.find_bar import SourceFindBar
from app.source.source_text import SourceText, file_text, python_text, pytorch_text
from app.source.view import SourceView
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.check.report import Report

REFRESH_DELAY = 150  # milliseconds from the last edit to the update


class SourcePanel(QWidget):
    """The active document as PyTorch source, Python source and graph file, each in a tab.

    While the panel is visible, edits of the document update the text of the current tab.

    Signals:
        export_requested: the user asks to save a text: "pytorch", "python" or "file".
        problems_requested: the user asks to see the errors that prevent generating the source.
    """

    export_requested = Signal(str)
    problems_requested = Signal()

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self._shown_report: Report | None = None
        self._shown_title = ""
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_DELAY, timeout=self.refresh)
        self.tabs = QTabBar(self, accessibleName="Format")
        for title in ("PyTorch", "Python", "Graph file"):
            self.tabs.addTab(title)
        self.find_bar = SourceFindBar(theme, self)
        self.pytorch = SourceView(theme, "python", "PyTorch source", self)
        self.python = SourceView(theme, "python", "Python source", self)
        self.file = SourceView(theme, "json", "Graph file", self)
        self._views = (self.pytorch, self.python, self.file)
        self._note = InlineMessage(theme, "error", "", self)
        self._show_problems = QPushButton(icon(theme, "error", "danger"), "Show problems", self)
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self._show_problems.clicked.connect(self.problems_requested)
        for view in self._views:
            view.node_clicked.connect(self._on_node_clicked)
        for change in (workspace.report_changed, workspace.file_changed):
            change.connect(self._on_changed)
        workspace.selection_changed.connect(self._on_selection_changed)
        self._on_tab_changed(0)

    @property
    def view(self) -> SourceView:
        """The text view of the current tab."""
        return self._views[max(self.tabs.currentIndex(), 0)]

    def refresh(self) -> None:
        """Update the current text. If errors prevent this, show them instead."""
        self._timer.stop()
        session = self._workspace.session
        report = session.report
        has_errors = self.view is not self.file and bool(report.errors)
        is_readable = len(report.project.graph) > 0 and not has_errors
        for control in self._text_controls:
            control.setEnabled(is_readable)
        if not len(report.project.graph):
            self._pages.setCurrentWidget(self._empty)
        elif has_errors:
            self._show_errors(report)
        else:
            self._show_text(report)

    def copy(self) -> None:
        """Copy the current text to the clipboard."""
        QGuiApplication.clipboard().setText(self.view.content.text)
        self._workspace.session.message.emit(f"{self.view.accessibleName()} copied.")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def event(self, event: QEvent) -> bool:
        # With the focus in this panel, Find searches the text instead of the canvas.
        if event.type() == QEvent.Type.ShortcutOverride and _is_find(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_find(event):
            self.find_bar.field.setFocus()
            self.find_bar.field.selectAll()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        text = "Draw a network to see its source here."
        self._empty = EmptyState(self._theme, "code", "Nothing to write yet", text)
        self._pages = page_stack(*self._views, self._make_error_page(), self._empty)
        above = row_layout(self.tabs, None, margins=(6, 2, 6, 2), spacing=4)
        copy = self._tool_button("copy", "Copy the whole text", self.copy)
        export = self._tool_button("save-as", "Save as a file…", self._on_export_pressed)
        self._text_controls = (self.find_bar, copy, export)
        below = row_layout(
            self.find_bar, copy, export, margins=(6, 0, 6, 4), spacing=4, stretch=self.find_bar
        )
        column_layout(above, below, self._pages, parent=self, spacing=2, stretch=self._pages)

    def _make_error_page(self) -> QWidget:
        page = QWidget(self)
        column = column_layout(self._note, parent=page, margins=(10, 10, 10, 10), spacing=8)
        column.addWidget(self._show_problems, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._error_page = page
        return page

    def _tool_button(self, name: str, text: str, pressed: Callable[[], None]) -> QToolButton:
        button = QToolButton(self, autoRaise=True, objectName=f"source-{name}", toolTip=text)
        button.setIcon(icon(self._theme, name))
        button.setAccessibleName(text.rstrip("…"))
        button.clicked.connect(pressed)
        return button

    def _show_text(self, report: Report) -> None:
        session = self._workspace.session
        # Compare by identity: comparing large reports by value takes longer than writing the text.
        if self._shown_report is not report or self._shown_title != session.title:
            self.view.show_text(self._make_text(report, session.title))
            self._shown_report, self._shown_title = report, session.title
        self._pages.setCurrentWidget(self.view)
        self.view.highlight_nodes(session.selection, can_scroll=False)
        self.find_bar.set_view(self.view)

    def _make_text(self, report: Report, title: str) -> SourceText:
        if self.view is self.file:
            return file_text(self._workspace.session.project)
        return (python_text if self.view is self.python else pytorch_text)(report, title)

    def _show_errors(self, report: Report) -> None:
        first, *more = report.errors
        location = f"{first.node}: " if first.node else ""
        rest = f" And {len(more)} more." if more else ""
        text = f"The source can't be written yet. Fix this first: {location}{first.message}.{rest}"
        self._note.show_message("error", text)
        self._pages.setCurrentWidget(self._error_page)

    def _on_tab_changed(self, tab: int) -> None:
        self._shown_report = None
        self.find_bar.set_view(self.view)
        if self.isVisible():
            self.refresh()

    def _on_changed(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _on_selection_changed(self) -> None:
        if self.isVisible():
            # Do not scroll away from a line that the user just clicked.
            is_clicked = self.view.hasFocus()
            self.view.highlight_nodes(self._workspace.session.selection, can_scroll=not is_clicked)

    def _on_node_clicked(self, name: str) -> None:
        if name in self._workspace.session.graph:
            self._workspace.session.select([name])

    def _on_export_pressed(self) -> None:
        kinds = {self.pytorch: "pytorch", self.python: "python", self.file: "file"}
        self.export_requested.emit(kinds[self.view])


def _is_find(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Find)
