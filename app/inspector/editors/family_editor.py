"""Editors of values that are objects with fields: objects of a registry, or nested objects."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.controls import Switch
from app.controls.inputs.combo_box import ComboBox
from app.controls.layout.boxes import column_layout
from app.controls.layout.tab_order import insert_in_tab_order
from app.inspector.editors.collapsible_section import CollapsibleSection
from app.inspector.editors.editor import FieldEditor
from app.inspector.editors.value_parser import format_plain_value
from app.inspector.fields.context import BaseForm, InspectorContext
from app.inspector.fields.node_docs import choice_help
from app.inspector.fields.schema_fields import NULL_TEXT, FormField, form_fields
from app.theme.style import set_property
from engine.core.registry import Registry
from engine.core.schema import Schema

Params = Mapping[str, Any]
MAX_BESIDE_LENGTH = 10  # characters; a combo box with longer names is placed below the label
_EXPANDED_FAMILIES = ("optimizer", "schedule", "encoding")  # expanded at first


def kind_and_params(value: Any) -> tuple[Any, Params]:
    """Return (kind, params) of a plain value such as "adam" or {"kind": …, "params": …}."""
    if isinstance(value, Mapping) and "kind" in value:
        params = value.get("params", {})
        return value["kind"], params if isinstance(params, Mapping) else {}
    return value, {}


def plain_value(kind: str, params: Params) -> Any:
    """Return {"kind": kind, "params": params} for graph files, or `kind` if `params` is empty."""
    return {"kind": kind, "params": dict(params)} if params else kind


def canonical_name(family: Registry[Any], kind: Any) -> str | None:
    """Return the registered name for a name or alias `kind`, None if `kind` is unknown."""
    if not isinstance(kind, str) or kind not in family:
        return None
    return registered_name(family, family[kind])


def registered_name(family: Registry[Any], cls: type[Schema]) -> str | None:
    """Return the registered name of a class, None if it is not registered."""
    return next((name for name in family if family[name] is cls), None)


class NestedFormEditor(FieldEditor):
    """Base class of editors with a nested form for an object in the value of the field.

    The editor is the `EditTarget` of this form, which is None until it is opened.
    """

    is_wide = True

    def __init__(self, field: FormField, context: InspectorContext) -> None:
        super().__init__(field)
        self._context = context
        self._params: Params = {}
        self.form: BaseForm | None = None

    def create_form(self, cls: type[Schema], parent: QWidget) -> BaseForm:
        """Create the nested form with the fields of `cls`, and show their values."""
        self.form = self._context.create_nested_form(self._context, self, cls, parent)
        self.form.show_values(self._params)
        return self.form

    def value_with(self, params: Params) -> Any:
        """Return the value of the field if the object in the form has the values `params`."""
        raise NotImplementedError(type(self).__name__)

    def set(self, field: str, value: Any) -> None:
        self.edited.emit(self.value_with({**self._params, field: value}))

    def reset(self, field: str) -> None:
        kept = {other: value for other, value in self._params.items() if other != field}
        self.emit_step(self.value_with(kept))

    def finish(self) -> None:
        self.edit_finished.emit()

    def commit(self) -> None:
        if self.form is not None:
            self.form.commit()


class ParamsEditor(NestedFormEditor):
    """Base class of editors of a field whose value is an object, such as an optimizer.

    The nested form is in a section that can be collapsed.
    """

    def __init__(self, field: FormField, context: InspectorContext) -> None:
        super().__init__(field, context)
        self._cls: type[Schema] | None = None
        self.section: CollapsibleSection | None = None

    def show_params(self, cls: type[Schema] | None, params: Params) -> None:
        """Show a form for the fields of `cls` with the values `params`; no form without fields."""
        self._params = params
        if cls is not self._cls:
            self._cls = cls
            if self.section is not None:
                self.section.hide()
                self.section.deleteLater()
                self.section = self.form = None
            if cls is not None and cls.model_fields:
                self._add_section(cls)
        if self.section is not None:
            self.section.set_note(f"{len(params)} changed" if params else "")
        if self.form is not None:
            self.form.show_values(self._params)

    def _add_section(self, cls: type[Schema]) -> None:
        family = self.field.family
        is_open = family is None or family.noun in _EXPANDED_FAMILIES
        is_open = is_open or any(field.required for field in form_fields(cls))
        name = self.field.label if family is None else registered_name(family, cls)
        title = f"{name} settings"
        key = f"{self.field.name}/{cls.__name__}"
        build = partial(self.create_form, cls)
        self.section = CollapsibleSection(self._context, title, key, build, is_open, self)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.section)
        widgets = [self.section.header, *self.section.findChildren(QWidget)]
        insert_in_tab_order(self.control, widgets)


class RegistryEditor(ParamsEditor):
    """An editor of an object that is chosen from a registry, such as an optimizer or a loss."""

    def __init__(self, field: FormField, context: InspectorContext) -> None:
        super().__init__(field, context)
        assert field.family is not None
        self.family: Registry[Any] = field.family
        self._kind: Any = None
        self.box = ComboBox()
        self.control = self.box
        self.box.setAccessibleName(field.label)
        if field.optional:
            self.box.add_item(NULL_TEXT, None, field.help)
        for name in self.family:
            self.box.add_item(name, name, choice_help(self.family[name]))
        self.box.activated.connect(self._on_activated)
        layout = column_layout(parent=self, spacing=4)
        if max(map(len, self.family)) <= MAX_BESIDE_LENGTH:
            self.label_side_widget = self.box
        else:
            layout.addWidget(self.box)

    def show_value(self, value: Any, is_given: bool) -> None:
        self._kind, params = kind_and_params(value)
        known = canonical_name(self.family, self._kind)
        is_empty = self._kind is None and not self.field.optional
        text = "choose" if is_empty else format_plain_value(value)
        self.box.select_data(known or self._kind, text)
        set_property(self.box, "unset", not is_given)
        self.show_params(self.family[known] if known else None, params)

    def value_with(self, params: Params) -> Any:
        return plain_value(str(self._kind), params)

    def _on_activated(self) -> None:
        kind = self.box.currentData()
        if kind is None:
            self.emit_step(None)
        elif kind != canonical_name(self.family, self._kind):
            known = self.family[kind].model_fields
            kept = {name: value for name, value in self._params.items() if name in known}
            self.emit_step(plain_value(kind, kept))


class NestedSchemaEditor(ParamsEditor):
    """An editor of a nested object. If null is accepted, a switch chooses null or an object."""

    def __init__(self, field: FormField, context: InspectorContext) -> None:
        super().__init__(field, context)
        column_layout(parent=self, spacing=4)
        self.switch = Switch(context.theme)
        self.switch.setAccessibleName(field.label)
        self.control = self.switch
        if field.optional:
            self.label_side_widget = self.switch
        self.switch.clicked.connect(self._on_clicked)

    def show_value(self, value: Any, is_given: bool) -> None:
        is_on = isinstance(value, Mapping)
        self.switch.setChecked(is_on)
        self.show_params(self.field.schema if is_on else None, value if is_on and is_given else {})

    def value_with(self, params: Params) -> Any:
        return dict(params)

    def _on_clicked(self) -> None:
        self.emit_step({} if self.switch.isChecked() else None)
