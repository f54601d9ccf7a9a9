"""The problems panel: what is wrong is seen, reached and mended with mouse and keys."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from app.controls.diagnostics.entries import diagnostic_entries
from app.controls.diagnostics.view import ProblemView
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.problems.panel import ProblemsPanel
from app.theme.theme import Theme
from engine.check.cost import available_memory
from engine.check.report import check
from engine.core.diagnostic import Diagnostic
from engine.graph import templates
from engine.graph.edits import field_edits, node_edits
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from tests.engine.check.test_memory import deep

LEFT = Qt.MouseButton.LeftButton


def broken() -> Project:
    """Return the posts network with a window that does not fit and a recipe that can't be."""
    project = parse(templates.read_template("posts")).project
    project = field_edits.set_params(project, "posts", {"shape": [20]})
    return field_edits.set_recipe(project, {"epochs": -1})


@pytest.fixture
def panel(qtbot, workspace: Workspace, theme: Theme) -> ProblemsPanel:
    made = ProblemsPanel(workspace, theme)
    qtbot.addWidget(made)
    made.resize(520, 420)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def shown(panel: ProblemsPanel, session: Session) -> ProblemsPanel:
    """A panel that shows the broken network."""
    session.apply("Break", broken())
    session.current_report()
    return panel


def texts(panel: ProblemsPanel) -> list[str]:
    return [entry.header.text for entry in panel.view.diagnostic_model.entries]


def place(panel: ProblemsPanel, row: int, below: int | None = None) -> QPoint:
    """Return a point on a row, or on one of its details."""
    index = panel.view.diagnostic_model.index(row, 0)
    if below is not None:
        index = panel.view.diagnostic_model.index(below, 0, index)
    panel.view.scrollTo(index)
    return panel.view.visualRect(index).topLeft() + QPoint(30, 10)


def row_of(panel: ProblemsPanel, code: str) -> int:
    codes = [entry.diagnostic.code for entry in panel.view.diagnostic_model.entries]
    return codes.index(code)


def below(panel: ProblemsPanel, row: int, kind: str) -> int:
    kinds = [line.kind for line in panel.view.diagnostic_model.entries[row].details]
    return kinds.index(kind)


def test_findings_come_with_errors_first_and_those_of_the_recipe_too(shown, session):
    """All of the report is listed, in its order."""
    assert texts(shown) == [found.message for found in session.report.diagnostics]
    assert [
        e.header.label for e in shown.view.diagnostic_model.entries if e.diagnostic.node is None
    ] == ["Recipe"]


def test_a_click_selects_the_node_and_frames_it(qtbot, shown, session):
    """A click on a row asks for its node to be brought into sight."""
    row = row_of(shown, "window-too-large")
    node = shown.view.diagnostic_model.entries[row].diagnostic.node
    with qtbot.waitSignal(session.reveal_requested) as asked:
        qtbot.mouseClick(shown.view.viewport(), LEFT, pos=place(shown, row))
    assert asked.args == [[node]]
    assert session.selection == (node,)


def test_a_click_on_a_fix_is_one_step_that_undo_takes_back(qtbot, shown, session):
    """A machine's fix is a button below its problem."""
    row = row_of(shown, "param-invalid")
    before = session.project
    shown.view.expand(shown.view.diagnostic_model.index(row, 0))
    at = place(shown, row, below(shown, row, "fix"))
    qtbot.mouseClick(shown.view.viewport(), LEFT, pos=at)
    session.current_report()
    assert session.project.recipe["epochs"] == 10
    assert "param-invalid" not in [e.diagnostic.code for e in shown.view.diagnostic_model.entries]
    session.undo()
    assert session.project is before


def test_the_button_at_the_end_of_a_row_does_the_first_fix(qtbot, shown, session):
    """The most likely fix is one click away while a row is closed."""
    row = row_of(shown, "window-too-large")
    entry = shown.view.diagnostic_model.entries[row]
    rect = shown.view.visualRect(shown.view.diagnostic_model.index(row, 0))
    button = shown.view.delegate.fix_rect(rect, entry.header)
    assert entry.header.fix is entry.diagnostic.fixes[0]
    qtbot.mouseClick(shown.view.viewport(), LEFT, pos=button.center())
    assert session.project == apply_edit(broken(), entry.diagnostic.fixes[0].edit)


