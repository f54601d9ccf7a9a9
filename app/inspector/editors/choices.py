"""Editors of what is one of a few: a switch, and boxes of words and of kinds of layer."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout

from app.controls import Switch
from app.controls.inputs.choice import Choice
from app.inspector.editors.editor import Editor
from app.inspector.editors.value_parser import shown
from app.inspector.fields.schema_fields import NOTHING, Field
from app.text.layer_search import layer_families, layer_infos
from app.theme.style import set_property
from app.theme.theme import Theme

_OPENS = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter,
    Qt.Key.Key_F4,
)  # fmt: skip


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field)
        self.switch = Switch(theme)
        self.hold(self.switch)
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addStretch(1)
        self.switch.clicked.connect(self._on_clicked)

    def show_value(self, value: Any, given: bool) -> None:
        """Stand as the document says."""
        self.switch.setChecked(value is True)

    def _on_clicked(self) -> None:
        self.edited.emit(self.switch.isChecked())


class ChoiceEditor(Editor):
    """One of several words, or null."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = Choice()
        if field.optional:
            self.box.add(NOTHING, None)
        for word in field.choices:
            self.box.add(word, int(word) if field.numbers else word)
        self.hold(self.box)
        self.box.activated.connect(self._on_activated)

    def show_value(self, value: Any, given: bool) -> None:
        """Show the chosen word; one that is none of them is shown too."""
        empty = value is None and not self.field.optional
        self.box.show_data(value, "choose" if empty else shown(value))
        set_property(self.box, "unset", not given)

    def _on_activated(self) -> None:
        self.edited.emit(self.box.currentData())


class KindChoice(Choice):
    """The kind of a node. Others, its own family first, are listed once it is opened.

    Keys and the wheel open it or pass by: a kind is no value to be stepped through.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind, self._filled = kind, False
        self.setAccessibleName("Kind of layer")
        self.setMaxVisibleItems(24)
        self.setToolTip("Change the kind. Values and wires that fit stay.")
        self.addItem(kind, kind)

    def showPopup(self) -> None:
        """List all kinds."""
        self._fill()
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the list."""
        if event.key() in _OPENS:
            self.showPopup()
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the form."""
        event.ignore()

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        self.clear()
        about = layer_infos().get(self._kind)
        own = about.family if about else ""
        if about is None:
            self.addItem(self._kind, self._kind)
        for _, _, members in sorted(layer_families(), key=lambda each: each[0] != own):
            if self.count():
                self.insertSeparator(self.count())
            for kind in members:
                self.add(kind, kind, layer_infos()[kind].summary)
        self.setCurrentIndex(self.findData(self._kind))
