"""What all fields of a row have in common: a column, a control, and what is wrong with its cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.theme.style import set_property


class FieldEdit(QWidget):
    """A field for one column.

    Signals:
        edited: it holds something else than before.
    """

    edited = Signal()

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__()
        self.field = field
        self._control: QWidget | None = None
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self._words.setSizePolicy(policy)
        self._words.hide()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        self._rows.setAlignment(Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        """What stands in it."""
        raise NotImplementedError

    def set_text(self, text: str) -> None:
        """Put something in, as if it was typed."""
        raise NotImplementedError

    @property
    def value(self) -> Any:
        """What the engine is told; None if it can't be read."""
        return self.text

    def hold(self, control: QWidget) -> None:
        """Put the control in that is typed into."""
        self._control = control
        self.setFocusProxy(control)
        control.setAccessibleName(str(self.field["column"]))
        self._rows.addWidget(control)

    @property
    def told(self) -> str:
        """What stands below it."""
        return self._words.text()

    @property
    def wrong(self) -> bool:
        """Whether it is marked as one that gets no answer."""
        return bool(self.told) and self._words.property("role") == "error"

    def tell(self, kind: Literal["error", "warning"], text: str) -> None:
        """Say below it what is wrong with it, or what is to be known of it; "" for nothing."""
        if self._words.parent() is None:
            self._rows.addWidget(self._words)
        self._words.setText(text)
        self._words.setVisible(bool(text))
        self._make_room()
        set_property(self._words, "role", kind)
        if self._control is not None:
            self._control.setAccessibleDescription(text)
            set_property(self._control, "invalid", bool(text) and kind == "error")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give what is said below it as many lines as it takes."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Ask for all lines of the words.

        Why: a form remembers the height of a wider field, and cuts the lines that came since.
        """
        told = self._words.text()
        self._words.setMinimumHeight(self._words.heightForWidth(self.width()) if told else 0)
