"""An editor of several things chosen by name: a chip for each, and a box that adds one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from app.controls.inputs.choice import Choice
from app.inspector.editors.editor import Editor, column
from app.inspector.editors.family_editor import Params, canonical, named, plain
from app.inspector.editors.flow_layout import FlowLayout
from app.inspector.editors.value_parser import same, shown
from app.inspector.fields.context import AnyForm, Surroundings
from app.inspector.fields.node_docs import about_choice
from app.inspector.fields.schema_fields import Field, fields_of
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from engine.core.schema import Schema
from engine.layers.base import first_line

MOST = 100  # chips; a file may hold any number, and the others are kept


class SeveralEditor(Editor):
    """Several of a family, such as metrics, or of the names that are suggested, such as scores."""

    wide = True

    def __init__(self, field: Field, around: Surroundings) -> None:
        super().__init__(field)
        self._around = around
        self._values: list[Any] = []
        self._opened = -1
        self._form: AnyForm | None = None
        self._layout = column(self)
        self._chips = QWidget()
        self._flow = FlowLayout()
        self._chips.setLayout(self._flow)
        self._layout.addWidget(self._chips)
        self.box = Choice()
        add = f"Add a {field.family.noun if field.family is not None else 'score'}"
        self.box.setAccessibleName(add)
        self.box.setPlaceholderText(add)
        for name in field.family or ():
            self.box.add(name, name, about_choice(field.family[name]) if field.family else "")
        self.box.setCurrentIndex(-1)
        self.box.activated.connect(self._on_activated)
        self._layout.addWidget(self.box)
        self.control = self.box
        self.setFocusProxy(self.box)

    def _suggest(self, names: Sequence[str]) -> None:
        """Offer these names."""
        if list(names) != [self.box.itemText(row) for row in range(self.box.count())]:
            self.box.clear()
            self.box.addItems(list(names))
            self.box.setCurrentIndex(-1)

    def show_value(self, value: Any, given: bool) -> None:
        """Show a chip for each."""
        values = value if isinstance(value, list) else []
        if self.field.family is None:
            self._suggest(self._around.scores())
        if not same(values, self._values) or self._flow.count() != len(values[:MOST]):
            self._values = list(values)
            self._build_chips()
        self._show_form()

    def mark(self, wrong: bool) -> None:
        """Leave the box that adds as it is: what is wrong stands above it."""

    def commit(self) -> None:
        """Hand in what was typed in the form of the opened chip."""
        if self._form is not None:
            self._form.commit()

    def chips(self) -> list[QWidget]:
        """Return the chips in order."""
        items = [self._flow.itemAt(place) for place in range(self._flow.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if widget is not None]

    def _build_chips(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, value in enumerate(self._values[:MOST]):
            self._flow.addWidget(self._chip(place, value))
        self._chips.setVisible(bool(self._values))
        self._chips.updateGeometry()

    def _chip(self, place: int, value: Any) -> QFrame:
        chip = QFrame()
        chip.setObjectName("inspector-chip")
        words, remove = QToolButton(), QToolButton()
        text, tip = self._told(value)
        words.setText(text.replace("&", "&&"))
        words.setAccessibleName(text)
        words.setToolTip(plain_tooltip(tip))
        words.setCheckable(True)
        words.setChecked(place == self._opened)
        words.setEnabled(bool(self._cls(value)))
        words.clicked.connect(self._on_chip_clicked)
        remove.setIcon(icon(self._around.theme, "close", "dim"))
        remove.setAccessibleName(f"Remove {text}")
        remove.setToolTip(plain_tooltip(f"Remove {text}"))
        remove.clicked.connect(self._on_remove_clicked)
        line = QHBoxLayout(chip)
        line.setContentsMargins(6, 1, 2, 1)
        line.setSpacing(0)
        for button in (words, remove):
            button.setAutoRaise(True)
            button.setProperty("place", place)
            line.addWidget(button)
        return chip

    def _cls(self, value: Any) -> type[Schema] | None:
        """Return the class of a chip that has settings of its own, else None."""
        family = self.field.family
        known = canonical(family, named(value)[0]) if family is not None else None
        cls: type[Schema] | None = family[known] if family is not None and known else None
        return cls if cls is not None and fields_of(cls) else None

    def _told(self, value: Any) -> tuple[str, str]:
        kind, params = named(value)
        if isinstance(value, dict) and "name" in value and "kind" not in value:
            return shown(value["name"]), shown(value)
        said = ", ".join(f"{name} {shown(each)}" for name, each in params.items())
        cls = self._cls(value)
        tip = f"{first_line(cls)} Click for its settings." if cls else shown(value)
        return f"{shown(kind)} ({said})" if said else shown(kind), tip

    def _show_form(self) -> None:
        at = self._opened
        cls = self._cls(self._values[at]) if 0 <= at < len(self._values) else None
        if self._form is not None and (cls is None or self._form.schema is not cls):
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        if cls is not None and self._form is None:
            self._form = self._around.form_inside(self._around, cls, self)
            self._form.edited.connect(self._on_param_edited)
            self._form.typed.connect(self._on_param_typed)
            self._form.settled.connect(self.settled)
            self._form.reset.connect(self._on_param_reset)
            self._layout.insertWidget(1, self._form)
        if self._form is not None:
            self._form.show_values(self._params)

    @property
    def _params(self) -> Params:
        """What is set of the opened chip."""
        return named(self._values[self._opened])[1]

    def _whole(self, params: Params) -> list[Any]:
        """Return all values, the opened one with these parameters."""
        values = list(self._values)
        values[self._opened] = plain(named(values[self._opened])[0], params)
        return values

    def _on_param_edited(self, name: str, value: Any) -> None:
        self.edited.emit(self._whole({**self._params, name: value}))

    def _on_param_typed(self, name: str, value: Any) -> None:
        self.typed.emit(self._whole({**self._params, name: value}))

    def _on_param_reset(self, name: str) -> None:
        kept = {other: value for other, value in self._params.items() if other != name}
        self.edited.emit(self._whole(kept))

    def _on_activated(self, row: int) -> None:
        name = self.box.itemText(row)
        self.box.setCurrentIndex(-1)
        self.edited.emit([*self._values, name])

    def _on_chip_clicked(self) -> None:
        place = int(self.sender().property("place"))
        self._opened = -1 if place == self._opened else place
        self._build_chips()
        self._show_form()

    def _on_remove_clicked(self) -> None:
        place = int(self.sender().property("place"))
        self._opened = -1
        self.edited.emit([value for at, value in enumerate(self._values) if at != place])
