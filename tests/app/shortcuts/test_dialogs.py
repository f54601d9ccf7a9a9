"""The sheet lists every gesture; the table changes keys and says who holds those that are taken."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from app.controls import EmptyState, InlineMessage, SearchEdit
from app.settings import Settings
from app.shell.actions.table import Action
from app.shortcuts.cheat_sheet import CheatSheet
from app.shortcuts.key_capture_field import KeyCaptureField
from app.shortcuts.keymap import Keymap
from app.shortcuts.rows import RowList, row_at
from app.shortcuts.shortcut_table import ShortcutTable

ACTIONS = (
    Action("undo", "Editing", "Undo", ("Ctrl+Z",)),
    Action("redo", "Editing", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Action("copy", "Editing", "Copy", ("Ctrl+C",)),
    Action("add", "Nodes", "Add a node", ("Tab",), "right click on the canvas"),
    Action("connect", "Nodes", "Connect two nodes", (), "drag from one port to another"),
    Action("fit", "View", "Fit all", ("Home",)),
    Action("help", "View", "Show the keys", ("?",)),
)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def parent(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


@pytest.fixture
def sheet(parent, theme):
    sheet = CheatSheet(theme, ACTIONS, parent)
    sheet.open()
    return sheet


@pytest.fixture
def keymap(qapp):
    return Keymap(ACTIONS, Settings())


@pytest.fixture
def table(parent, theme, keymap):
    table = ShortcutTable(theme, keymap, parent)
    table.open()
    return table


def listed(dialog):
    texts = []
    for view in dialog.findChildren(RowList):
        model = view.model()
        texts += [model.index(row, 0).data() for row in range(model.rowCount())]
    return texts


def button(dialog, text):
    fitting = (
        each
        for each in dialog.findChildren(QPushButton)
        if text in (each.text(), each.accessibleName()) and each.isVisible()
    )
    return next(fitting, None)


def click(qtbot, dialog, text):
    qtbot.waitUntil(lambda: button(dialog, text) is not None)
    qtbot.mouseClick(button(dialog, text), Qt.MouseButton.LeftButton)


def choose(table, action_id):
    view = table.findChild(RowList)
    view.setCurrentIndex(view.index_of(action_id))
    return view


def press(table, key, held=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(table.findChild(KeyCaptureField), key, held)


def test_the_sheet_lists_all_gestures_under_their_groups(sheet):
    for action in ACTIONS:
        assert action.text in listed(sheet)
    assert listed(sheet).count("Editing") == 1
    shown = [view for view in sheet.findChildren(RowList) if view.isVisible()]
    assert len(shown) == 2
    assert all(view.height() >= view.content_height() for view in shown)


def test_the_sheet_is_searched_by_what_is_done_by_keys_and_by_mouse(sheet):
    field = sheet.findChild(SearchEdit)
    for text, found in (
        ("undo", ["Editing", "Undo"]),
        ("ctrl+y", ["Editing", "Redo"]),
        ("drag port", ["Nodes", "Connect two nodes"]),
    ):
        field.clear()
        QTest.keyClicks(field, text)
        assert listed(sheet) == found
    QTest.keyClicks(field, "xyz")
    assert sheet.findChild(EmptyState).isVisible()


def test_a_narrow_sheet_has_one_column(sheet):
    sheet.resize(480, 500)
    visible = [view for view in sheet.findChildren(RowList) if view.isVisible()]
    assert len(visible) == 1


def test_escape_closes_the_sheet_and_its_button_asks_for_the_table(qtbot, sheet):
    with qtbot.waitSignal(sheet.edit_requested):
        click(qtbot, sheet, "Edit shortcuts…")
    QTest.keyClick(sheet.findChild(SearchEdit), Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_new_keys_are_taken_as_they_are_pressed(qtbot, table, keymap):
    view = choose(table, "undo")
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert table.findChild(KeyCaptureField).hasFocus()
    with qtbot.waitSignal(keymap.changed) as told:
        press(table, Qt.Key.Key_U, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert told.args == ["undo", ["Ctrl+Z", "Ctrl+Shift+U"]]
    shown = row_at(view.currentIndex())
    assert (shown.id, shown.keys, shown.is_custom) == ("undo", ("Ctrl+Z", "Ctrl+Shift+U"), True)


def test_shift_is_left_out_where_it_only_made_the_sign(qtbot, table, keymap):
    choose(table, "undo")
    with qtbot.waitSignal(keymap.changed) as told:
        press(table, Qt.Key.Key_Exclam, Qt.KeyboardModifier.ShiftModifier)
    assert told.args == ["undo", ["Ctrl+Z", "!"]]


def test_taken_keys_stay_with_their_holder_until_the_person_says_so(qtbot, table, keymap):
    choose(table, "undo")
    press(table, Qt.Key.Key_C, CONTROL)
    assert table.findChild(InlineMessage).text == "Ctrl+C is used by Copy (Editing)."
    assert keymap.keys("copy") == ["Ctrl+C"]
    click(qtbot, table, "Keep it there")
    assert not table.findChild(InlineMessage).isVisible()
    assert keymap.keys("undo") == ["Ctrl+Z"]
    press(table, Qt.Key.Key_C, CONTROL)
    click(qtbot, table, "Use it for Undo")
    assert keymap.keys("undo") == ["Ctrl+Z", "Ctrl+C"]
    assert keymap.keys("copy") == []


def test_keys_can_be_removed_and_brought_back(qtbot, table, keymap):
    choose(table, "redo")
    click(qtbot, table, "Remove Ctrl+Y")
    assert keymap.keys("redo") == ["Ctrl+Shift+Z"]
    click(qtbot, table, "Restore default")
    assert keymap.is_default("redo")
    assert not button(table, "Restore default").isEnabled()


def test_all_can_be_brought_back(qtbot, table, keymap):
    keymap.set_keys("undo", ["F5"])
    keymap.set_keys("fit", [])
    click(qtbot, table, "Restore all defaults")
    assert all(keymap.is_default(action.id) for action in ACTIONS)
    assert not button(table, "Restore all defaults").isEnabled()


def test_keys_that_two_actions_hold_are_said_in_words(table, keymap):
    keymap.set_keys("undo", ["F5"])
    keymap.set_keys("copy", ["F5"])
    view = table.findChild(RowList)
    assert row_at(view.index_of("undo")).note == "F5 also does: Copy"
    assert row_at(view.index_of("copy")).note == "F5 also does: Undo"


def test_a_default_that_was_given_away_is_not_restored_in_silence(qtbot, table, keymap):
    keymap.set_keys("undo", ["Ctrl+C"])
    choose(table, "copy")
    click(qtbot, table, "Restore default")
    assert table.findChild(InlineMessage).text == "Ctrl+C is used by Undo (Editing)."
    assert keymap.keys("copy") == []
    click(qtbot, table, "Use it for Copy")
    assert keymap.is_default("copy")
    assert keymap.keys("undo") == []


def test_the_table_is_searched_and_walked_by_keyboard(table):
    field = table.findChild(SearchEdit)
    QTest.keyClicks(field, "fit")
    assert listed(table) == ["View", "Fit all"]
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert table.findChild(RowList).hasFocus()
    field.setText("xyz")
    assert table.findChild(EmptyState).isVisible()
    assert not table.findChild(KeyCaptureField).isVisible()
    field.clear()
    assert row_at(table.findChild(RowList).currentIndex()).id == "undo"


def test_tab_and_escape_leave_the_field_for_keys(table, keymap):
    choose(table, "undo")
    field = table.findChild(KeyCaptureField)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus()
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert table.findChild(RowList).hasFocus()
    assert table.isVisible()
    assert keymap.keys("undo") == ["Ctrl+Z"]
