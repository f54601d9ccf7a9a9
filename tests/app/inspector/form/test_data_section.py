"""The form of an Input or Output says which column feeds it and how, and changes that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel

from app.documents.session import Session
from app.documents.table_contents import TableContents, read_contents
from app.inspector.editors.family_editor import RegistryEditor
from app.inspector.form.data_section import DataSection
from app.inspector.views.node_view import NodeInspectorView
from engine.graph.edits import field_edits
from engine.recipe.csv_dialect import Dialect
from tests.app.inspector.editing import choose

ROWS = "\n".join(
    [
        "post,age,income,note",
        *(f"some words of row {n},{n % 60},{n % 5},{n * 0.7}" for n in range(99)),
    ]
)


@pytest.fixture
def section(
    select: Callable[[str], NodeInspectorView], session: Session, tmp_path: Path
) -> DataSection:
    """The section of the Input, with data that has been read."""
    data = tmp_path / "rows.csv"
    data.write_text(ROWS)
    session.data_path = data
    steps: list[TableContents] = []
    read_contents(data, Dialect(), steps.append)
    session.set_table_contents(steps[-1])
    view = select("posts")
    assert view.data_section is not None
    return view.data_section


def texts(box: QComboBox) -> list[str]:
    return [box.itemText(at) for at in range(box.count())]


def entry(session: Session, name: str = "posts", side: str = "inputs") -> object:
    return session.project.data.get(side, {}).get(name)


def encoder(section: DataSection) -> RegistryEditor:
    assert isinstance(section.encoder_row.editor, RegistryEditor)
    return section.encoder_row.editor


def test_only_inputs_and_outputs_have_the_section(select):
    assert select("posts").data_section is not None
    assert select("age").data_section is not None
    assert select("conv").data_section is None


def test_columns_of_the_data_are_listed(section):
    assert texts(section.column_row.editor.box) == [
        "same as node name: posts",
        "post",
        "age",
        "income",
        "note",
    ]


def test_a_chosen_column_comes_with_a_proposed_encoder_as_one_step(section, session):
    session.edit("Map", field_edits.set_mapping, "inputs", "posts", None)
    before = session.project
    choose(section.column_row.editor.box, "post")
    assert entry(session)["column"] == "post"
    assert entry(session)["encode"] == {"kind": "text", "params": {}} or entry(session)["encode"]
    assert encoder(section).box.currentText() == "text"
    session.undo()
    assert session.project == before
    assert section.column_row.editor.box.currentText() == "same as node name: posts"


def test_parameters_of_the_encoder_are_a_form_of_its_schema(section, session):
    choose(section.column_row.editor.box, "post")
    form = encoder(section).form
    assert form is not None
    assert set(form.rows) == {"unit", "vocabulary", "lower", "length", "pad"}
    field = form.rows["vocabulary"].editor.control
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "500")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert entry(session)["encode"]["params"]["vocabulary"] == 500
    choose(form.rows["unit"].editor.box, "character")
    assert entry(session)["encode"]["params"]["unit"] == "character"


def test_no_encoder_leaves_it_to_the_column(section, session):
    choose(section.column_row.editor.box, "post")
    choose(encoder(section).box, "auto")
    assert entry(session) == {"column": "post"}


def test_the_encoder_in_effect_is_told_where_none_is_written(section, session):
    """Words are encoded though nobody asked for that."""
    session.edit("Map", field_edits.set_mapping, "inputs", "posts", {"column": "post"})
    session.current_report()
    assert encoder(section).box.currentText() == "auto"
    assert "In effect: text." in [
        label.text() for label in section.encoder_row.findChildren(QLabel)
    ]
    choose(encoder(section).box, "category")
    assert not any(
        label.isVisible() and label.text().startswith("In effect")
        for label in section.encoder_row.findChildren(QLabel)
    )


def test_channels_of_pictures_are_numbers(section, session):
    choose(encoder(section).box, "image")
    form = encoder(section).form
    choose(form.rows["channels"].editor.box, "3")
    assert entry(session)["encode"] == {"kind": "image", "params": {"channels": 3}}


def test_a_column_that_does_not_fit_is_told(section, session, qtbot):
    choose(section.column_row.editor.box, "note")
    said = [label.text() for label in section.column_row.findChildren(QLabel)]
    assert any("note holds continuous values" in text for text in said)


def test_the_way_back_is_the_column_of_the_nodes_own_name(section, session):
    choose(section.column_row.editor.box, "post")
    section.column_row.reset_button.click()
    assert entry(session) is None


def test_an_output_says_its_target(select, section, session):
    view = select("age")
    choose(view.data_section.column_row.editor.box, "income")
    assert entry(session, "age", "targets")["column"] == "income"


def test_several_columns_are_listed_and_share_an_encoder(section, session):
    columns = {"columns": ["age", "income"], "scale": "standardize"}
    session.edit("Map", field_edits.set_mapping, "inputs", "posts", columns)
    assert section.columns_row.isVisible()
    assert encoder(section).box.currentText() == "number"
    choose(encoder(section).box, "category")
    assert entry(session) == {"columns": ["age", "income"], "encode": "category"}


def test_a_node_renamed_in_its_form_keeps_its_section(panel, section, session):
    choose(section.column_row.editor.box, "post")
    name = panel.view.header.name
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, "texts")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert section.column_row.editor.box.itemText(0) == "same as node name: texts"
    choose(encoder(section).box, "none")
    assert entry(session, "texts") == {"column": "post"}


def test_the_section_leads_to_the_data(select, panel, section, qtbot):
    with qtbot.waitSignal(panel.data_requested):
        section._show.click()
