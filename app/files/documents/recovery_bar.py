"""What a crash left behind, above the canvas: a line for each document, to recover or discard."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.files.documents.document_manager import Files
from app.files.recovery.recovery import Recoverable
from app.text.phrases import count_noun, plain_tooltip
from app.theme import icons
from app.theme.theme import Theme
from engine.core.files.atomic_write import printable_path

_MOST = 5  # lines; the rest follow when these are dealt with


class RecoveryBar(QFrame):
    """Shown after a start that found unsaved documents of a program that did not end well."""

    def __init__(self, files: Files, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recovery-bar")
        self.setAccessibleName("Documents to recover")
        self._files, self._theme = files, theme
        self._left: list[Recoverable] = []
        self._shown: list[QWidget] = []
        self._sign = QLabel()
        self._title = _label("")
        self._lines = QWidget()
        self._grid = QGridLayout(self._lines)
        self._grid.setContentsMargins(28, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        head = QGridLayout()
        head.setHorizontalSpacing(10)
        head.addWidget(self._sign, 0, 0)
        head.addWidget(self._title, 0, 1)
        head.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._lines)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    def look(self) -> int:
        """Look for what was left behind, show it, and answer how many documents there are."""
        self._left = self._files.recoverable()
        self._show()
        return len(self._left)

    def _show(self) -> None:
        for widget in self._shown:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._shown.clear()
        count = len(self._left)
        self._title.setText(
            "Layerloom did not close properly. "
            f"{'One document was' if count == 1 else f'{count} documents were'} not saved."
        )
        for row, left in enumerate(self._left[:_MOST]):
            self._add(row, left)
        self.setVisible(bool(self._left))

    def _add(self, row: int, left: Recoverable) -> None:
        copy = left.copy
        title = _label(printable_path(copy.title))
        title.setFont(self._theme.ui_font(10, bold=True))
        where = "not in a file yet" if copy.path is None else printable_path(copy.path)
        facts = _label(f"{when(copy.written)}  ·  {nodes_of(left)}  ·  {where}")
        facts.setProperty("role", "dim")
        facts.setSizePolicy(facts.sizePolicy().Policy.Ignored, facts.sizePolicy().verticalPolicy())
        facts.setToolTip(plain_tooltip(where))
        recover, discard = QPushButton("Recover"), QPushButton("Discard")
        recover.setAccessibleName(f"Recover {copy.title}")
        discard.setAccessibleName(f"Discard {copy.title}")
        recover.clicked.connect(partial(self._recover, left))
        discard.clicked.connect(partial(self._discard, left))
        for column, widget in enumerate((title, facts, recover, discard)):
            self._grid.addWidget(widget, row, column)
            self._shown.append(widget)

    def _recover(self, left: Recoverable) -> None:
        self._files.recover(left)
        self._dealt_with(left)

    def _discard(self, left: Recoverable) -> None:
        self._files.discard(left, lambda gone: self._dealt_with(left) if gone else None)

    def _dealt_with(self, left: Recoverable) -> None:
        self._left.remove(left)
        self._show()

    def _dress(self) -> None:
        colors = self._theme.tokens
        self._sign.setPixmap(icons.icon_pixmap(self._theme, "warning", "warning", 18))
        self._title.setFont(self._theme.ui_font(10, bold=True))
        self.setStyleSheet(
            f"RecoveryBar {{ background: {colors.raised}; border: 0;"
            f" border-bottom: 1px solid {colors.border}; }}"
        )


def when(written: float) -> str:
    """Return a moment as people say it: "3 minutes ago", "at 14:32", "on 4 May at 14:32"."""
    ago = time.time() - written
    if 0 <= ago < 90:
        return "a moment ago"
    if 0 <= ago < 3600:
        return f"{round(ago / 60)} minutes ago"
    try:
        then = datetime.fromtimestamp(written)  # noqa: DTZ006 - the person's own clock
    except (ValueError, OverflowError, OSError):
        return "some time ago"
    clock = f"{then:%H:%M}"
    today = then.date() == datetime.now().date()  # noqa: DTZ005
    return f"today at {clock}" if today else f"on {then.day} {then:%B %Y} at {clock}"


def nodes_of(left: Recoverable) -> str:
    """Return how large a document is: "14 nodes"."""
    return count_noun(len(left.project.graph), "node")


def _label(text: str) -> QLabel:
    return QLabel(text, textFormat=Qt.TextFormat.PlainText)
