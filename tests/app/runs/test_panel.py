"""The runs of a folder are seen, sorted, filtered, named, compared and thrown away."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionHeader

from app.runs.columns import NAME, STAR, START_TIME
from app.runs.panel import RunsPanel
from app.runs.run_details import COMPARE
from engine.runs.folder.notes import read_notes
from engine.runs.state.run_state import read_state
from tests.app.training.made import made_run


@pytest.fixture
def panel(qtbot, theme, place) -> RunsPanel:
    panel = RunsPanel(theme)
    panel.resize(1300, 420)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.set_folder(place)
    qtbot.waitUntil(lambda: len(panel.table.runs.entries) == 3)
    return panel


def texts(panel: RunsPanel, title: str) -> list[str]:
    model = panel.table.filter
    at = next(n for n, column in enumerate(panel.table.runs.columns) if column.title == title)
    return [model.index(row, at).data() for row in range(model.rowCount())]


def cell(panel: RunsPanel, row: int, column: int) -> QPoint:
    return panel.table.visualRect(panel.table.filter.index(row, column)).center()


def click(panel, row, column, modifier=Qt.KeyboardModifier.NoModifier):
    port = panel.table.viewport()
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, modifier, cell(panel, row, column))
    QApplication.processEvents()


def test_every_run_has_a_row_with_its_scores(panel):
    assert texts(panel, "Run") == ["tiny-003", "tiny-002", "tiny-001"]
    assert texts(panel, "State") == ["finished"] * 3
    assert texts(panel, "Epochs") == ["6 / 6", "3 / 3", "4 / 4"]
    assert texts(panel, "Kept epoch") == ["6", "3", "4"]
    assert [float(text) > 0 for text in texts(panel, "a mae")] == [True] * 3
    assert texts(panel, "Data") == ["rows.csv"] * 3
    assert texts(panel, "Changed") == ["", "hidden: units 4 → 8, + drop", ""]


def test_a_column_sorts_by_what_it_means(panel):
    """Not by its letters."""
    column = next(n for n, c in enumerate(panel.table.runs.columns) if c.title == "Epochs")
    panel.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    assert texts(panel, "Epochs") == ["3 / 3", "4 / 4", "6 / 6"]
    panel.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    assert texts(panel, "Epochs")[0] == "6 / 6"


def test_words_narrow_the_table(panel):
    QTest.keyClicks(panel.search, "DROP tiny")
    assert texts(panel, "Run") == ["tiny-002"]
    assert panel._count.text() == "1 of 3 runs"
    panel.search.clear()
    assert len(texts(panel, "Run")) == 3


def test_a_star_is_a_click_and_is_kept(panel, place, qtbot):
    click(panel, 1, STAR)
    assert read_notes(place / "tiny-002").star
    qtbot.waitUntil(lambda: panel.table.runs.entries[1].notes.star)
    QTest.mouseClick(panel.starred, Qt.MouseButton.LeftButton, pos=QPoint(8, 10))
    assert texts(panel, "Run") == ["tiny-002"]
    click(panel, 0, NAME)
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: texts(panel, "Run") == [])


@pytest.mark.slow
def test_a_note_is_kept_as_it_is_typed(panel, place, qtbot):
    click(panel, 0, NAME)
    panel.write_note()
    QTest.keyClicks(panel.details.note, "better with more rows")
    qtbot.waitUntil(lambda: read_notes(place / "tiny-003").text != "")
    click(panel, 1, NAME)
    assert panel.details.note.toPlainText() == ""
    click(panel, 0, NAME)
    qtbot.waitUntil(lambda: panel.details.note.toPlainText() == "better with more rows")
    QTest.keyClicks(panel.search, "rows better")
    assert texts(panel, "Run") == ["tiny-003"]


def test_curves_of_the_chosen_runs_lie_over_one_another(panel, place):
    """Of all that are listed while none is chosen; the numbers are those of the run folders."""
    assert set(panel.details.chart.curves) == {"tiny-001", "tiny-002", "tiny-003"}
    click(panel, 0, NAME)
    click(panel, 2, NAME, Qt.KeyboardModifier.ControlModifier)
    panel.details.score.setCurrentText("a/mae")
    lines = panel.details.chart.curves
    assert set(lines) == {"tiny-001", "tiny-003"}
    held = read_state(place / "tiny-003").validation["a/mae"]
    assert lines["tiny-003"] == ([step for step, _ in held], held.values)
    overlay = panel.details.chart
    at = overlay.plot.getViewBox().mapViewToScene(QPointF(2, lines["tiny-003"][1][1]))
    assert "epoch 2" in overlay._hover_text(at)


def whole_texts(tree) -> bool:
    """Return whether each text is seen whole, or told whole on hover."""
    for item in tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
        for at in range(3):
            least = QFontMetrics(item.font(at)).horizontalAdvance(item.text(at))
            seen = tree.visualItemRect(item).width() if at == 0 else tree.columnWidth(at)
            if least > seen and item.text(at) not in item.toolTip(at):
                return False
    return True


def test_two_runs_are_compared(panel, qtbot):
    click(panel, 1, NAME)
    click(panel, 2, NAME, Qt.KeyboardModifier.ControlModifier)
    panel.compare()
    tree = panel.details.diff_tree
    qtbot.waitUntil(lambda: tree.comparison is not None)
    assert panel.details.currentIndex() == COMPARE
    assert tree.comparison.before.name == "tiny-001"
    graph = tree.topLevelItem(0)
    assert graph.text(1) == "1 added, 1 changed"
    rows = {graph.child(n).text(0): graph.child(n) for n in range(graph.childCount())}
    assert set(rows) == {"drop", "hidden"}
    units = rows["hidden"].child(0)
    assert [units.text(n) for n in range(3)] == ["units", "4", "8"]
    assert whole_texts(tree)
    asked = []
    panel.details.canvas_requested.connect(asked.append)
    QTest.mouseClick(panel.details.canvas_button, Qt.MouseButton.LeftButton)
    assert asked == [tree.comparison]


def test_enter_and_a_double_click_show_a_run(panel, place):
    asked: list[Path] = []
    panel.show_requested.connect(asked.append)
    click(panel, 1, NAME)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    click(panel, 0, NAME)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=cell(panel, 0, NAME))
    assert asked == [place / "tiny-002", place / "tiny-003"]


@pytest.mark.slow
def test_runs_that_come_and_go_are_seen_by_themselves(panel, place, project, qtbot):
    made_run(place / "tiny-004", project, "tiny")
    qtbot.waitUntil(lambda: "tiny-004" in texts(panel, "Run"))
    panel.loader.set_folder(place / "nowhere")
    assert panel._stack.currentIndex() == 0, "there are no runs there"


@pytest.mark.slow
def test_a_hundred_runs_lie_over_one_another(panel, place, project, qtbot):
    for number in range(4, 101):
        made_run(place / f"tiny-{number:03}", project, "tiny")
    panel.loader.refresh()
    qtbot.waitUntil(lambda: len(panel.table.runs.entries) == 100)
    panel.details.chart.grab()
    assert len(panel.details.chart.curves) == 100


@pytest.mark.slow
def test_the_arrow_of_the_sorted_column_stands_apart_from_its_words(panel):
    """Both stand on the right of "Started"."""
    head = panel.table.horizontalHeader()
    for column in (START_TIME, NAME):
        option = QStyleOptionHeader()
        head.initStyleOptionForIndex(option, column)
        assert option.text.strip() in ("Started", "Run")
        assert (option.text != option.text.strip()) == (column == START_TIME)
