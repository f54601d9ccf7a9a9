"""A field with its name before it and its help below it, for pages that are forms."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.text.phrases import plain_tooltip

_NAME, _WIDEST = 132, 340  # pixels


class Labelled(QWidget):
    """A field, what it is called, and what it is for.

    Args:
        name: of the field, in a word or two.
        help: a sentence.
        field: what is typed into or chosen from.
    """

    def __init__(self, name: str, help: str, field: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        label = QLabel(name, textFormat=Qt.TextFormat.PlainText)
        label.setProperty("role", "field")
        label.setBuddy(field)
        label.setMinimumWidth(_NAME)
        self._help = QLabel(help, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._help.setProperty("role", "dim")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._help.setSizePolicy(policy)
        field.setMaximumWidth(_WIDEST)
        field.setAccessibleName(field.accessibleName() or name)
        field.setAccessibleDescription(help)
        field.setToolTip(plain_tooltip(help))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(field, 0, 1)
        grid.addWidget(self._help, 1, 1)

    def say(self, help: str) -> None:
        """Say something else below the field."""
        self._help.setText(help)
        self.field.setAccessibleDescription(help)
        self.field.setToolTip(plain_tooltip(help))
