"""The bar that walks through the nodes that a text finds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.controls import SearchEdit
from app.documents.workspace import Workspace
from app.find.search import Finder, Found
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme

_STEPS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3)


class FindBar(QFrame):
    """Finds nodes as one types, and brings one after the other into sight.

    Signals:
        closed: the canvas has the keyboard again.
    """

    closed = Signal()

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("find-bar")
        self.setProperty("role", "card")
        self._workspace = workspace
        self._theme = theme
        self._finder = Finder()
        self._looking = QTimer(self, singleShot=True, interval=0)
        self._found: list[Found] = []
        self._at = -1
        self._search = SearchEdit(theme, "Find a node")
        self._count = QLabel()
        self._why = QLabel()
        self._previous = self._button("up", "Previous (Shift+Enter)")
        self._next = self._button("down", "Next (Enter)")
        self._close = self._button("close", "Close (Esc)")
        self._lay_out()
        self._connect()

    def start(self, text: str | None = None) -> None:
        """Show the bar with the keyboard in it; with a text, look for that."""
        self.show()
        if text is not None:
            self._search.setText(text)
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def step(self, by: int) -> None:
        """Bring the next node into sight, or with -1 the one before; after the last the first."""
        if not self._found:
            return
        self._at = (self._at + by) % len(self._found)
        self._tell()
        self._workspace.session.reveal([self._found[self._at].node])

    def stop(self) -> None:
        """Close the bar; what it found last stays selected."""
        self.hide()
        self.closed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the graph."""
        super().showEvent(event)
        self._look()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Enter, F3 and Escape in the field step and close."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
        elif event.key() in _STEPS:
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.step(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            return super().eventFilter(watched, event)
        return True

    def _lay_out(self) -> None:
        self._search.setAccessibleName("Find a node by name, kind or parameter; or type error")
        self._search.setToolTip('A name, a kind, a parameter such as "relu", or "error"')
        self._search.setMaxLength(60)
        self._search.setFixedWidth(220)
        self._search.installEventFilter(self)
        for label in (self._count, self._why):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._count.setMinimumWidth(self.fontMetrics().horizontalAdvance("1000 of 1000"))
        self._why.setProperty("role", "dim")
        self._why.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 7, 8, 7)
        layout.setSpacing(6)
        for widget in (self._search, self._previous, self._next, self._count):
            layout.addWidget(widget)
        layout.addWidget(self._why, 1)
        layout.addWidget(self._close)
        self.setFocusProxy(self._search)

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(self._theme, name))
        button.setIconSize(QSize(16, 16))
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_text_changed)
        self._previous.clicked.connect(self._on_previous_asked)
        self._next.clicked.connect(self._on_next_asked)
        self._close.clicked.connect(self.stop)
        self._looking.timeout.connect(self._look)
        self._workspace.project_changed.connect(self._on_document_changed)
        self._workspace.report_changed.connect(self._on_document_changed)

    def _look(self) -> None:
        """Find anew, and stay at the node where the person is, as long as it is found."""
        here = self._found[self._at].node if 0 <= self._at < len(self._found) else ""
        session = self._workspace.session
        self._found = self._finder.find(
            session.graph, self._search.text(), session.report.diagnostics
        )
        names = [found.node for found in self._found]
        self._at = names.index(here) if here in names else -1
        self._tell()

    def _tell(self) -> None:
        count, text = len(self._found), self._search.text().strip()
        for button in (self._previous, self._next):
            button.setEnabled(bool(count))
        if not text:
            told = ""
        elif not count:
            told = "Nothing found"
        else:
            told = f"{self._at + 1} of {count}" if self._at >= 0 else f"{count} found"
        self._count.setText(told)
        why = self._found[self._at].told if count and self._at >= 0 else ""
        self._why.setText(why)
        self._why.setToolTip(plain_tooltip(why))

    def _on_text_changed(self) -> None:
        self._look()
        if self._found and self.isVisible():
            self.step(1 if self._at < 0 else 0)

    def _on_document_changed(self) -> None:
        if self.isVisible() and self._search.text().strip():
            self._looking.start()

    def _on_previous_asked(self) -> None:
        self.step(-1)

    def _on_next_asked(self) -> None:
        self.step(1)
