"""The find bar, which steps through the nodes that match a text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton

from app.controls import SearchEdit
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import row_layout
from app.documents.workspace import Workspace
from app.find.search import NodeFinder, NodeMatch, find_notes
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme

_STEP_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3)


class FindBar(QFrame):
    """A bar that searches nodes and notes while typing and reveals one match after another.

    Signals:
        closed: the bar was closed; the focus returns to the canvas.
    """

    closed = Signal()

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._workspace = workspace
        self._theme = theme
        self._finder = NodeFinder()
        self._search_timer = QTimer(self, singleShot=True, interval=0)
        self._matches: list[NodeMatch] = []
        self._index = -1
        self._search = SearchEdit(theme, "Find a node")
        self._count_label = plain_label(wrap=False)
        self._match_label = plain_label("", "dim", wrap=False)
        self._previous = self._button("up", "Previous (Shift+Enter)")
        self._next = self._button("down", "Next (Enter)")
        self._close = self._button("close", "Close (Esc)")
        self._lay_out()
        self._connect()

    def start(self, text: str | None = None) -> None:
        """Show and focus the bar; if `text` is not None, search for it."""
        self.show()
        if text is not None:
            self._search.setText(text)
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def step(self, offset: int) -> None:
        """Show on the canvas the match that is `offset` positions further in the (cyclic) list."""
        if not self._matches:
            return
        self._index = (self._index + offset) % len(self._matches)
        self._update_labels()
        self._workspace.session.reveal([self._matches[self._index].key])

    def stop(self) -> None:
        """Close the bar; the last match stays selected."""
        self.hide()
        self.closed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._update_matches()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle Enter, F3, Up, Down and Escape of the search field."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
        elif event.key() in _STEP_KEYS:
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            return super().eventFilter(watched, event)
        return True

    def _lay_out(self) -> None:
        self._search.setAccessibleName(
            "Find a node by name, layer type or field value, or a note; or type error"
        )
        self._search.setToolTip(
            'A name, a layer type, a field value such as "relu", words of a note, or "error"'
        )
        self._search.setMaxLength(60)
        self._search.setFixedWidth(220)
        self._search.installEventFilter(self)
        self._count_label.setMinimumWidth(self.fontMetrics().horizontalAdvance("1000 of 1000"))
        self._match_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        widgets = (self._search, self._previous, self._next, self._count_label)
        match, margins = self._match_label, (10, 7, 8, 7)
        row_layout(
            *widgets, match, self._close, parent=self, margins=margins, spacing=6, stretch=match
        )
        self.setFocusProxy(self._search)

    def _button(self, icon_name: str, tooltip: str) -> QToolButton:
        button = QToolButton(icon=icon(self._theme, icon_name), iconSize=QSize(16, 16))
        button.setAutoRaise(True)
        button.setToolTip(tooltip)
        button.setAccessibleName(tooltip)
        return button

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_text_changed)
        self._previous.clicked.connect(self._on_previous_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._close.clicked.connect(self.stop)
        self._search_timer.timeout.connect(self._update_matches)
        self._workspace.project_changed.connect(self._on_document_changed)
        self._workspace.report_changed.connect(self._on_document_changed)

    def _update_matches(self) -> None:
        """Search again; the current match stays current if it still matches."""
        current = self._matches[self._index].key if 0 <= self._index < len(self._matches) else ""
        session, text = self._workspace.session, self._search.text()
        self._matches = self._finder.find(session.graph, text, session.report.diagnostics)
        self._matches += find_notes(session.project, text)
        keys = [match.key for match in self._matches]
        self._index = keys.index(current) if current in keys else -1
        self._update_labels()

    def _update_labels(self) -> None:
        count = len(self._matches)
        for button in (self._previous, self._next):
            button.setEnabled(bool(count))
        if not self._search.text().strip():
            text = ""
        elif not count:
            text = "Nothing found"
        else:
            text = f"{self._index + 1} of {count}" if self._index >= 0 else f"{count} found"
        self._count_label.setText(text)
        description = self._matches[self._index].text if count and self._index >= 0 else ""
        self._match_label.setText(description)
        self._match_label.setToolTip(plain_tooltip(description))

    def _on_text_changed(self) -> None:
        self._update_matches()
        if self._matches and self.isVisible():
            self.step(1 if self._index < 0 else 0)

    def _on_document_changed(self) -> None:
        if self.isVisible() and self._search.text().strip():
            self._search_timer.start()

    def _on_previous_clicked(self) -> None:
        self.step(-1)

    def _on_next_clicked(self) -> None:
        self.step(1)