def test_a_network_that_does_not_fit_in_memory_is_mended_by_one_button(qtbot, panel, session):
    """Of twice the memory that gradient checkpointing needs, three quarters are free."""
    session.apply("Deepen", deep(width=available_memory() // 96_000_000, batch_size=1_000_000))
    session.current_report()
    before, row = session.project, row_of(panel, "out-of-memory")
    entry = panel.view.diagnostic_model.entries[row]
    rect = panel.view.visualRect(panel.view.diagnostic_model.index(row, 0))
    button = panel.view.delegate.fix_rect(rect, entry.header)
    qtbot.mouseClick(panel.view.viewport(), LEFT, pos=button.center())
    assert session.project.recipe["gradient_checkpointing"] is True
    assert not session.current_report().errors
    session.undo()
    assert session.project is before


def test_keys_walk_into_a_problem_and_press_its_fix(qtbot, shown, session):
    """Right opens, Down walks, Return presses: no mouse is needed."""
    row = row_of(shown, "window-too-large")
    view = shown.view
    view.collapseAll()
    view.setCurrentIndex(view.diagnostic_model.index(row, 0))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    for _ in range(1 + below(shown, row, "fix")):
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.diagnostic_model.diagnostic_row(view.currentIndex()).kind == "fix"
    before = session.project
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert session.project is not before


def test_explain_opens_what_the_code_means(qtbot, shown):
    """The meaning of a code and an example stand below "Explain"."""
    row = row_of(shown, "window-too-large")
    view = shown.view
    view.expand(view.diagnostic_model.index(row, 0))
    at = place(shown, row, below(shown, row, "explain"))
    qtbot.mouseClick(view.viewport(), LEFT, pos=at)
    index = view.diagnostic_model.explain_index(row)
    assert view.isExpanded(index)
    assert [
        view.diagnostic_model.diagnostic_row(view.diagnostic_model.index(n, 0, index)).label
        for n in (0, 1)
    ] == [
        "Meaning",
        "Example",
    ]


def test_next_and_previous_go_round(shown, session):
    """F8 and Shift+F8 walk all problems, round the end."""
    revealed: list[str] = []
    session.reveal_requested.connect(revealed.extend)
    count = len(shown.view.diagnostic_model.entries)
    rows = []
    for _ in range(count + 1):
        shown.next_problem()
        rows.append(shown.view.currentIndex().row())
    assert rows == [*range(count), 0]
    shown.previous_problem()
    assert shown.view.currentIndex().row() == count - 1
    assert revealed


def test_counts_are_toggles(qtbot, shown, session):
    """Each severity can be hidden, and the panel says if all are."""
    errors = shown.findChild(QToolButton, "problems-show-error")
    assert errors.text() == str(len(session.report.errors))
    for severity in ("error", "warning", "info"):
        qtbot.mouseClick(shown.findChild(QToolButton, f"problems-show-{severity}"), LEFT)
    assert texts(shown) == []
    assert not shown.view.isVisible()
    qtbot.mouseClick(errors, LEFT)
    assert len(texts(shown)) == len(session.report.errors)


def test_counts_are_told_while_the_panel_is_hidden(qtbot, panel, session):
    """The dock's title is right even if nobody looks into the dock."""
    panel.hide()
    project = node_edits.add_node(broken(), "Input", "spare", params={"shape": [1]})
    with qtbot.waitSignal(panel.counts_changed) as told:
        session.apply("Break", project)
        session.current_report()
    assert told.args == [2, 1]
    assert texts(panel) != [found.message for found in session.report.diagnostics]
    panel.show()
    assert texts(panel) == [found.message for found in session.report.diagnostics]


def test_fix_all_is_one_step_and_leaves_no_error_that_a_machine_can_mend(qtbot, session, panel):
    """ "Fix all" mends error after error, and undo takes all of it back."""
    project = parse(templates.read_template("posts")).project
    project = field_edits.set_params(project, "posts", {"shape": [20]})
    project = field_edits.set_params(project, "age_head", {"units": 0})
    session.apply("Break", project)
    session.current_report()
    told: list[str] = []
    session.message.connect(told.append)
    qtbot.mouseClick(panel.header.fix_all, LEFT)
    session.current_report()
    assert len(session.report.errors) < len(check(project).errors)
    assert told
    assert told[0].startswith("Fixed ")
    session.undo()
    assert told[-1] == "Undone: Fix all."
    assert session.project is project


def test_a_sound_network_says_so(shown, session):
    """With nothing to mend the panel says that the network can be trained."""
    session.apply("Mend", parse(templates.read_template("sequential")).project)
    session.current_report()
    assert not shown.view.isVisible()
    assert shown.counts == (0, 0)
    assert not shown.header.fix_all.isEnabled()


def test_what_is_opened_and_current_stays_over_edits(shown, session):
    """An edit elsewhere neither closes a row nor moves the place in the list."""
    row = row_of(shown, "window-too-large")
    view = shown.view
    view.collapseAll()
    view.expand(view.diagnostic_model.index(row, 0))
    view.setCurrentIndex(view.diagnostic_model.index(row, 0))
    session.edit("Mend", field_edits.set_recipe, {"epochs": 3})
    session.current_report()
    row = row_of(shown, "window-too-large")
    assert view.isExpanded(view.diagnostic_model.index(row, 0))
    assert view.currentIndex() == view.diagnostic_model.index(row, 0)


def test_a_single_finding_is_expanded_until_there_are_others(qtbot, theme):
    """What the user has expanded or collapsed stays so."""
    view = ProblemView(theme)
    qtbot.addWidget(view)
    found = [Diagnostic("cell-missing", f"error {n}", found="nothing") for n in range(3)]

    def expanded(count: int) -> list[bool]:
        view.set_entries(diagnostic_entries(found[:count], "data"))
        return [view.isExpanded(view.diagnostic_model.index(row, 0)) for row in range(count)]

    assert [expanded(1), expanded(3), expanded(1)] == [[True], [False] * 3, [True]]
    view.collapse(view.diagnostic_model.index(0, 0))
    assert expanded(1) == [False]
    expanded(3)
    view.expand(view.diagnostic_model.index(1, 0))
    assert [expanded(3), expanded(2)] == [[False, True, False], [False, True]]


def test_a_screen_reader_hears_a_sentence(shown):
    """Each row says its severity, node and message."""
    role = Qt.ItemDataRole.AccessibleTextRole
    row = row_of(shown, "window-too-large")
    entry = shown.view.diagnostic_model.entries[row]
    said = shown.view.diagnostic_model.index(row, 0).data(role)
    assert said.startswith(f"Error, {entry.diagnostic.node}: {entry.diagnostic.message}.")


def test_texts_of_a_file_are_no_markup(shown, session):
    """A name that looks like HTML is shown as it is."""
    project = field_edits.set_params(session.project, "conv", {"<b>x</b>": 1})
    session.apply("Break", project)
    session.current_report()
    row = row_of(shown, "param-unknown")
    tip = shown.view.diagnostic_model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in tip
    assert "&lt;b&gt;" in tip


@pytest.mark.slow
def test_a_thousand_problems_are_shown_once(panel, session, monkeypatch):
    """An edit that changes none of a thousand findings leaves their rows alone."""
    show = Mock(wraps=panel.view.set_entries)
    monkeypatch.setattr(panel.view, "set_entries", show)
    project = Project()
    for number in range(1000):
        project = node_edits.add_node(project, "Dense", f"d{number}", params={"units": 0})
    session.apply("Break", project)
    report = session.current_report()
    assert len(report.errors) >= 1000
    panel.view.viewport().repaint()
    session.edit("Move", field_edits.move, {"d0": (10, 10)})
    session.current_report()
    show.assert_called_once()
    panel.next_problem()
    QTest.keyClick(panel.view, Qt.Key.Key_End)
    last = panel.view.diagnostic_model.entry_row(panel.view.currentIndex())
    assert last == len(panel.view.diagnostic_model.entries) - 1
