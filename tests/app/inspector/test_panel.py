"""The panel with several nodes, with other documents, and with odd files."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.documents.session import Session
from app.inspector.editors.family_editor import RegistryEditor
from app.inspector.form.field_row import FieldRow
from app.inspector.panel import InspectorPanel
from app.inspector.views.node_view import NodeInspectorView
from app.inspector.views.other_views import MultiNodeView, RecipeInspectorView
from engine.graph.edits import field_edits, node_edits
from engine.layers.catalogue import layer_classes
from tests.app.inspector.editing import chips, click, retype, texts_of
from tests.tiers import cases, grid

Select = Callable[[str], NodeInspectorView]
Find = Callable[[str, str], FieldRow]


def test_several_of_one_kind_are_edited_at_once(
    panel: InspectorPanel, session: Session, qtbot: QtBot
):
    """What differs is left blank; an edit sets all of them as one step."""
    before = session.project
    session.select(["conv", "conv_2"])
    qtbot.waitUntil(lambda: isinstance(panel.view, MultiNodeView))
    view = panel.view
    assert isinstance(view, MultiNodeView)
    filters = view.form.rows["filters"].editor.control
    assert filters.text() == ""
    assert filters.placeholderText() == "various"
    retype(filters, "48")
    assert [session.graph[name].params["filters"] for name in ("conv", "conv_2")] == [48, 48]
    assert filters.text() == "48"
    session.undo()
    assert session.project is before


def test_several_of_different_kinds_are_counted(
    panel: InspectorPanel, session: Session, qtbot: QtBot
):
    """Which kinds, how many of each, and what to do."""
    session.select(["conv", "conv_2", "pool"])
    qtbot.waitUntil(lambda: isinstance(panel.view, MultiNodeView))
    assert panel.view.form is None
    assert texts_of(panel.view.info_table) == ["Conv1D", "2", "MaxPooling1D", "1"]


@pytest.mark.slow
def test_every_kind_has_a_form_in_which_everything_has_a_name(
    panel: InspectorPanel, session: Session, select: Select
):
    """All kinds of the catalogue, their rare fields too; each control can be spoken of."""
    for kind in list(layer_classes())[:: cases(8, 1)]:
        session.edit("Add", node_edits.add_node, kind, f"a_{kind}")
        view = select(f"a_{kind}")
        if (
            view.form is not None
            and view.form.advanced_section is not None
            and not view.form.advanced_section.is_open
        ):
            view.form.advanced_section.header.click()
        if view.form is not None:
            assert set(view.form.rows) == set(layer_classes()[kind].model_fields)
        for sort in (QLineEdit, QComboBox, QPlainTextEdit, QAbstractButton):
            for control in view.findChildren(sort):
                text = control.text() if isinstance(control, QAbstractButton) else ""
                assert control.accessibleName() or text, (kind, control)


def test_a_hidden_panel_does_nothing_and_catches_up(
    panel: InspectorPanel, session: Session, qtbot: QtBot
):
    """While hidden it builds no form; once shown it has the selected node."""
    view = panel.view
    panel.hide()
    session.select(["conv_2"])
    session.edit("x", field_edits.set_params, "conv_2", {"filters": 5})
    qtbot.wait(60)
    assert panel.view is view
    panel.show()
    qtbot.waitUntil(lambda: panel.view is not view)
    assert panel.view.form.rows["filters"].editor.control.text() == "5"


def test_a_row_of_selections_builds_the_last_one_only(
    panel: InspectorPanel, session: Session, qtbot: QtBot, monkeypatch
):
    """Walking along wires with a held arrow key does not build a form a node."""
    built = []
    made = panel._create_view
    monkeypatch.setattr(panel, "_create_view", lambda: built.append(1) or made())
    for name in ("words", "pool", "conv_2", "features"):
        session.select([name])
    qtbot.waitUntil(lambda: panel.view.node.name == "features")
    assert len(built) == 1


def test_a_deleted_node_leaves_the_recipe(panel, session: Session, select: Select, qtbot: QtBot):
    """Nothing is written to a node that is gone, whatever was typed."""
    view = select("conv")
    view.form.rows["filters"].editor.control.setFocus()
    QTest.keyClicks(view.form.rows["filters"].editor.control, "1")
    session.edit("Delete", node_edits.remove_node, "conv")
    qtbot.waitUntil(lambda: isinstance(panel.view, RecipeInspectorView))
    assert "conv" not in session.graph


def test_another_document_in_front_is_shown(panel, workspace, session: Session, qtbot: QtBot):
    """The form follows the tab."""
    view = panel.view
    workspace.open(Session())
    qtbot.waitUntil(lambda: panel.view is not view)
    assert "0" in texts_of(panel.view.info_table)


def test_tab_goes_from_a_loss_into_its_settings_and_on(row: Find, qtbot: QtBot):
    """What unfolds later stands in the tab order where it stands on the screen."""
    found = row("gender", "loss")
    editor = found.editor
    assert isinstance(editor, RegistryEditor)
    click(editor.section.header)
    editor.box.setFocus()
    order = [editor.box]
    for _ in range(4):
        QTest.keyClick(order[-1], Qt.Key.Key_Tab)
        order.append(editor.window().focusWidget())
    inner = editor.form.rows
    assert order[1:] == [
        found.reset_button,
        editor.section.header,
        inner["from_logits"].editor.control,
        inner["label_smoothing"].editor.control,
    ]


def test_committing_what_nobody_touched_changes_nothing(
    panel: InspectorPanel, session: Session, select: Select
):
    """Wrong values of a file, and numbers written otherwise, outlive a look at them."""
    odd = {"class_weight": {"a": 1, "b": -1}, "loss_weight": "much", "labels": 5, "metrics": "acc"}
    session.edit("x", field_edits.set_params, "gender", odd)
    before = session.project
    select("gender")
    panel.commit()
    panel.hide()
    assert session.project is before


@pytest.mark.slow
def test_forms_that_were_shown_leave_nothing_behind(
    panel: InspectorPanel, session: Session, select: Select, qtbot: QtBot
):
    """Walking through nodes again and again keeps the number of widgets."""

    def walk() -> int:
        for name in ("conv", "gender", "words", "conv"):
            select(name)
        panel._rebuild()
        qtbot.wait(0)
        return len(panel.findChildren(QWidget))

    first = walk()
    assert walk() == first


def test_a_refusal_goes_with_what_was_refused(row: Find, session: Session):
    """Undo brings another table, so what was wrong in the old one is said no longer."""
    session.edit("x", field_edits.set_params, "gender", {"class_weight": {"male": 1.0}})
    found = row("gender", "class_weight")
    session.edit("x", field_edits.set_params, "gender", {"class_weight": {"male": 2.0}})
    retype(found.editor._rows[0][1], "much")
    (refusal,) = found.diagnostics_box.texts
    assert "Enter a number" in refusal
    session.undo()
    assert found.editor._rows[0][1].text() == "1.0"
    assert refusal not in found.diagnostics_box.texts


def test_texts_of_a_file_are_no_markup(row: Find, session: Session):
    """A metric that looks like a tag or a mnemonic is shown letter by letter."""
    session.edit("x", field_edits.set_params, "gender", {"metrics": ["<b>a&b</b>"]})
    words, remove = chips(row("gender", "metrics").editor)[0].findChildren(QToolButton)
    assert words.text() == "<b>a&&b</b>"
    assert "&lt;b&gt;" in remove.toolTip()


def test_a_long_word_of_a_file_is_not_wider_than_the_panel(row: Find, session: Session, panel):
    """The form still wraps, so that all that is said about the word can be read."""
    session.edit("x", field_edits.set_params, "gender", {"loss": "n" * 300})
    found = row("gender", "loss")
    assert panel.view.minimumSizeHint().width() < 300
    assert found.diagnostics_box.height() >= found.diagnostics_box.heightForWidth(
        found.diagnostics_box.width()
    )


_ODD = [
    "x",
    [],
    {},
    None,
    1e300,
    10**400,
    -1,
    True,
    {"kind": "nope"},
    {"kind": ["a"]},
    [[1], None],
    {"a": {}},
]


@pytest.mark.slow
@pytest.mark.parametrize("odd", grid(_ODD, 2), ids=repr)
def test_a_file_may_hold_anything(panel: InspectorPanel, session: Session, select: Select, odd):
    """Whatever stands in a field, the form shows it, says what is wrong, and changes nothing."""
    for kind in ("Output", "Input", "Conv2D", "Bidirectional", "Dense"):
        name = f"a_{kind}"
        session.edit("Add", node_edits.add_node, kind, name)
        wrong = dict.fromkeys(layer_classes()[kind].model_fields, odd)
        session.edit("x", field_edits.set_params, name, wrong)
        before = session.project
        view = select(name)
        assert view.diagnostics_box.texts or any(
            row.diagnostics_box for row in view.form.rows.values()
        )
        panel.commit()
        assert session.project is before


def test_what_is_typed_is_taken_after_a_pause(row: Find, session: Session, qtbot: QtBot):
    """Nobody has to know of Enter; the pauses of one visit make one step."""
    line = row("age", "unit").editor.control
    before = session.project
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "mon")
    qtbot.waitUntil(lambda: session.graph["age"].params["unit"] == "mon")
    QTest.keyClicks(line, "ths")
    qtbot.waitUntil(lambda: session.graph["age"].params["unit"] == "months")
    session.undo()
    assert session.project is before
