"""Words that stand alone: a heading, a message in place."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.theme import icons
from app.theme.style import set_property
from app.theme.theme import SEVERITY_TOKENS, Theme

Kind = Literal["error", "warning", "info", "ok"]

_SPOKEN = {"error": "Error", "warning": "Warning", "info": "Hint", "ok": "OK"}
_ICON = 16


class Heading(QLabel):
    """The title of a group of controls."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "heading")


class Note(QFrame):
    """A message beside what it is about: an icon that tells its kind, and a text that wraps."""

    def __init__(
        self, theme: Theme, kind: Kind = "info", text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind: Kind = kind
        self._sign = QLabel()
        self._sign.setFixedSize(_ICON, _ICON)
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._words.setSizePolicy(policy)
        self.setProperty("role", "note")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        theme.changed.connect(self._on_theme_changed)
        self.show_message(kind, text)

    @property
    def kind(self) -> Kind:
        """Whether it tells an error, a warning, a hint or that all is well."""
        return self._kind

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def show_message(self, kind: Kind, text: str) -> None:
        """Say something else."""
        self._kind = kind
        self._words.setText(text)
        self.setAccessibleName(f"{_SPOKEN[kind]}: {text}")
        set_property(self, "kind", kind)
        self._on_theme_changed()

    def _on_theme_changed(self) -> None:
        sign = icons.icon_pixmap(self._theme, self._kind, SEVERITY_TOKENS[self._kind], _ICON)
        self._sign.setPixmap(sign)
