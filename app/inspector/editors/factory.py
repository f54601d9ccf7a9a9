"""Which editor edits which field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from app.inspector.choices import ChoiceEditor, SwitchEditor
from app.inspector.editor import Editor
from app.inspector.fields import Field, Way
from app.inspector.line_editors import LineEditor, NumberEditor
from app.inspector.list_editors import LinesEditor, TableEditor
from app.inspector.named_editor import NamedEditor, NestedEditor
from app.inspector.several_editor import SeveralEditor
from app.inspector.surroundings import Surroundings
from app.inspector.values import how, read_json, read_numbers, shown_numbers


def make(field: Field, around: Surroundings) -> Editor:
    """Return a new editor for a field."""
    return _MAKERS[field.way](field, around)


def _numbers(field: Field) -> Editor:
    hint = "none" if field.optional else "such as 28, 28, 1" if field.free else "required"
    editor = LineEditor(field, partial(read_numbers, field), shown_numbers, hint)
    editor.line.setAccessibleDescription(how(field))
    return editor


_MAKERS: Mapping[Way, Callable[[Field, Surroundings], Editor]] = {
    "number": lambda field, _: NumberEditor(field),
    "switch": lambda field, around: SwitchEditor(field, around.theme),
    "choice": lambda field, _: ChoiceEditor(field),
    "numbers": lambda field, _: _numbers(field),
    "text": lambda field, _: LineEditor(field, str.strip),
    "lines": lambda field, _: LinesEditor(field),
    "table": TableEditor,
    "named": NamedEditor,
    "several": SeveralEditor,
    "nested": NestedEditor,
    "json": lambda field, _: LineEditor(field, read_json),
}
