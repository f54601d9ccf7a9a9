"""The forms of an Output and of the recipe."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLabel,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from app.documents.session import Session
from app.inspector.editors.family_editor import NestedSchemaEditor, RegistryEditor
from app.inspector.editors.list_editors import TextListEditor, WeightTableEditor
from app.inspector.editors.multi_choice import MultiChoiceEditor
from app.inspector.form.field_row import FieldRow
from app.inspector.panel import InspectorPanel
from app.inspector.views.node_view import NodeInspectorView
from app.inspector.views.other_views import RecipeInspectorView
from engine.graph.edits import field_edits
from tests.app.inspector.editing import chips, choose, click, retype, texts_of

Select = Callable[[str], NodeInspectorView]
Find = Callable[[str, str], FieldRow]


def test_an_output_says_what_its_loss_fits_and_how_it_is_trained(select: Select):
    """The chosen loss, the targets that it asks for, and where the activation goes."""
    view = select("gender")
    texts = [label.text() for label in view.findChildren(QLabel)]
    assert any("Targets: independent binary labels" in text for text in texts)
    assert any("on the logits before sigmoid" in text for text in texts)
    assert list(view.form.rows)[:6] == [
        "loss", "loss_weight", "metrics", "class_weight", "labels", "unit",
    ]  # fmt: skip


def test_a_loss_has_settings(row: Find, session: Session):
    """A parameter of the loss is written in its long form."""
    editor = row("gender", "loss").editor
    assert isinstance(editor, RegistryEditor)
    click(editor.section.header)
    retype(editor.form.rows["label_smoothing"].editor.control, "0.1")
    assert session.graph["gender"].params["loss"] == {
        "kind": "binary_crossentropy",
        "params": {"label_smoothing": 0.1},
    }
    choose(editor.box, "categorical_crossentropy")
    assert session.graph["gender"].params["loss"]["params"] == {"label_smoothing": 0.1}
    choose(editor.box, "none")
    assert session.graph["gender"].params["loss"] is None


def test_metrics_are_added_removed_and_set(row: Find, session: Session):
    """A chip each; the box adds, the cross removes, the chip opens its settings."""
    editor = row("gender", "metrics").editor
    assert isinstance(editor, MultiChoiceEditor)
    before = list(session.graph["gender"].params.get("metrics", []))
    choose(editor.box, "precision")
    assert session.graph["gender"].params["metrics"] == [*before, "precision"]
    assert editor.box.currentIndex() == -1
    words, remove = chips(editor)[-1].findChildren(QToolButton)
    click(words)
    assert editor.form is not None
    retype(editor.form.rows["thresholds"].editor.control, "0,7")
    assert session.graph["gender"].params["metrics"][-1] == {
        "kind": "precision",
        "params": {"thresholds": 0.7},
    }
    words, remove = chips(editor)[-1].findChildren(QToolButton)
    click(remove)
    assert session.graph["gender"].params["metrics"] == before
    assert len(chips(editor)) == len(before)


def test_labels_are_typed_one_a_line(row: Find, session: Session):
    """They are taken when the box is left, as one step."""
    found = row("gender", "labels")
    assert isinstance(found.editor, TextListEditor)
    found.editor.box.setFocus()
    found.editor.box.selectAll()
    QTest.keyClicks(found.editor.box, "male")
    QTest.keyClick(found.editor.box, Qt.Key.Key_Return)
    QTest.keyClicks(found.editor.box, "female")
    QTest.keyClick(found.editor.box, Qt.Key.Key_Tab)
    assert session.graph["gender"].params["labels"] == ["male", "female"]
    assert session.undo_history.undo_label == "Set labels"


def test_class_weights_are_a_table(row: Find, session: Session):
    """A line for a class is added with its name filled in, and removed by its cross."""
    session.edit("x", field_edits.set_params, "gender", {"labels": ["male", "female"]})
    session.current_report()
    editor = row("gender", "class_weight").editor
    assert isinstance(editor, WeightTableEditor)
    click(editor._add)
    name, number = editor._rows[0]
    assert name.text() == "male"
    retype(number, "2,5")
    assert session.graph["gender"].params["class_weight"] == {"male": 2.5}
    removes = [
        button
        for button in editor.findChildren(QToolButton)
        if button.accessibleName().startswith("Remove")
    ]
    click(removes[0])
    assert session.graph["gender"].params["class_weight"] is None


def test_one_word_balances_all_classes(row: Find, session: Session):
    """The word stands for the whole table, and weights that are typed take its place."""
    editor = row("gender", "class_weight").editor
    click(editor.choice_buttons["balanced"])
    assert session.graph["gender"].params["class_weight"] == "balanced"
    assert editor.choice_buttons["balanced"].isChecked()
    click(editor.choice_buttons["balanced"])
    assert session.graph["gender"].params["class_weight"] is None
    click(editor.choice_buttons["balanced"])
    click(editor._add)
    name, number = editor._rows[0]
    retype(name, "1")
    retype(number, "2")
    assert session.graph["gender"].params["class_weight"] == {"1": 2}
    assert not editor.choice_buttons["balanced"].isChecked()


def test_an_output_may_mask_rows_without_a_target(row: Find, session: Session):
    """The choice stands in the form like any other."""
    choose(row("gender", "missing").editor.box, "mask")
    assert session.graph["gender"].params["missing"] == "mask"


@pytest.fixture
def view(panel: InspectorPanel, session: Session, qtbot: QtBot) -> RecipeInspectorView:
    """The form of the recipe."""
    session.select([])
    qtbot.waitUntil(lambda: isinstance(panel.view, RecipeInspectorView))
    return panel.view


def test_nothing_selected_shows_the_recipe(view: RecipeInspectorView, session: Session):
    """Training settings, with the optimizer's own, and the totals of the network."""
    optimizer = view.form.rows["optimizer"].editor
    assert isinstance(optimizer, RegistryEditor)
    choose(optimizer.box, "Adam")
    assert session.project.recipe["optimizer"] == "Adam"
    retype(optimizer.form.rows["learning_rate"].editor.control, "0,001")
    retype(optimizer.form.rows["learning_rate"].editor.control, "1e-4")
    assert session.project.recipe["optimizer"]["params"] == {"learning_rate": 0.0001}
    retype(view.form.rows["epochs"].editor.control, "7")
    assert session.project.recipe["epochs"] == 7
    session.undo()
    assert view.form.rows["epochs"].editor.control.text() == "10"
    assert "13,490,444" in texts_of(view.info_table)


