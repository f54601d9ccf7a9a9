"""What can't be read is told, and what the window can do about it is one press away."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.controls.fix_button import FixButton
from app.data.problem import Problem
from engine.core.diagnostic import Diagnostic, Fix
from tests.app.windows import settle, visible

EDIT = Fix("Read it with semicolons.", {"do": "set_file", "fields": {"delimiter": ";"}})
FOUND = Diagnostic("csv-broken", "line 3 has two cells", fixes=(EDIT, Fix("Correct the line.")))


def test_a_fix_is_offered_as_everywhere_and_asked_for_by_a_press(qtbot, theme):
    problem = Problem(theme)
    qtbot.addWidget(problem)
    problem.show_findings([FOUND])
    settle()
    (button,) = visible(problem, FixButton)
    with qtbot.waitSignal(problem.mend) as asked:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert asked.args == [EDIT]
    assert "Correct the line." in problem.note.text
    problem.show_findings([])
    assert not problem.isVisible()
