"""Editors with a fixed set of values: a switch, and combo boxes of values or layer types."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout

from app.controls import Switch
from app.controls.inputs.combo_box import ComboBox
from app.inspector.editors.editor import FieldEditor
from app.inspector.editors.value_parser import format_plain_value
from app.inspector.fields.schema_fields import NULL_TEXT, FormField
from app.text.layer_search import layer_families, layer_infos
from app.theme.style import set_property
from app.theme.theme import Theme

_OPEN_KEYS = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter,
    Qt.Key.Key_F4,
)  # fmt: skip


class SwitchEditor(FieldEditor):
    """An editor of a boolean."""

    def __init__(self, field: FormField, theme: Theme) -> None:
        super().__init__(field)
        self.switch = Switch(theme)
        self.set_control(self.switch)
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addStretch(1)
        self.switch.clicked.connect(self._on_clicked)

    def show_value(self, value: Any, is_given: bool) -> None:
        self.switch.setChecked(value is True)

    def _on_clicked(self) -> None:
        self.emit_step(self.switch.isChecked())


class ChoiceEditor(FieldEditor):
    """A combo box to choose one of several strings or numbers, or null."""

    def __init__(self, field: FormField) -> None:
        super().__init__(field)
        self.box = ComboBox()
        if field.optional:
            self.box.add_item(NULL_TEXT, None)
        for choice in field.choices:
            self.box.add_item(str(choice), choice)
        self.set_control(self.box)
        self.box.activated.connect(self._on_activated)

    def show_value(self, value: Any, is_given: bool) -> None:
        """Show the value, even if it is not one of the choices."""
        is_empty = value is None and not self.field.optional
        self.box.select_data(value, "choose" if is_empty else format_plain_value(value))
        set_property(self.box, "unset", not is_given)

    def _on_activated(self) -> None:
        self.emit_step(self.box.currentData())


class LayerTypeChoice(ComboBox):
    """A combo box of layer types. The layer family of the current type comes first in the list.

    The list is filled when first opened. Arrow keys open the list, and the mouse wheel is ignored,
    so that neither changes the layer type.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind, self._is_filled = kind, False
        self.setAccessibleName("Layer type")
        self.setMaxVisibleItems(24)
        self.setToolTip("Change the layer type. Compatible values and wires are kept.")
        self.addItem(kind, kind)

    def showPopup(self) -> None:
        self._fill()
        super().showPopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OPEN_KEYS:
            self.showPopup()
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ignore the wheel, so that the form scrolls."""
        event.ignore()

    def _fill(self) -> None:
        if self._is_filled:
            return
        self._is_filled = True
        self.clear()
        info = layer_infos().get(self._kind)
        family = info.family if info else ""
        if info is None:
            self.addItem(self._kind, self._kind)
        for _, _, members in sorted(layer_families(), key=lambda entry: entry[0] != family):
            if self.count():
                self.insertSeparator(self.count())
            for kind in members:
                self.add_item(kind, kind, layer_infos()[kind].summary)
        self.setCurrentIndex(self.findData(self._kind))
