"""The data section in the form of an Input or Output: the data columns and their encoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from app.controls import Heading
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, row_layout
from app.documents import column_assignment, column_mapping
from app.documents.session import Session
from app.inspector.editors.choices import ChoiceEditor
from app.inspector.editors.family_editor import RegistryEditor
from app.inspector.fields.context import InspectorContext
from app.inspector.fields.schema_fields import FormField
from app.inspector.form.field_row import FieldRow
from engine.core.diagnostic import Diagnostic
from engine.core.field_text import field_texts
from engine.graph.edits import field_edits
from engine.graph.model import Node
from engine.recipe.data_mapping import PortSide, Source
from engine.recipe.encoding import ENCODINGS, encoding_to_json

_GAP = 8
_HELP = {name: text.description for name, text in field_texts(Source).items()}
_COLUMN_HELP = f"{_HELP['column']} Drag columns onto the node to assign several."
_AUTO = "auto"
_ENCODE_HELP = f"{_HELP['encode']} {_AUTO} chooses by the column and the node."


def _field(name: str, label: str, help: str, **options: Any) -> FormField:
    """Return a form field for an optional setting of a node's data, such as "column"."""
    defaults: dict[str, Any] = {
        "accepts": "",
        "required": False,
        "optional": True,
        "default": None,
        "default_text": "none",
    }
    return FormField(name, label, help, **{**defaults, **options})


class _ColumnEditor(ChoiceEditor):
    """A combo box of columns. It has the full width of the form because names can be long."""

    is_wide = True


