"""The base class of input fields: a control for a column's value, with a message below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.theme.style import set_property


class InputEdit(QWidget):
    """The base class of fields in which the user enters the value of a column.

    Signals:
        edited: the content of the field has changed.
    """

    edited = Signal()

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__()
        self.schema = field
        self._control: QWidget | None = None
        self._message_label = plain_label()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._message_label.setSizePolicy(policy)
        self._message_label.hide()
        self._layout = column_layout(parent=self, spacing=4)
        self._layout.setAlignment(Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        """The content as text."""
        raise NotImplementedError

    def set_text(self, text: str) -> None:
        """Set the content, as if the user typed it."""
        raise NotImplementedError

    @property
    def value(self) -> Any:
        """The value to send to the engine; None if the content is invalid."""
        return self.text

    def set_control(self, control: QWidget) -> None:
        """Set the control that receives the input."""
        self._control = control
        self.setFocusProxy(control)
        control.setAccessibleName(str(self.schema["column"]))
        self._layout.addWidget(control)

    @property
    def message(self) -> str:
        """The message below the control."""
        return self._message_label.text()

    def show_message(self, kind: Literal["error", "warning"], text: str) -> None:
        """Show an error or warning below the control; "" hides it."""
        if self._message_label.parent() is None:
            self._layout.addWidget(self._message_label)
        self._message_label.setText(text)
        self._message_label.setVisible(bool(text))
        self._update_message_height()
        set_property(self._message_label, "role", kind)
        if self._control is not None:
            self._control.setAccessibleDescription(text)
            set_property(self._control, "invalid", bool(text) and kind == "error")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_message_height()

    def _update_message_height(self) -> None:
        """Set the minimum height of the message so that all lines are visible.

        Why: a form layout may use a height that was cached for a larger width, and cut off lines.
        """
        label = self._message_label
        label.setMinimumHeight(label.heightForWidth(self.width()) if label.text() else 0)
