"""The part of an Input's or Output's form that says which column feeds it, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.controls import Heading
from app.documents import column_mapping
from app.documents.session import Session
from app.inspector.editors.choices import ChoiceEditor
from app.inspector.editors.editor import column as column_of
from app.inspector.editors.family_editor import NamedEditor
from app.inspector.fields.context import Surroundings
from app.inspector.fields.schema_fields import Field
from app.inspector.form.diagnostics_box import plain_label
from app.inspector.form.field_row import Row
from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.edits import node_edits
from engine.graph.model import Node
from engine.recipe.data_mapping import Side, Source
from engine.recipe.encoding import ENCODINGS, plain

_GAP = 8
_COLUMN = "Column of the data that feeds it; drag columns onto the node to feed it several."
_COLUMNS = "Columns side by side, in this order."
_FITS = "as it fits"
_ENCODE = f"How cells become numbers; {_FITS} leaves it to the column and to what the node takes."


def _field(name: str, label: str, help: str, **more: Any) -> Field:
    plain_field: dict[str, Any] = {
        "says": "", "required": False, "optional": True, "default": None, "default_text": "none",
    }  # fmt: skip
    return Field(name, label, help, **{**plain_field, **more})


class _ColumnEditor(ChoiceEditor):
    """A box of columns as wide as the form, since they may be called anything."""

    wide = True


class DataSection(QWidget):
    """Edits one entry of the document's `data` block.

    Signals:
        data_asked: the table is to be shown.
    """

    data_asked = Signal()

    def __init__(self, around: Surroundings, session: Session, node: Node, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._node = session, node.name
        side = column_mapping.mapping_section(node)
        assert side is not None, "only Inputs and Outputs take columns"
        self._side: Side = side
        column = _field("column", "Column", _COLUMN, way="choice")
        self.column = Row(around, column, self, _ColumnEditor(column))
        self.columns = Row(around, _field("columns", "Columns", _COLUMNS, way="lines"), self)
        encoder = _field("encode", "Encoder", _ENCODE, way="named", family=ENCODINGS)
        self.encode = Row(around, replace(encoder, default_text=_FITS), self)
        assert isinstance(self.encode.editor, NamedEditor)
        self.encode.editor.box.setItemText(0, _FITS)
        self._none = plain_label("No data is chosen yet.", "dim")
        self._show = QPushButton("Show the data")
        self._show.setObjectName("inspector-show-data")
        self._show.clicked.connect(self.data_asked)
        below = QHBoxLayout()
        below.addWidget(self._none)
        below.addStretch(1)
        below.addWidget(self._show)
        layout = column_of(self, _GAP)
        layout.addWidget(Heading("Data"))
        for row in (self.column, self.columns, self.encode):
            layout.addWidget(row)
            row.edited.connect(self._on_edited)
            row.typed.connect(self._on_typed)
            row.settled.connect(session.document.end_merge)
            row.reset.connect(self._on_reset)
            row.mend.connect(self._on_mend)
        layout.addLayout(below)
        session.contents_changed.connect(self.refresh)
        session.data_changed.connect(self.refresh)
        session.request_contents()
        self.refresh()

    def show_node(self, node: Node) -> None:
        """Follow a node that may have been renamed."""
        self._node = node.name
        self.refresh()

    def commit(self) -> None:
        """Hand in what was typed and not taken yet."""
        for row in (self.column, self.columns, self.encode):
            row.editor.commit()

    def refresh(self) -> None:
        """Show what the document says, and which columns there are."""
        session = self._session
        if self._node not in session.graph:
            return
        source, given = self._source(), self._given
        self._fill(source.names)
        several = len(source.names) > 1
        self.column.setVisible(not several)
        self.column.show_value(source.names[0] if given else None, given)
        self.columns.setVisible(several)
        self.columns.show_value(list(source.names), given)
        encoding = self._encoding(source)
        self.encode.show_value(encoding, encoding is not None)
        mixed = several and len(set(map(str, map(plain, source.encodings)))) > 1
        own = "Each column has its own. Another one goes to all." if mixed else ""
        kind = column_mapping.default_encoding(session, self._node) if encoding is None else ""
        self.encode.remark(own or (f"In effect: {kind}." if kind else ""))
        known = session.contents
        asked = known is not None and all(name in known.column_statistics for name in source.names)
        reason = (
            column_mapping.assignment_error(session, source.names, self._node)
            if given and asked
            else ""
        )
        row = self.columns if several else self.column
        row.remark(reason)
        row.show_findings(self._found())
        self._none.setVisible(session.data is None)
        self._show.setText("Choose data…" if session.data is None else "Show the data")

    @property
    def _given(self) -> bool:
        return self._node in column_mapping.data_mapping(self._session.project).named(self._side)

    def _source(self) -> Source:
        return column_mapping.data_mapping(self._session.project).source(self._side, self._node)

    def _encoding(self, source: Source) -> Any:
        return plain(source.encodings[0])

    def _found(self) -> Sequence[Diagnostic]:
        place = f"data.{self._side}.{self._node}"
        report = self._session.report
        return [found for found in report.diagnostics if (found.place or "").startswith(place)]

    def _fill(self, names: Sequence[str]) -> None:
        """List the columns of the data, and one that the document names though it is not there."""
        editor = self.column.editor
        assert isinstance(editor, ChoiceEditor)
        contents = self._session.contents
        there = [] if contents is None else list(contents.columns)
        lone = list(names) if len(names) == 1 and self._given else []
        wanted = [None, *dict.fromkeys([*there, *lone])]
        box = editor.box
        if [box.itemData(at) for at in range(box.count())] == wanted:
            box.setItemText(0, self._own_name())
            return
        box.clear()
        for name in wanted:
            box.add(self._own_name() if name is None else name, name)

    def _own_name(self) -> str:
        return f"as named: {self._node}"

    # What the person does.

    def _on_edited(self, field: str, value: Any) -> None:
        self._write(None, field, value)

    def _on_typed(self, field: str, value: Any) -> None:
        self._write(("data", self._side, self._node, field), field, value)

    def _on_reset(self, field: str) -> None:
        self._write(None, field, None)

    def _write(self, merge: Any, field: str, value: Any) -> None:
        if field == "column" and value is not None:
            column_mapping.assign_columns(self._session, [value], self._node)
            return
        if field == "columns" and value:
            column_mapping.assign_columns(self._session, value, self._node)
            return
        entry = None if field != "encode" else self._encoded(value)
        label = f"Set the encoder of {self._node}" if field == "encode" else f"Feed {self._node}"
        self._session.edit_merging(
            merge, label, node_edits.set_mapping, self._side, self._node, entry
        )

    def _encoded(self, value: Any) -> Mapping[str, Any]:
        """Return the entry with another encoding; what the old one alone can use goes."""
        source = self._source()
        kept = {key: each for key, each in source.params().items() if key not in _ENCODED}
        entry = {**kept, **({"encode": value} if value is not None else {})}
        labels = source.params().get("labels")
        if labels is None:
            return entry
        labelled = Source.try_from_params({**entry, "labels": labels})
        fits = isinstance(labelled, Source) and not labelled.fault()
        return {**entry, "labels": labels} if fits else entry

    def _on_mend(self, fix: object) -> None:
        assert isinstance(fix, Fix)
        self._session.apply_fix(fix)


_ENCODED = ("encode", "scale", "labels")
