"""A form with a row per schema field. Rarely changed fields are in a collapsible section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.controls.layout.boxes import column_layout
from app.inspector.editors.collapsible_section import CollapsibleSection
from app.inspector.fields.context import BaseForm, EditTarget, FieldDiagnostics, InspectorContext
from app.inspector.fields.schema_fields import FormField, form_fields
from app.inspector.form.field_row import FieldRow
from engine.core.schema import Schema

_GAP = 8


class SchemaForm(BaseForm):
    """A form with the fields of a schema, either at the top level or nested in another form."""

    def __init__(
        self,
        context: InspectorContext,
        target: EditTarget,
        schema: type[Schema],
        parent: QWidget,
        is_nested: bool = False,
    ) -> None:
        super().__init__(parent)
        self._context, self._target, self.schema = context, target, schema
        self.rows: dict[str, FieldRow] = {}  # by field; those in the section once it was opened
        self._values: Mapping[str, Any] = {}
        self._diagnostics: FieldDiagnostics = {}
        self._mixed: frozenset[str] = frozenset()
        self.advanced_section: CollapsibleSection | None = None
        margins = (12, 2, 0, 0) if is_nested else (0, 0, 0, 0)
        self._layout = column_layout(parent=self, margins=margins, spacing=_GAP)
        fields = form_fields(schema)
        basic = [field for field in fields if not field.is_advanced]
        self._advanced_fields = [field for field in fields if field.is_advanced] if basic else []
        self._add_rows(self._layout, basic or fields)
        if self._advanced_fields:
            self.advanced_section = CollapsibleSection(
                context, "More", f"more/{schema.__name__}", self._build_advanced, parent=self
            )
            self._layout.addWidget(self.advanced_section)

    def is_field_visible(self, field: str) -> bool:
        """Return whether a field has a row, and the row is not in a collapsed section."""
        row, section = self.rows.get(field), self.advanced_section
        if row is None:
            return False
        return section is None or section.is_open or not row.field.is_advanced

    def show_values(
        self,
        values: Mapping[str, Any],
        diagnostics: FieldDiagnostics | None = None,
        mixed_fields: frozenset[str] = frozenset(),
    ) -> None:
        self._values, self._diagnostics, self._mixed = values, diagnostics or {}, mixed_fields
        for name, row in self.rows.items():
            field = row.field
            value = values.get(name, field.default)
            row.show_value(value, name in values, name in mixed_fields)
            row.show_diagnostics(self._diagnostics.get(name, ()))
        self._update_note()

    def commit(self) -> None:
        for row in self.rows.values():
            row.editor.commit()

    def _add_rows(self, layout: QVBoxLayout, fields: Sequence[FormField]) -> None:
        for field in fields:
            row = FieldRow(self._context, self._target, field, layout.parentWidget())
            self.rows[field.name] = row
            layout.addWidget(row)

    def _build_advanced(self, parent: QWidget) -> QWidget:
        box = QWidget(parent)
        layout = column_layout(parent=box, margins=(0, 4, 0, 0), spacing=_GAP)
        self._add_rows(layout, self._advanced_fields)
        self.show_values(self._values, self._diagnostics, self._mixed)
        return box

    def _update_note(self) -> None:
        if self.advanced_section is None:
            return
        changed = sum(field.name in self._values for field in self._advanced_fields)
        invalid = sum(bool(self._diagnostics.get(field.name)) for field in self._advanced_fields)
        notes = [f"{changed} changed"] if changed else []
        notes += [f"{invalid} to fix"] if invalid else []
        self.advanced_section.set_note(", ".join(notes))


def create_nested_form(
    context: InspectorContext, target: EditTarget, schema: type[Schema], parent: QWidget
) -> SchemaForm:
    """Return a form for the fields of a nested value, to place inside another form."""
    return SchemaForm(context, target, schema, parent, is_nested=True)
