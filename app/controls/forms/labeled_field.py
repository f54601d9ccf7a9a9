"""A form row: a field with its label and help text."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.controls.display.labels import plain_label
from app.text.phrases import plain_tooltip

_LABEL_WIDTH, _MAX_FIELD_WIDTH = 132, 340  # pixels


class LabeledField(QWidget):
    """A field with a label before the field and a help text below.

    Args:
        name: the label, which is also the accessible name of the field.
        help: the help text, a sentence.
        field: the widget of the field.
    """

    def __init__(self, name: str, help: str, field: QWidget) -> None:
        super().__init__()
        self.field = field
        label = plain_label(name, "field", wrap=False)
        label.setBuddy(field)
        label.setMinimumWidth(_LABEL_WIDTH)
        self._help = plain_label(help, "dim")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._help.setSizePolicy(policy)
        field.setMaximumWidth(_MAX_FIELD_WIDTH)
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

    def set_help(self, help: str) -> None:
        """Set the help text."""
        self._help.setText(help)
        self.field.setAccessibleDescription(help)
        self.field.setToolTip(plain_tooltip(help))
