"""The form of one node, by mouse and keys."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.controls import NumberEdit
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.inspector.editors.choices import ChoiceEditor
from app.inspector.editors.family_editor import RegistryEditor
from app.inspector.form.field_row import FieldRow
from app.inspector.panel import InspectorPanel
from app.inspector.views.node_view import NodeInspectorView
from engine.graph.edits import field_edits, node_edits, wire_edits
from engine.layers.catalogue import layer_classes
from tests.app.inspector.editing import click, retype, texts_of
from tests.app.windows import settle

Select = Callable[[str], NodeInspectorView]
Find = Callable[[str, str], FieldRow]


def test_enter_in_the_name_renames_the_node(
    select: Select, session: Session, panel: InspectorPanel, qtbot: QtBot
):
    """The node has the new name, stays selected, and the form stays in place, focus and all."""
    view = select("conv")
    retype(view.header.name, "first_conv")
    assert "first_conv" in session.graph
    assert session.selection == ("first_conv",)
    assert session.undo_history.undo_label == "Rename conv"
    qtbot.wait(60)
    assert panel.view is view
    assert view.node.name == "first_conv"
    assert view.header.name.hasFocus()
    retype(view.form.rows["filters"].editor.control, "9")
    assert session.graph["first_conv"].params["filters"] == 9
    session.current_report()
    assert "(batch, posts - 4, 9)" in texts_of(view.info_table)


@pytest.mark.parametrize(
    ("typed", "offered"), [("my conv", "my_conv"), ("pool", "pool_2"), ("class", "class_1")]
)
def test_a_name_that_cannot_be_is_told_in_place(select: Select, session: Session, typed, offered):
    """It says what would be legal while it is typed, and Enter changes nothing."""
    view = select("conv")
    retype(view.header.name, typed, enter=False)
    assert f'"{offered}"' in view.header.name_note.text
    QTest.keyClick(view.header.name, Qt.Key.Key_Return)
    assert "conv" in session.graph
    QTest.keyClick(view.header.name, Qt.Key.Key_Escape)
    assert view.header.name.text() == "conv"
    assert view.header.name_note.isHidden()


def test_spinning_a_number_is_one_step(row: Find, session: Session):
    """Ten steps of the arrow key are taken back by one undo, and the field shows it."""
    number = row("conv", "filters").editor.control
    assert isinstance(number, NumberEdit)
    before = session.graph["conv"].params["filters"]
    number.setFocus()
    for _ in range(10):
        QTest.keyClick(number, Qt.Key.Key_Up)
    assert session.graph["conv"].params["filters"] == before + 10
    assert session.undo_history.undo_label == "Set filters"
    session.undo()
    assert session.graph["conv"].params["filters"] == before
    assert number.text() == str(before)


def test_leaving_a_field_ends_its_step(row: Find, session: Session):
    """What is typed after the field was left is another step."""
    first = row("conv", "filters").editor.control
    second = row("conv", "kernel_size").editor.control
    retype(first, "64", enter=False)
    second.setFocus()
    retype(first, "65", enter=False)
    second.setFocus()
    session.undo()
    assert session.graph["conv"].params["filters"] == 64


def test_what_is_no_number_stays_and_is_not_stored(row: Find, session: Session):
    """The text stays in the field with the reason below it; Escape takes it back."""
    found = row("conv", "filters")
    before = session.graph["conv"].params["filters"]
    retype(found.editor.control, "many")
    assert session.graph["conv"].params["filters"] == before
    assert found.editor.control.text() == "many"
    assert found.editor.control.property("invalid") is True
    assert "integer" in found.diagnostics_box.texts[0]
    QTest.keyClick(found.editor.control, Qt.Key.Key_Escape)
    assert found.editor.control.text() == str(before)


def test_an_invalid_value_is_told_in_place_and_mended_by_a_click(row: Find, session: Session):
    """The finding stands below its field; its fix is one step, and the message goes."""
    session.edit("x", field_edits.set_params, "age", {"loss_weight": -2})
    found = row("age", "loss_weight")
    assert found.editor.control.text() == "-2"
    assert found.editor.control.property("invalid") is True
    assert "-2" in found.diagnostics_box.texts[0]
    click(found.diagnostics_box.buttons[0])
    session.current_report()
    assert session.graph["age"].params["loss_weight"] == 1.0
    assert found.diagnostics_box.isHidden()
    assert found.editor.control.property("invalid") is False


def test_a_window_that_is_too_large_offers_the_largest_that_fits(
    select: Select, row: Find, session: Session
):
    """A value that is fine by itself and wrong where it stands is told at its field too."""
    session.edit("x", field_edits.set_params, "posts", {"shape": [20]})
    session.edit("x", field_edits.set_params, "conv", {"kernel_size": 50})
    found = row("conv", "kernel_size")
    texts = [button.text() for button in found.diagnostics_box.buttons]
    assert 'Set padding to "same"' in texts
    settle()  # the box gets its height
    click(found.diagnostics_box.buttons[texts.index('Set padding to "same"')])
    assert session.graph["conv"].params["padding"] == "same"


def test_a_choice_is_made_by_keys(row: Find, session: Session, qtbot: QtBot):
    """Letters and arrows choose in the focused box, and one choice is one step."""
    editor = row("conv", "padding").editor
    assert isinstance(editor, ChoiceEditor)
    editor.box.setFocus()
    QTest.keyClick(editor.box, Qt.Key.Key_Down)
    assert session.graph["conv"].params["padding"] == "same"
    session.undo()
    assert editor.box.currentText() == "valid"


def test_a_wheel_over_a_choice_changes_nothing(row: Find, session: Session):
    """Scrolling the form past a box leaves it alone."""
    found = row("conv", "padding")
    before = session.project
    found.editor.control.clearFocus()
    place = QPointF(5, 5)
    wheel = QWheelEvent(
        place, place, QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    found.editor.control.wheelEvent(wheel)
    assert session.project is before


def test_a_switch_is_clicked(row: Find, session: Session):
    """A click sets it, undo shows it as it was."""
    editor = row("conv", "use_bias").editor
    click(editor.control)
    assert session.graph["conv"].params["use_bias"] is False
    session.undo()
    assert editor.control.isChecked()


def test_back_to_the_default_removes_the_value(row: Find, session: Session):
    """The button is there only where the file has a value."""
    found = row("conv", "activation")
    assert found.reset_button is not None
    click(found.reset_button)
    assert "activation" not in session.graph["conv"].params
    assert found.reset_button.isHidden()
    assert row("conv", "padding").reset_button is None


def test_a_named_thing_has_a_form_of_its_own(row: Find, session: Session):
    """Its parameters unfold, are written in the long form, and go back to the short one."""
    editor = row("conv", "kernel_initializer").editor
    assert isinstance(editor, RegistryEditor)
    editor.box.setFocus()
    editor.box.setCurrentIndex(editor.box.findText("random_normal"))
    editor.box.activated.emit(editor.box.currentIndex())
    assert session.graph["conv"].params["kernel_initializer"] == "random_normal"
    assert editor.section is not None
    click(editor.section.header)
    inner = editor.form.rows["stddev"]
    retype(inner.editor.control, "0,001")
    assert session.graph["conv"].params["kernel_initializer"] == {
        "kind": "random_normal",
        "params": {"stddev": 0.001},
    }
    assert "1 changed" in editor.section.header.text()
    click(inner.reset_button)
    assert session.graph["conv"].params["kernel_initializer"] == "random_normal"


def test_the_fold_remembers_and_counts(row: Find, select: Select, session: Session):
    """ "More" tells how many of its fields are changed, and stays open for the next node."""
    session.edit("x", field_edits.set_params, "conv", {"dilation_rate": 1})
    form = select("conv").form
    assert "1 changed" in form.advanced_section.header.text()
    assert not form.advanced_section.is_open
    click(form.advanced_section.header)
    assert form.advanced_section.is_open
    assert select("conv_2").form.advanced_section.is_open


def test_bypass_is_a_switch(select: Select, session: Session):
    """One click bypasses, undo shows it."""
    view = select("pool")
    click(view.header.bypass)
    assert session.graph["pool"].off
    session.undo()
    assert not view.header.bypass.isChecked()


def test_the_kind_is_changed_in_the_header(select: Select, session: Session, panel, qtbot: QtBot):
    """All kinds are listed once the box is opened, its family first; the form is a new one."""
    view = select("pool")
    assert view.header.kind.count() == 1
    view.header.kind.setFocus()
    QTest.keyClick(view.header.kind, Qt.Key.Key_Down)
    qtbot.waitUntil(view.header.kind.view().isVisible)
    names = [view.header.kind.itemText(at) for at in range(view.header.kind.count())]
    assert set(layer_classes()) <= set(names)
    assert "AveragePooling1D" in names[:8]
    listed = view.header.kind.view()
    listed.setCurrentIndex(listed.model().index(names.index("AveragePooling1D"), 0))
    QTest.keyClick(listed, Qt.Key.Key_Return)
    assert session.graph["pool"].kind == "AveragePooling1D"
    qtbot.waitUntil(lambda: panel.view is not view)
    assert panel.view.form.schema is layer_classes()["AveragePooling1D"]
    assert panel.window().focusWidget() is panel.view.header.kind


def test_shared_weights_are_told_with_two_ways_on(select: Select, session: Session, qtbot: QtBot):
    """One button goes to the owner, the other makes the weights the node's own."""
    session.edit("x", node_edits.share, "conv_3", "conv_2")
    view = select("conv_3")
    buttons = {button.text(): button for button in _buttons(view.header)}
    click(buttons["Stop sharing"])
    assert session.graph["conv_3"].shares is None
    session.undo()
    buttons = {button.text(): button for button in _buttons(view.header)}
    with qtbot.waitSignal(session.reveal_requested):
        click(buttons["Show node"])
    assert session.selection == ("conv_2",)


