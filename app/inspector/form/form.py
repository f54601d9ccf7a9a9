"""A form: a row for each field of a schema, those that few people touch folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.inspector.editors.collapsible import Fold
from app.inspector.fields.context import AnyForm, Found, Surroundings
from app.inspector.fields.schema_fields import Field, fields_of
from app.inspector.form.field_row import Row
from engine.core.schema import Schema

_GAP = 8


class Form(AnyForm):
    """The form of a schema, as wide as a dock or set in below the editor that it belongs to."""

    def __init__(
        self, around: Surroundings, schema: type[Schema], parent: QWidget, inside: bool = False
    ) -> None:
        super().__init__(parent)
        self._around, self.schema = around, schema
        self._rows: dict[str, Row] = {}
        self._values: Mapping[str, Any] = {}
        self._found: Found = {}
        self._mixed: frozenset[str] = frozenset()
        self._more: Fold | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12 if inside else 0, 2 if inside else 0, 0, 0)
        self._layout.setSpacing(_GAP)
        fields = fields_of(schema)
        often = [field for field in fields if not field.rare]
        self._rare = [field for field in fields if field.rare] if often else []
        self._fill(self._layout, often or fields)
        if self._rare:
            self._more = Fold(
                around, "More", f"more/{schema.__name__}", self._build_more, parent=self
            )
            self._more.built.connect(self._on_more_built)
            self._layout.addWidget(self._more)

    @property
    def rows(self) -> Mapping[str, Row]:
        """The rows by field, those of an unopened fold left out."""
        return self._rows

    @property
    def more(self) -> Fold | None:
        """The fold of the fields that few people touch."""
        return self._more

    def in_sight(self, field: str) -> bool:
        """Return whether a field has a row, and that is not folded away."""
        row = self._rows.get(field)
        return row is not None and (self._more is None or self._more.open or not row.field.rare)

    def show_values(
        self,
        values: Mapping[str, Any],
        found: Found | None = None,
        mixed: frozenset[str] = frozenset(),
    ) -> None:
        """Show the given values, what was found about each, and which differ between nodes."""
        self._values, self._found, self._mixed = values, found or {}, mixed
        for name, row in self._rows.items():
            field = row.field
            value = values.get(name, field.default)
            row.show_value(value, name in values, name in mixed)
            row.show_findings(self._found.get(name, ()))
        self._count()

    def commit(self) -> None:
        """Hand in what was typed and not taken yet."""
        for row in self._rows.values():
            row.editor.commit()

    def _fill(self, layout: QVBoxLayout, fields: Sequence[Field]) -> None:
        for field in fields:
            row = Row(self._around, field, layout.parentWidget())
            row.edited.connect(self.edited)
            row.typed.connect(self.typed)
            row.settled.connect(self.settled)
            row.reset.connect(self.reset)
            row.mend.connect(self.mend)
            self._rows[field.name] = row
            layout.addWidget(row)

    def _build_more(self, parent: QWidget) -> QWidget:
        box = QWidget(parent)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.setSpacing(_GAP)
        self._fill(layout, self._rare)
        return box

    def _on_more_built(self) -> None:
        self.show_values(self._values, self._found, self._mixed)

    def _count(self) -> None:
        if self._more is None:
            return
        changed = sum(field.name in self._values for field in self._rare)
        wrong = sum(bool(self._found.get(field.name)) for field in self._rare)
        said = [f"{changed} changed"] if changed else []
        self._more.note(", ".join([*said, *([f"{wrong} to mend"] if wrong else [])]))


def form_inside(around: Surroundings, schema: type[Schema], parent: QWidget) -> Form:
    """Return a form that stands below the editor of a thing with fields of its own."""
    return Form(around, schema, parent, inside=True)
