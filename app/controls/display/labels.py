"""Labels of plain text, headings, and notes with an icon."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.theme import icons
from app.theme.style import set_property
from app.theme.theme import SEVERITY_TOKENS, Theme

MessageKind = Literal["error", "warning", "info", "ok"]

_KIND_NAMES = {"error": "Error", "warning": "Warning", "info": "Hint", "ok": "OK"}
_ICON = 16


def plain_label(text: str = "", role: str = "", wrap: bool = True) -> QLabel:
    """Return a label that shows a text literally, not as HTML. The style sheet uses `role`."""
    label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=wrap)
    if role:
        label.setProperty("role", role)
    return label


class Heading(QLabel):
    """The title of a group of controls."""

    def __init__(self, text: str) -> None:
        super().__init__(text, textFormat=Qt.TextFormat.PlainText)
        self.setProperty("role", "heading")


class InlineMessage(QFrame):
    """An inline message with an icon for its kind and word-wrapped text."""

    def __init__(
        self,
        theme: Theme,
        kind: MessageKind = "info",
        text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.kind: MessageKind = kind
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        self._label = plain_label()
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._label.setSizePolicy(policy)
        self.setProperty("role", "note")
        row = QHBoxLayout(self, spacing=8)
        row.setContentsMargins(10, 8, 10, 8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        theme.changed.connect(self._on_theme_changed)
        self.show_message(kind, text)

    @property
    def text(self) -> str:
        return self._label.text()

    def show_message(self, kind: MessageKind, text: str) -> None:
        self.kind = kind
        self._label.setText(text)
        self.setAccessibleName(f"{_KIND_NAMES[kind]}: {text}")
        set_property(self, "kind", kind)
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        pixmap = icons.icon_pixmap(self._theme, self.kind, SEVERITY_TOKENS[self.kind], _ICON)
        self._icon.setPixmap(pixmap)