def test_stopping_is_switched_on_and_watches_scores_of_the_graph(
    view: RecipeInspectorView, session: Session
):
    """The switch writes it, its fields unfold, the box offers the scores that there are."""
    session.current_report()
    editor = view.form.rows["stopping"].editor
    assert isinstance(editor, NestedSchemaEditor)
    click(editor.switch)
    assert session.project.recipe["stopping"] == {}
    retype(editor.form.rows["patience"].editor.control, "3")
    watched = editor.form.rows["monitors"].editor
    assert isinstance(watched, MultiChoiceEditor)
    choose(watched.box, "age/loss")
    assert session.project.recipe["stopping"] == {"patience": 3, "monitors": ["loss", "age/loss"]}
    assert session.current_report().recipe is not None
    click(editor.switch)
    assert session.project.recipe["stopping"] is None


def test_a_wrong_recipe_is_told_at_its_field(view: RecipeInspectorView, session: Session):
    """With the fix that the engine knows; an unknown field is told at the top."""
    session.edit("x", field_edits.set_recipe, {"epochs": 0, "epoch": 3})
    session.current_report()
    assert "epoch" in view.diagnostics_box.texts[0]
    row = view.form.rows["epochs"]
    click(row.diagnostics_box.buttons[0])
    assert session.project.recipe["epochs"] == 10
