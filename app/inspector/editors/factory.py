"""Creates the editor of a field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from app.inspector.editors import value_parser
from app.inspector.editors.choices import ChoiceEditor, SwitchEditor
from app.inspector.editors.editor import FieldEditor
from app.inspector.editors.family_editor import NestedSchemaEditor, RegistryEditor
from app.inspector.editors.line_editors import NumberEditor, TextEditor
from app.inspector.editors.list_editors import TextListEditor, WeightTableEditor
from app.inspector.editors.multi_choice import MultiChoiceEditor
from app.inspector.fields.context import InspectorContext
from app.inspector.fields.schema_fields import EditorKind, FormField


def create_editor(field: FormField, context: InspectorContext) -> FieldEditor:
    """Return a new editor for a field."""
    return _EDITORS[field.editor](field, context)


def _number_list_editor(field: FormField) -> FieldEditor:
    required = "such as 28, 28, 1" if field.accepts_dynamic else "required"
    hint = "none" if field.optional else required
    read = partial(value_parser.parse_numbers, field)
    editor = TextEditor(field, read, value_parser.format_numbers, hint)
    editor.line.setAccessibleDescription(value_parser.number_format_hint(field))
    return editor


_EDITORS: Mapping[EditorKind, Callable[[FormField, InspectorContext], FieldEditor]] = {
    "number": lambda field, _: NumberEditor(field),
    "switch": lambda field, context: SwitchEditor(field, context.theme),
    "choice": lambda field, _: ChoiceEditor(field),
    "numbers": lambda field, _: _number_list_editor(field),
    "text": lambda field, _: TextEditor(field, str.strip),
    "lines": lambda field, _: TextListEditor(field),
    "table": WeightTableEditor,
    "named": RegistryEditor,
    "several": MultiChoiceEditor,
    "nested": NestedSchemaEditor,
    "json": lambda field, _: TextEditor(field, value_parser.parse_json),
}
