"""The one dialog that asks or tells, always open()ed and never waited for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import icons
from app.theme.theme import SEVERITY_TOKENS, Theme

_WIDTH = 460


@dataclass(frozen=True)
class Choice:
    """A button and what it does; the last choice is also what Escape does."""

    label: str
    do: Callable[[], object]


class Question(QDialog):
    """A window-modal question with its answers as verbs; Enter gives the first one.

    Args:
        theme: for the icon.
        kind: "error", "warning" or "info".
        title: the question, or what went wrong, in one sentence.
        text: what there is to know for an answer.
        small: facts such as a code, in small print that can be copied.
        choices: the answers, the most likely first, the harmless one last.
        careful: Enter gives the last answer instead, since the first can't be taken back.
        parent: the window that it stands on.
    """

    def __init__(
        self,
        theme: Theme,
        kind: str,
        title: str,
        text: str,
        small: str,
        choices: Sequence[Choice],
        careful: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setWindowTitle("Layerloom")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._choices = list(choices)
        self._chosen = choices[-1]
        self._buttons: dict[QPushButton, Choice] = {}
        self.title, self.text, self.small = title, text, small
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(18)
        layout.addLayout(self._words(theme, kind))
        layout.addLayout(self._row(choices[-1] if careful else choices[0]))

    def button(self, label: str) -> QPushButton:
        """Return the button that says `label`."""
        return next(button for button in self._buttons if button.text() == label)

    def answer(self) -> None:
        """Do what was chosen, the last choice if none was."""
        self._chosen.do()

    def showEvent(self, event: QShowEvent) -> None:
        """Give every text the height that it needs, now that its font is known."""
        for label in self.findChildren(QLabel):
            if label.wordWrap():
                label.setFixedHeight(label.heightForWidth(_WIDTH))
        self.adjustSize()
        super().showEvent(event)

    def _words(self, theme: Theme, kind: str) -> QHBoxLayout:
        sign = QLabel()
        sign.setPixmap(icons.icon_pixmap(theme, kind, SEVERITY_TOKENS[kind], 26))
        head, body = _label(self.title), _label(self.text)
        head.setFont(theme.ui_font(11.5, bold=True))
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(head)
        if self.text:
            words.addWidget(body)
        if self.small:
            facts = _label(self.small)
            facts.setProperty("role", "dim")
            facts.setFont(theme.mono_font(8.5))
            facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.addWidget(facts)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _row(self, default: Choice) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for choice in reversed(self._choices):
            button = QPushButton(choice.label)
            button.setAutoDefault(True)
            button.setMinimumWidth(86)
            button.clicked.connect(self._on_clicked)
            self._buttons[button] = choice
            row.addWidget(button)
            if choice is default:
                button.setDefault(True)
                button.setFocus()
                button.setProperty("role", "" if choice is self._choices[-1] else "primary")
        return row

    def _on_clicked(self) -> None:
        sender = self.sender()
        assert isinstance(sender, QPushButton)
        self._chosen = self._buttons[sender]
        self.accept()


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setFixedWidth(_WIDTH)
    return label
