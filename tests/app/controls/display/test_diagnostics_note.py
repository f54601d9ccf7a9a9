"""What can't be read is told, and what the window can do about it is one press away."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.controls.display.diagnostics_note import DiagnosticsNote
from app.controls.inputs.fix_button import FixButton
from engine.core.diagnostic import Diagnostic, Fix
from tests.app.windows import settle, visible

EDIT = Fix("Read it with semicolons.", {"do": "set_file", "fields": {"delimiter": ";"}})
FOUND = Diagnostic("csv-broken", "line 3 has two cells", fixes=(EDIT, Fix("Correct the line.")))


def test_a_fix_is_offered_as_everywhere_and_asked_for_by_a_press(qtbot, theme):
    note = DiagnosticsNote(theme)
    qtbot.addWidget(note)
    note.show_diagnostics([FOUND])
    settle()
    (button,) = visible(note, FixButton)
    with qtbot.waitSignal(note.fix_requested) as asked:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args == [EDIT]
    assert "Correct the line." in note.note.text
    note.show_diagnostics([])
    assert not note.isVisible()


def test_value_place_and_what_came_of_it_are_told(qtbot, theme):
    note = DiagnosticsNote(theme)
    qtbot.addWidget(note)
    place = "column heat, row 2 (counting from 0), line 4 of the file"
    note.show_diagnostics(
        [Diagnostic("number-unreadable", '"heat" is odd', place=place, found="'x' in row 2")],
        "Nothing was predicted.",
    )
    assert note.note.text.splitlines() == [
        "Nothing was predicted.",
        f"\"heat\" is odd. Where: {place}. Found: 'x' in row 2.",
    ]
