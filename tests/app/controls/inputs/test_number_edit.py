"""A number can be typed as people write numbers, stepped, and taken back."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.controls import NumberEdit
from app.controls.inputs.number_text import parse_number


def shown(qtbot: QtBot, edit: NumberEdit) -> NumberEdit:
    qtbot.addWidget(edit)
    edit.show()
    qtbot.waitExposed(edit)
    edit.activateWindow()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    edit.selectAll()
    return edit


def heard(edit: NumberEdit) -> list[object]:
    told: list[object] = []
    edit.committed.connect(told.append)
    edit.rejected.connect(told.append)
    return told


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0,001", 0.001), ("0.001", 0.001), ("1e-3", 0.001), ("1_000", 1000.0), (" 2 ", 2.0),
     ("-1,5", -1.5), (".5", 0.5), ("3.", 3.0), ("1E2", 100.0)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(qtbot: QtBot, typed: str, number: float) -> None:
    """A point, a German comma, an exponent and grouping are all understood."""
    edit = shown(qtbot, NumberEdit(7.0))
    told = heard(edit)
    qtbot.keyClicks(edit, typed)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert told == [number]
    assert edit.value == number
    assert not edit.is_invalid


@pytest.mark.parametrize(
    ("typed", "number"), [("64", 64), ("1_000", 1000), ("1e3", 1000), ("2,0", 2)]
)
def test_whole_numbers_stay_whole(qtbot: QtBot, typed: str, number: int) -> None:
    """What comes out is an int, however it was written."""
    edit = shown(qtbot, NumberEdit(7, integer=True))
    qtbot.keyClicks(edit, typed)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.value == number
    assert type(edit.value) is int


@pytest.mark.parametrize(
    ("typed", "whole", "says"),
    [("abc", False, "Enter a number"), ("", False, "Enter a number"), ("nan", False, "Enter"),
     ("1,2,3", False, "Enter a number"), ("1e999", False, "too large"), ("1__0", False, "Enter"),
     ("2.5", True, "integer"), ("1,000", True, "without a comma: 1000"),
     ("0", True, "between 1 and 512"), ("513", True, "between 1 and 512")],
)  # fmt: skip
def test_what_cannot_be_taken_stays_and_says_why(
    qtbot: QtBot, typed: str, whole: bool, says: str
) -> None:
    """The text is kept and marked, the number is the old one, and the reason is told once."""
    bounds = (1, 512) if whole else (None, None)
    edit = shown(qtbot, NumberEdit(7, whole, *bounds))
    told = heard(edit)
    edit.clear()
    qtbot.keyClicks(edit, typed)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert len(told) == 1
    assert says in str(told[0])
    assert edit.text() == typed
    assert edit.value == 7
    assert edit.is_invalid
    assert edit.toolTip() == edit.problem == edit.accessibleDescription()


def test_a_typographic_minus_is_a_minus() -> None:
    """As it is copied from a page."""
    assert parse_number("\N{MINUS SIGN}2", integer=True) == -2


def test_escape_takes_typing_back(qtbot: QtBot) -> None:
    """Also when it was refused; nothing is told, and the tip is the old one."""
    edit = NumberEdit(0.5)
    edit.setToolTip("Share of values")
    shown(qtbot, edit)
    qtbot.keyClicks(edit, "x")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    told = heard(edit)
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert (edit.text(), edit.is_invalid, edit.toolTip(), told) == (
        "0.5",
        False,
        "Share of values",
        [],
    )


def test_typing_on_takes_the_mark_away(qtbot: QtBot) -> None:
    """A number being corrected is not called wrong."""
    edit = shown(qtbot, NumberEdit(0.5))
    qtbot.keyClicks(edit, "x")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.is_invalid
    qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    assert not edit.is_invalid


def test_leaving_the_field_commits(qtbot: QtBot) -> None:
    """As Enter does, and once."""
    edit = shown(qtbot, NumberEdit(0.5))
    told = heard(edit)
    qtbot.keyClicks(edit, "0,25")
    edit.clearFocus()
    assert told == [0.25]


@pytest.mark.parametrize(
    ("edit", "key", "far", "after"),
    [((64, True), Qt.Key.Key_Up, False, 65), ((64, True), Qt.Key.Key_Down, True, 54),
     ((0.001,), Qt.Key.Key_Up, False, 0.002), ((0.001,), Qt.Key.Key_Down, False, 0.0005),
     ((0.001,), Qt.Key.Key_Up, True, 0.01), ((0.0015,), Qt.Key.Key_Up, False, 0.002),
     ((1.0,), Qt.Key.Key_Up, False, 1.5), ((1.0,), Qt.Key.Key_Down, False, 0.5),
     ((10.0,), Qt.Key.Key_Down, False, 9.5), ((0.0,), Qt.Key.Key_Up, False, 0.001),
     ((-0.5,), Qt.Key.Key_Down, False, -1.0), ((0.5, False, 0, 1), Qt.Key.Key_Up, False, 0.55),
     ((1.0, False, 0, 1), Qt.Key.Key_Up, False, 1.0),
     ((2, True, 1, 9), Qt.Key.Key_PageDown, False, 1)],
)  # fmt: skip
def test_arrow_keys_step(
    qtbot: QtBot, edit: tuple[float, bool], key: Qt.Key, far: bool, after: float
) -> None:
    """Whole numbers by one, learning rates by 1, 2, 5, shares by a twentieth; Shift goes far."""
    field = shown(qtbot, NumberEdit(*edit))
    shift = Qt.KeyboardModifier.ShiftModifier if far else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(field, key, shift)
    assert field.value == after
    assert type(field.value) is type(after)


def test_stepping_up_and_down_comes_back(qtbot: QtBot) -> None:
    """Numbers on the ladder return to where they were, without rounding errors."""
    field = shown(qtbot, NumberEdit(0.0001))
    for _ in range(14):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    for _ in range(14):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.text() == "0.0001"


def test_arrows_step_by_mouse(qtbot: QtBot) -> None:
    """Upper and lower half of the right end, and a quick second press counts."""
    field = shown(qtbot, NumberEdit(5, integer=True))
    up, down = (QPoint(field.width() - 8, y) for y in (6, field.height() - 6))
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=up)
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=up)
    assert field.value == 7
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton, pos=down)
    assert field.value == 6


def test_a_held_arrow_goes_on_stepping(qtbot: QtBot) -> None:
    """Until it is let go."""
    field = shown(qtbot, NumberEdit(5, integer=True))
    place = QPoint(field.width() - 8, 6)
    QTest.mousePress(field, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    qtbot.waitUntil(lambda: field.value >= 8)
    QTest.mouseRelease(field, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert not field._repeat_timer.isActive()


def wheel(field: NumberEdit) -> bool:
    middle = QPointF(field.rect().center())
    event = QWheelEvent(
        middle, field.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, event)
    return event.isAccepted()


def test_the_wheel_steps_only_with_the_keyboard(qtbot: QtBot) -> None:
    """Scrolling a form past a number does not change it."""
    field = shown(qtbot, NumberEdit(5, integer=True))
    assert wheel(field)
    assert field.value == 6
    field.clearFocus()
    assert not wheel(field)
    assert field.value == 6


def test_an_optional_number_may_be_empty(qtbot: QtBot) -> None:
    """Emptied, it is None, and shows what is taken then."""
    field = NumberEdit(3, integer=True, optional=True)
    field.setPlaceholderText("none")
    shown(qtbot, field)
    told = heard(field)
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == [None]


def test_setting_the_same_number_leaves_typing_alone(qtbot: QtBot) -> None:
    """A panel that reads the document again does not wipe what is being typed."""
    field = shown(qtbot, NumberEdit(3, integer=True))
    qtbot.keyClicks(field, "12")
    field.set_value(3)
    assert field.text() == "12"
    field.set_value(4)
    assert field.text() == "4"


@pytest.mark.parametrize(
    ("number", "text"),
    [(1e-5, "1e-5"), (1.0, "1"), (0.1 + 0.2, "0.30000000000000004"), (1e22, "1e22")],
)
def test_numbers_are_shown_short_and_whole(qtbot: QtBot, number: float, text: str) -> None:
    """No digit is lost between the document and the field."""
    field = NumberEdit(number)
    qtbot.addWidget(field)
    assert field.text() == text
    assert float(field.text()) == number


def test_a_field_that_needs_enter_keeps_its_number_until_then(qtbot: QtBot) -> None:
    """Arrow keys and a lost focus commit nothing; Enter commits what is shown."""
    edit = shown(qtbot, NumberEdit(0.001, needs_enter=True))
    told = heard(edit)
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert edit.text() == "0.002"
    edit.clearFocus()
    assert edit.text() == "0.001"
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Up)
    assert told == []
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert told == [0.002]


def test_a_look_at_another_window_keeps_what_was_typed(qtbot: QtBot) -> None:
    edit = shown(qtbot, NumberEdit(0.001, needs_enter=True))
    qtbot.keyClicks(edit, "0.5")
    reason = Qt.FocusReason.ActiveWindowFocusReason
    QApplication.sendEvent(edit, QFocusEvent(QEvent.Type.FocusOut, reason))
    assert edit.text() == "0.5"