class DataSection(QWidget):
    """A form section that edits the entry of one node in the data mapping."""

    def __init__(
        self, context: InspectorContext, session: Session, node: Node, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._node = session, node.name
        side = column_mapping.mapping_section(node)
        assert side is not None, "only Inputs and Outputs take columns"
        self._side: PortSide = side
        column = _field("column", "Column", _COLUMN_HELP, editor="choice")
        self.column_row = FieldRow(context, self, column, self, _ColumnEditor(column))
        columns = _field("columns", "Columns", _HELP["columns"], editor="lines")
        self.columns_row = FieldRow(context, self, columns, self)
        encoder = _field("encode", "Encoder", _ENCODE_HELP, editor="named", family=ENCODINGS)
        self.encoder_row = FieldRow(context, self, replace(encoder, default_text=_AUTO), self)
        assert isinstance(self.encoder_row.editor, RegistryEditor)
        self.encoder_row.editor.box.setItemText(0, _AUTO)
        self._no_data_label = plain_label("No data chosen.", "dim")
        self._show = QPushButton("Show the data")
        self._show.clicked.connect(context.show_data)
        below = row_layout(self._no_data_label, None, self._show)
        layout = column_layout(Heading("Data"), parent=self, spacing=_GAP)
        for row in (self.column_row, self.columns_row, self.encoder_row):
            layout.addWidget(row)
        layout.addLayout(below)
        session.table_contents_changed.connect(self.refresh)
        session.data_changed.connect(self.refresh)
        session.request_table_contents()
        self.refresh()

    def show_node(self, node: Node) -> None:
        """Show the node after an edit, which may have renamed it."""
        self._node = node.name
        self.refresh()

    def commit(self) -> None:
        """Commit the pending input of all fields."""
        for row in (self.column_row, self.columns_row, self.encoder_row):
            row.editor.commit()

    def refresh(self) -> None:
        """Show the columns and encoder assigned to the node, and the available columns."""
        session = self._session
        if self._node not in session.graph:
            return
        source, is_mapped = self._source(), self._is_mapped
        self._list_columns(source.column_names)
        has_several = len(source.column_names) > 1
        self.column_row.setVisible(not has_several)
        self.column_row.show_value(source.column_names[0] if is_mapped else None, is_mapped)
        self.columns_row.setVisible(has_several)
        self.columns_row.show_value(list(source.column_names), is_mapped)
        encoding = self._encoding(source)
        self.encoder_row.show_value(encoding, encoding is not None)
        is_mixed = has_several and len(set(map(str, map(encoding_to_json, source.encodings)))) > 1
        note = "Columns have different encoders. A new one applies to all." if is_mixed else ""
        kind = column_mapping.default_encoding(session, self._node) if encoding is None else ""
        self.encoder_row.show_note(note or (f"In effect: {kind}." if kind else ""))
        contents = session.table_contents
        known = {} if contents is None else contents.column_statistics
        reason = ""
        if is_mapped and all(name in known for name in source.column_names):
            reason = column_assignment.assignment_error(session, source.column_names, self._node)
        row = self.columns_row if has_several else self.column_row
        row.show_note(reason)
        row.show_diagnostics(self._diagnostics())
        self._no_data_label.setVisible(session.data_path is None)
        self._show.setText("Choose data…" if session.data_path is None else "Show the data")

    @property
    def _is_mapped(self) -> bool:
        return self._node in column_mapping.data_mapping(self._session.project).sources(self._side)

    def _source(self) -> Source:
        return column_mapping.data_mapping(self._session.project).source(self._side, self._node)

    def _encoding(self, source: Source) -> Any:
        return encoding_to_json(source.encodings[0])

    def _diagnostics(self) -> Sequence[Diagnostic]:
        place = f"data.{self._side}.{self._node}"
        diagnostics = self._session.report.diagnostics
        return [item for item in diagnostics if (item.place or "").startswith(place)]

    def _list_columns(self, names: Sequence[str]) -> None:
        """List the columns of the data in the column box.

        If `names` is one column that is assigned to the node, list it even if the data lacks it.
        """
        editor = self.column_row.editor
        assert isinstance(editor, ChoiceEditor)
        contents = self._session.table_contents
        available = [] if contents is None else list(contents.columns)
        mapped = list(names) if len(names) == 1 and self._is_mapped else []
        choices = [None, *dict.fromkeys([*available, *mapped])]
        box = editor.box
        if [box.itemData(row) for row in range(box.count())] == choices:
            box.setItemText(0, self._default_text())
            return
        box.clear()
        for name in choices:
            box.add_item(self._default_text() if name is None else name, name)

    def _default_text(self) -> str:
        """Return the label of the default choice of column: the column named like the node."""
        return f"same as node name: {self._node}"

    # The section is the `EditTarget` of its rows.

    def set(self, field: str, value: Any) -> None:
        self._write(("data", self._side, self._node, field), field, value)

    def reset(self, field: str) -> None:
        self._write(None, field, None)

    def finish(self) -> None:
        self._session.undo_history.end_merge()

    def _write(self, merge: Any, field: str, value: Any) -> None:
        if field == "column" and value is not None:
            column_assignment.assign_columns(self._session, [value], self._node)
            return
        if field == "columns" and value:
            column_assignment.assign_columns(self._session, value, self._node)
            return
        entry = None if field != "encode" else self._entry_with_encoding(value)
        label = f"Set encoder of {self._node}" if field == "encode" else f"Assign to {self._node}"
        edit = field_edits.set_mapping
        self._session.edit_merging(merge, label, edit, self._side, self._node, entry)

    def _entry_with_encoding(self, value: Any) -> Mapping[str, Any]:
        """Return the data entry of the node with the encoder `value`; None is the default encoder.

        Options of the previous encoder are removed, except labels that the new encoder accepts.
        """
        source = self._source()
        kept = {key: option for key, option in source.params().items() if key not in _ENCODING_KEYS}
        entry = {**kept, **({"encode": value} if value is not None else {})}
        labels = source.params().get("labels")
        if labels is None:
            return entry
        candidate = Source.try_from_params({**entry, "labels": labels})
        accepts_labels = isinstance(candidate, Source) and not candidate.find_conflict()
        return {**entry, "labels": labels} if accepts_labels else entry


_ENCODING_KEYS = ("encode", "scale", "labels")
