"""An editor of a list of names: a chip for each entry, and a combo box to add an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import clear_layout, column_layout, row_layout
from app.inspector.editors.family_editor import (
    NestedFormEditor,
    Params,
    canonical_name,
    kind_and_params,
    plain_value,
)
from app.inspector.editors.flow_layout import FlowLayout
from app.inspector.editors.value_parser import format_plain_value, is_same_json
from app.inspector.fields.context import InspectorContext
from app.inspector.fields.node_docs import choice_help
from app.inspector.fields.schema_fields import FormField, form_fields
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from engine.core.schema import Schema
from engine.layers.base import docstring_summary

MAX_CHIPS = 100  # maximum number of chips; further entries are kept, but not shown


class MultiChoiceEditor(NestedFormEditor):
    """An editor of a list of objects, such as metrics, or of a list of score names."""

    def __init__(self, field: FormField, context: InspectorContext) -> None:
        super().__init__(field, context)
        self._values: list[Any] = []
        self._selected_index = -1
        self._layout = column_layout(parent=self, spacing=4)
        self._chips = QWidget()
        self._flow = FlowLayout()
        self._chips.setLayout(self._flow)
        self._layout.addWidget(self._chips)
        self.box = ComboBox()
        add = f"Add a {field.family.noun if field.family is not None else 'score'}"
        self.box.setAccessibleName(add)
        self.box.setPlaceholderText(add)
        for name in field.family or ():
            self.box.add_item(name, name, choice_help(field.family[name]) if field.family else "")
        self.box.setCurrentIndex(-1)
        self.box.activated.connect(self._on_activated)
        self._layout.addWidget(self.box)
        self.control = self.box
        self.setFocusProxy(self.box)

    def _suggest(self, names: Sequence[str]) -> None:
        if list(names) != [self.box.itemText(row) for row in range(self.box.count())]:
            self.box.clear()
            self.box.addItems(list(names))
            self.box.setCurrentIndex(-1)

    def show_value(self, value: Any, is_given: bool) -> None:
        values = value if isinstance(value, list) else []
        if self.field.family is None:
            self._suggest(self._context.score_names())
        if not is_same_json(values, self._values) or self._flow.count() != len(values[:MAX_CHIPS]):
            self._values = list(values)
            self._build_chips()
        self._show_form()

    def set_invalid(self, is_invalid: bool) -> None:
        """Do nothing: errors concern the listed entries, not the combo box that adds an entry."""

    def _build_chips(self) -> None:
        clear_layout(self._flow)
        for index, value in enumerate(self._values[:MAX_CHIPS]):
            self._flow.addWidget(self._chip(index, value))
        self._chips.setVisible(bool(self._values))
        self._chips.updateGeometry()

    def _chip(self, index: int, value: Any) -> QFrame:
        chip = QFrame(objectName="inspector-chip")
        label, remove = QToolButton(), QToolButton()
        text, tooltip = self._chip_text(value)
        label.setText(text.replace("&", "&&"))
        label.setAccessibleName(text)
        label.setToolTip(plain_tooltip(tooltip))
        label.setCheckable(True)
        label.setChecked(index == self._selected_index)
        label.setEnabled(bool(self._settings_class(value)))
        label.clicked.connect(self._on_chip_clicked)
        remove.setIcon(icon(self._context.theme, "close", "dim"))
        remove.setAccessibleName(f"Remove {text}")
        remove.setToolTip(plain_tooltip(f"Remove {text}"))
        remove.clicked.connect(self._on_remove_clicked)
        line = row_layout(parent=chip, margins=(6, 1, 2, 1), spacing=0)
        for button in (label, remove):
            button.setAutoRaise(True)
            button.setProperty("index", index)
            line.addWidget(button)
        return chip

    def _settings_class(self, value: Any) -> type[Schema] | None:
        """Return the schema class that `value` names; None if unknown or without fields to edit."""
        family = self.field.family
        name = canonical_name(family, kind_and_params(value)[0]) if family is not None else None
        cls: type[Schema] | None = family[name] if family is not None and name else None
        return cls if cls is not None and form_fields(cls) else None

    def _chip_text(self, value: Any) -> tuple[str, str]:
        kind, params = kind_and_params(value)
        if isinstance(value, dict) and "name" in value and "kind" not in value:
            return format_plain_value(value["name"]), format_plain_value(value)
        settings = ", ".join(f"{key} {format_plain_value(param)}" for key, param in params.items())
        cls = self._settings_class(value)
        plain = format_plain_value(value)
        tooltip = f"{docstring_summary(cls)} Click to edit its settings." if cls else plain
        text = format_plain_value(kind)
        return f"{text} ({settings})" if settings else text, tooltip

    def _show_form(self) -> None:
        index = self._selected_index
        cls = self._settings_class(self._values[index]) if 0 <= index < len(self._values) else None
        if self.form is not None and (cls is None or self.form.schema is not cls):
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if cls is None:
            return
        self._params = kind_and_params(self._values[index])[1]
        if self.form is None:
            self._layout.insertWidget(1, self.create_form(cls, self))
        else:
            self.form.show_values(self._params)

    def value_with(self, params: Params) -> list[Any]:
        values = list(self._values)
        kind, _ = kind_and_params(values[self._selected_index])
        values[self._selected_index] = plain_value(kind, params)
        return values

    def _on_activated(self, row: int) -> None:
        name = self.box.itemText(row)
        self.box.setCurrentIndex(-1)
        self.emit_step([*self._values, name])

    def _on_chip_clicked(self) -> None:
        index = int(self.sender().property("index"))
        self._selected_index = -1 if index == self._selected_index else index
        self._build_chips()
        self._show_form()

    def _on_remove_clicked(self) -> None:
        removed = int(self.sender().property("index"))
        self._selected_index = -1
        self.emit_step([value for index, value in enumerate(self._values) if index != removed])