def _buttons(widget):
    return [button for button in widget.findChildren(QPushButton) if not button.isHidden()]


def test_a_shared_node_edits_its_owner(row: Find, session: Session):
    """What is set on one is set on the other."""
    session.edit("x", node_edits.share, "conv_3", "conv_2")
    retype(row("conv_3", "filters").editor.control, "77")
    assert session.graph["conv_2"].params["filters"] == 77


def test_an_unknown_parameter_can_be_removed(select: Select, session: Session):
    """It has no field, so it is told below the form, with its fix."""
    session.edit("x", field_edits.set_params, "conv", {"kernel_syze": 3})
    view = select("conv")
    assert "kernel_syze" in view.diagnostics_box.texts[0]
    buttons = {button.accessibleName(): button for button in view.diagnostics_box.buttons}
    click(buttons['Remove "kernel_syze"'])
    session.current_report()
    assert "kernel_syze" not in session.graph["conv"].params
    assert view.diagnostics_box.isHidden()


def test_a_node_of_an_unknown_kind_shows_what_the_file_says(
    select: Select, session: Session, panel: InspectorPanel, qtbot: QtBot
):
    """Its parameters can be read and not edited; the fix makes it a kind that there is."""
    session.edit("x", node_edits.add_node, "Dens", "odd", params={"units": [1, {"a": None}]})
    view = select("odd")
    assert view.form is None
    line = next(line for line in view.findChildren(QLineEdit) if line.accessibleName() == "units")
    assert line.isReadOnly()
    assert line.text() == '[1, {"a": null}]'
    click(view.diagnostics_box.buttons[0])
    assert session.graph["odd"].kind == "Dense"
    qtbot.waitUntil(lambda: panel.view is not view and panel.view.form is not None)
    units = panel.view.form.rows["units"].editor.control
    assert units.text() == '[1, {"a": null}]'


