"""The message box for questions and errors. Callers open it with `open()`, never `exec()`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.controls.dialogs.dialog import Dialog
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, row_layout
from app.theme import icons
from app.theme.theme import SEVERITY_TOKENS, Theme

_WIDTH = 460


@dataclass(frozen=True)
class PromptChoice:
    """A button of a message box: the label, and the function that is called on a click."""

    label: str
    callback: Callable[[], object]


class MessageBox(Dialog):
    """A message box. Enter presses the first button, Escape the last.

    Args:
        theme: the theme of the icon.
        kind: "error", "warning" or "info".
        title: the question or the error, in one sentence.
        text: the explanation below the title.
        details: facts such as a code, in small print that can be selected.
        choices: the buttons. The most likely one is first, the harmless one is last.
        is_destructive: whether the first choice can't be undone. Enter then presses the last.
        parent: the window.
    """

    def __init__(
        self,
        theme: Theme,
        kind: str,
        title: str,
        text: str,
        details: str,
        choices: Sequence[PromptChoice],
        is_destructive: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, "Layerloom")
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self._choices = list(choices)
        self._chosen = choices[-1]
        self._buttons: dict[QPushButton, PromptChoice] = {}
        self.title, self.text, self.details = title, text, details
        body = self._build_text(theme, kind)
        buttons = self._build_buttons(choices[-1] if is_destructive else choices[0])
        column_layout(body, buttons, parent=self, margins=(22, 20, 22, 18), spacing=18)

    def button(self, label: str) -> QPushButton:
        """Return the button with this label."""
        return next(button for button in self._buttons if button.text() == label)

    def run_choice(self) -> None:
        """Call the callback of the pressed button, or of the last choice if none was pressed."""
        self._chosen.callback()

    def showEvent(self, event: QShowEvent) -> None:
        """Set the heights of wrapped labels. Their font is known only when the box is shown."""
        for label in self.findChildren(QLabel):
            if label.wordWrap():
                label.setFixedHeight(label.heightForWidth(_WIDTH))
        self.adjustSize()
        super().showEvent(event)

    def _build_text(self, theme: Theme, kind: str) -> QHBoxLayout:
        icon_label = QLabel(pixmap=icons.icon_pixmap(theme, kind, SEVERITY_TOKENS[kind], 26))
        title, text = _label(self.title), _label(self.text)
        title.setFont(theme.ui_font(11.5, bold=True))
        column = column_layout(title, spacing=8)
        if self.text:
            column.addWidget(text)
        if self.details:
            details = _label(self.details, "dim")
            details.setFont(theme.mono_font(8.5))
            details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(details)
        row = row_layout(spacing=14)
        row.addWidget(icon_label, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        return row

    def _build_buttons(self, default: PromptChoice) -> QHBoxLayout:
        row = row_layout(None, spacing=8)
        for choice in reversed(self._choices):
            button = QPushButton(choice.label, autoDefault=True, minimumWidth=86)
            button.clicked.connect(self._on_button_clicked)
            self._buttons[button] = choice
            row.addWidget(button)
            if choice is default:
                button.setDefault(True)
                button.setFocus()
                button.setProperty("role", "" if choice is self._choices[-1] else "primary")
        return row

    def _on_button_clicked(self) -> None:
        sender = self.sender()
        assert isinstance(sender, QPushButton)
        self._chosen = self._buttons[sender]
        self.accept()


def _label(text: str, role: str = "") -> QLabel:
    label = plain_label(text, role)
    label.setFixedWidth(_WIDTH)
    return label
