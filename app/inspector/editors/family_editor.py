"""Editors of things chosen by name, with a form of their own for their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QWidget

from app.controls import Switch
from app.controls.inputs.choice import Choice
from app.controls.layout.tab_order import in_tab_order
from app.inspector.editors.collapsible import Fold
from app.inspector.editors.editor import Editor, column
from app.inspector.editors.value_parser import shown
from app.inspector.fields.context import AnyForm, Surroundings
from app.inspector.fields.node_docs import about_choice
from app.inspector.fields.schema_fields import NOTHING, Field, fields_of
from app.theme.style import set_property
from engine.core.registry import Registry
from engine.core.schema import Schema

Params = Mapping[str, Any]
BESIDE = 10  # letters; a box of longer names takes the whole width
_OPEN = ("optimizer", "schedule", "encoding")  # families whose settings most people look at


def named(value: Any) -> tuple[Any, Params]:
    """Return kind and params of a plain named thing."""
    if isinstance(value, Mapping) and "kind" in value:
        params = value.get("params", {})
        return value["kind"], params if isinstance(params, Mapping) else {}
    return value, {}


def plain(kind: str, params: Params) -> Any:
    """Return the shortest way in which a file says a named thing."""
    return {"kind": kind, "params": dict(params)} if params else kind


def canonical(family: Registry[Any], kind: Any) -> str | None:
    """Return the name under which a family lists a kind, None if it has no such kind."""
    if not isinstance(kind, str) or kind not in family:
        return None
    return listed(family, family[kind])


def listed(family: Registry[Any], cls: type[Schema]) -> str | None:
    """Return the name under which a family lists a class, None if it has no such class."""
    return next((name for name in family if family[name] is cls), None)


class PartsEditor(Editor):
    """Base of the editors whose value has fields of its own, edited in a form below."""

    wide = True

    def __init__(self, field: Field, around: Surroundings) -> None:
        super().__init__(field)
        self._around = around
        self._cls: type[Schema] | None = None
        self._params: Params = {}
        self.fold: Fold | None = None

    @property
    def form(self) -> AnyForm | None:
        """The form of the parameters, None while it is folded away."""
        content = self.fold.content if self.fold else None
        return content if isinstance(content, AnyForm) else None

    def whole(self, params: Params) -> Any:
        """Return the value that has these parameters."""
        raise NotImplementedError(type(self).__name__)

    def commit(self) -> None:
        """Hand in what was typed in the form."""
        if self.form is not None:
            self.form.commit()

    def show_parts(self, cls: type[Schema] | None, params: Params) -> None:
        """Offer a form for these parameters, None for nothing that has any."""
        self._params = params
        if cls is not self._cls:
            self._cls = cls
            if self.fold is not None:
                self.fold.hide()
                self.fold.deleteLater()
                self.fold = None
            if cls is not None and cls.model_fields:
                self._open(cls)
        if self.fold is not None:
            self.fold.note(f"{len(params)} changed" if params else "")
        self._on_built()

    def _open(self, cls: type[Schema]) -> None:
        family = self.field.family
        opened = family is None or family.noun in _OPEN
        opened = opened or any(field.required for field in fields_of(cls))
        title = f"Settings of {cls.kind() if family is None else listed(family, cls)}"
        key = f"{self.field.name}/{cls.__name__}"
        self.fold = Fold(self._around, title, key, self._build, opened, self)
        self.fold.built.connect(self._on_built)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.fold)
        in_tab_order(self.control, [self.fold.header, *self.fold.findChildren(QWidget)])

    def _build(self, parent: QWidget) -> QWidget:
        assert self._cls is not None
        form = self._around.form_inside(self._around, self._cls, parent)
        form.edited.connect(self._on_edited)
        form.typed.connect(self._on_typed)
        form.settled.connect(self.settled)
        form.reset.connect(self._on_reset)
        return form

    def _on_built(self) -> None:
        if self.form is not None:
            self.form.show_values(self._params)

    def _on_edited(self, name: str, value: Any) -> None:
        self.edited.emit(self.whole({**self._params, name: value}))

    def _on_typed(self, name: str, value: Any) -> None:
        self.typed.emit(self.whole({**self._params, name: value}))

    def _on_reset(self, name: str) -> None:
        kept = {other: value for other, value in self._params.items() if other != name}
        self.edited.emit(self.whole(kept))


class NamedEditor(PartsEditor):
    """One of a family, by name."""

    def __init__(self, field: Field, around: Surroundings) -> None:
        super().__init__(field, around)
        assert field.family is not None
        self.family: Registry[Any] = field.family
        self._kind: Any = None
        self.box = Choice()
        self.control = self.box
        self.box.setAccessibleName(field.label)
        if field.optional:
            self.box.add(NOTHING, None, field.help)
        for name in self.family:
            self.box.add(name, name, about_choice(self.family[name]))
        self.box.activated.connect(self._on_activated)
        layout = column(self)
        if max(map(len, self.family)) <= BESIDE:
            self.aside = self.box
        else:
            layout.addWidget(self.box)

    def show_value(self, value: Any, given: bool) -> None:
        """Show which one it is, and its parameters."""
        self._kind, params = named(value)
        known = canonical(self.family, self._kind)
        empty = self._kind is None and not self.field.optional
        self.box.show_data(known or self._kind, "choose" if empty else shown(value))
        set_property(self.box, "unset", not given)
        self.show_parts(self.family[known] if known else None, params)

    def whole(self, params: Params) -> Any:
        """Return the shortest way to say the kind with these parameters."""
        return plain(str(self._kind), params)

    def _on_activated(self) -> None:
        kind = self.box.currentData()
        if kind is None:
            self.edited.emit(None)
        elif kind != canonical(self.family, self._kind):
            known = self.family[kind].model_fields
            kept = {name: value for name, value in self._params.items() if name in known}
            self.edited.emit(plain(kind, kept))


class NestedEditor(PartsEditor):
    """A value that is nothing but its fields; where null is a value, a switch is before it."""

    def __init__(self, field: Field, around: Surroundings) -> None:
        super().__init__(field, around)
        column(self)
        self.switch = Switch(around.theme)
        self.switch.setAccessibleName(field.label)
        self.control = self.switch
        if field.optional:
            self.aside = self.switch
        self.switch.clicked.connect(self._on_clicked)

    def show_value(self, value: Any, given: bool) -> None:
        """Show whether it is on, and its fields."""
        on = isinstance(value, Mapping)
        self.switch.setChecked(on)
        self.show_parts(self.field.schema if on else None, value if on and given else {})

    def whole(self, params: Params) -> Any:
        """Return the fields as they are."""
        return dict(params)

    def _on_clicked(self) -> None:
        self.edited.emit({} if self.switch.isChecked() else None)