def test_shapes_and_costs_are_told(select: Select, session: Session):
    """What flows in and out, how many parameters and where they come from."""
    texts = texts_of(select("words").info_table)
    assert "(batch, posts, 256)" in texts
    assert "12,800,000" in texts
    assert "embeddings 50,000 x 256" in texts
    assert "Minimum length" in texts_of(select("posts").info_table)


def test_typing_is_not_disturbed_by_an_edit_elsewhere(row: Find, session: Session):
    """A half-typed text stays, cursor and all, while another part of the node changes."""
    found = row("posts", "shape")
    line = found.editor.control
    retype(line, "12, ", enter=False)
    line.setCursorPosition(1)
    session.edit("x", field_edits.set_params, "posts", {"dtype": "float32"})
    session.current_report()
    assert line.text() == "12, "
    assert line.cursorPosition() == 1
    assert line.hasFocus()


def test_keys_of_the_window_see_what_was_typed(row: Find, session: Session):
    """Saving by Ctrl+S in the middle of a field takes what stands in it first."""
    number = row("conv", "filters").editor.control
    retype(number, "99", enter=False)
    QTest.keyClick(number, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert session.graph["conv"].params["filters"] == 99


def test_undo_of_the_window_reaches_the_document_from_a_field(
    row: Find, session: Session, panel: InspectorPanel
):
    """Ctrl+Z takes typing back while there is some, and then the last step of the document."""
    undo = QAction("Undo", panel)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    undo.triggered.connect(session.undo)
    panel.addAction(undo)
    number = row("conv", "filters").editor.control
    before = number.text()
    retype(number, "64")
    assert session.graph["conv"].params["filters"] == 64
    QTest.keyClick(number, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert str(session.graph["conv"].params["filters"]) == before
    assert number.text() == before
    assert number.hasFocus()


def test_what_was_typed_goes_to_the_document_it_was_typed_for(
    row: Find, session: Session, workspace: Workspace
):
    """Another tab comes to the front in the middle of a field."""
    retype(row("conv", "filters").editor.control, "31", enter=False)
    workspace.open(Session())
    assert session.graph["conv"].params["filters"] == 31
    assert len(workspace.session.graph) == 0


def test_a_finding_that_comes_moves_no_field(
    row: Find, panel: InspectorPanel, session: Session, qtbot: QtBot
):
    """A click on its way to a field arrives there."""
    field = row("conv", "filters")
    panel.resize(panel.width(), 1000)  # else a scroll bar that goes makes room for longer lines
    settle()
    before = field.mapTo(panel, QPoint(0, 0))
    session.edit("Disconnect", wire_edits.disconnect, "conv", "x")
    session.current_report()
    qtbot.waitUntil(lambda: bool(panel.view.diagnostics_box.texts))
    QApplication.processEvents()
    assert panel.view.diagnostics_box.isVisible()
    assert field.mapTo(panel, QPoint(0, 0)) == before


def test_nothing_of_a_new_form_is_ever_a_window_of_its_own(select: Select, session: Session):
    """It would flash, and take the keyboard from the window."""
    session.edit("x", field_edits.set_params, "conv", {"kernel_syze": 3})
    session.current_report()
    before = set(QApplication.topLevelWidgets())
    shown = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget):
                shown.extend([watched] if watched.isWindow() else [])
            return False

    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    select("conv")
    QApplication.instance().removeEventFilter(watch)
    assert [widget for widget in shown if widget not in before] == []
