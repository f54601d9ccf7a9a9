"""Creates the editor of a field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from app.inspector.editors.choices import ChoiceEditor, SwitchEditor
from app.inspector.editors.editor import Editor
from app.inspector.editors.family_editor import NamedEditor, NestedEditor
from app.inspector.editors.line_editors import LineEditor, NumberEditor
from app.inspector.editors.list_editors import LinesEditor, TableEditor
from app.inspector.editors.multi_choice import SeveralEditor
from app.inspector.editors.value_parser import how, read_json, read_numbers, shown_numbers
from app.inspector.fields.context import Surroundings
from app.inspector.fields.schema_fields import Field, Way


def make(field: Field, context: Surroundings) -> Editor:
    """Return a new editor for a field."""
    return _EDITORS[field.editor](field, context)


def _number_list_editor(field: Field) -> Editor:
    hint = (
        "none" if field.optional else "such as 28, 28, 1" if field.accepts_dynamic else "required"
    )
    editor = LineEditor(field, partial(read_numbers, field), shown_numbers, hint)
    editor.line.setAccessibleDescription(how(field))
    return editor


_EDITORS: Mapping[Way, Callable[[Field, Surroundings], Editor]] = {
    "number": lambda field, _: NumberEditor(field),
    "switch": lambda field, context: SwitchEditor(field, context.theme),
    "choice": lambda field, _: ChoiceEditor(field),
    "numbers": lambda field, _: _number_list_editor(field),
    "text": lambda field, _: LineEditor(field, str.strip),
    "lines": lambda field, _: LinesEditor(field),
    "table": TableEditor,
    "named": NamedEditor,
    "several": SeveralEditor,
    "nested": NestedEditor,
    "json": lambda field, _: LineEditor(field, read_json),
}
