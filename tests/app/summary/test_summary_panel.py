"""The summary: each layer with its shape and parameters, and what training takes."""

from __future__ import annotations

import csv
import io
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QToolButton

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.summary.model import LINE
from app.summary.panel import SummaryPanel
from app.summary.rows import PARAMS, TITLES, table
from app.theme.theme import Theme
from engine.check.summary import summarize
from engine.graph import templates
from engine.graph.edits import field_edits, node_edits
from engine.graph.model import Project
from engine.graph.serialization.file import parse

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def template(name: str) -> Project:
    return parse(templates.read_template(name)).project


@pytest.fixture
def panel(qtbot, workspace: Workspace, session: Session, theme: Theme) -> SummaryPanel:
    session.apply("Draw", template("posts"))
    session.current_report()
    made = SummaryPanel(workspace, theme)
    qtbot.addWidget(made)
    made.resize(900, 520)
    made.show()
    qtbot.waitExposed(made)
    QAbstractItemModelTester(
        made.view.layers, QAbstractItemModelTester.FailureReportingMode.Fatal, made
    )
    return made


def column(panel: SummaryPanel, number: int) -> list[str]:
    model = panel.view.model()
    return [model.index(row, number).data() for row in range(model.rowCount())]


def press_head(qtbot, panel: SummaryPanel, number: int) -> None:
    head = panel.view.horizontalHeader()
    at = QPoint(head.sectionViewportPosition(number) + 20, head.height() // 2)
    qtbot.mouseClick(head.viewport(), LEFT, pos=at)


def click(qtbot, panel: SummaryPanel, node: str, keys=Qt.KeyboardModifier.NoModifier) -> None:
    model = panel.view.model()
    indexes = [model.index(row, 1) for row in range(model.rowCount())]
    rect = next(panel.view.visualRect(i) for i in indexes if i.data(LINE).node == node)
    qtbot.mouseClick(panel.view.viewport(), LEFT, keys, rect.center())


def told(panel: SummaryPanel) -> list[str]:
    return [label.text() for label in panel.figures.findChildren(QLabel)]


def test_the_table_is_that_of_the_engine(panel, session):
    """Names, kinds and parameters are those that `engine summary` prints."""
    rows = summarize(session.report).rows
    assert column(panel, 0) == [row.name for row in rows]
    assert column(panel, PARAMS) == [f"{row.params:,}" for row in rows]
    assert column(panel, 2)[2] == "(batch, posts - 4, 128)"
    assert column(panel, 5)[-1] == "drawn as gender_head"


def test_totals_say_what_training_takes(panel):
    """Parameters, memory, work and least lengths stand below the table."""
    texts = told(panel)
    assert "13,490,444" in texts
    assert "parameters, all trainable" in texts
    assert "21,825,024" in texts
    assert texts[texts.index("49") + 1] == "minimum length of posts, in steps"


def test_running_statistics_are_counted_apart(panel, session):
    """A BatchNormalization holds values that training does not move."""
    session.edit("Insert", node_edits.insert_on_wire, "features", "x", "BatchNormalization")
    session.current_report()
    panel.refresh()
    assert any("trainable, 512 non-trainable" in text for text in told(panel))


def test_a_head_sorts_and_a_third_press_unsorts(qtbot, panel):
    """Parameters sort by number, not by letters; the order of computation comes back."""
    before = column(panel, 0)
    press_head(qtbot, panel, PARAMS)
    numbers = [int(text.replace(",", "")) for text in column(panel, PARAMS)]
    assert numbers == sorted(numbers)
    press_head(qtbot, panel, PARAMS)
    assert column(panel, 0)[0] == "words"
    press_head(qtbot, panel, PARAMS)
    assert column(panel, 0) == before


def test_a_sorted_table_stays_sorted_and_selected_over_edits(qtbot, panel, session):
    """What the person chose holds until the person chooses otherwise."""
    press_head(qtbot, panel, 0)
    session.select(["conv"])
    session.edit("Set units", field_edits.set_params, "features", {"units": 8})
    session.current_report()
    panel.refresh()
    assert column(panel, 0) == sorted(column(panel, 0))
    assert [line.node for line in panel.view.chosen()] == ["conv"]


def test_a_click_selects_the_node_and_brings_it_into_sight(qtbot, panel, session):
    """The row of an output layer leads to the layer as it is drawn."""
    with qtbot.waitSignal(session.reveal_requested) as asked:
        click(qtbot, panel, "age_head")
    assert asked.args == [["age_head"]]
    assert session.selection == ("age_head",)
    click(qtbot, panel, "conv", Qt.KeyboardModifier.ControlModifier)
    assert session.selection == ("conv", "age_head")


def test_arrows_select_and_return_goes_there(qtbot, panel, session):
    """The table is walked with the keyboard."""
    click(qtbot, panel, "words")
    qtbot.keyClick(panel.view, KEY.Key_Down)
    assert session.selection == ("conv",)
    with qtbot.waitSignal(session.reveal_requested) as asked:
        qtbot.keyClick(panel.view, KEY.Key_Return)
    assert asked.args == [["conv"]]


def test_a_selection_from_elsewhere_is_shown(panel, session):
    """The table follows the canvas."""
    session.select(["pool", "peak"])
    assert [line.node for line in panel.view.chosen()] == ["pool", "peak"]


def test_copied_as_csv_it_reads_back(qtbot, panel, session):
    """Numbers have no commas, and shapes are quoted."""
    qtbot.mouseClick(panel.findChild(QToolButton, "summary-copy-csv"), LEFT)
    head, *rows = csv.reader(io.StringIO(QGuiApplication.clipboard().text()))
    assert tuple(head) == TITLES
    assert sum(int(row[PARAMS]) for row in rows) == summarize(session.report).total


def test_copied_as_text_it_is_aligned_and_has_totals(qtbot, panel):
    """The table can be pasted into a mail."""
    qtbot.mouseClick(panel.findChild(QToolButton, "summary-copy-text"), LEFT)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].index("Kind") == lines[2].index("Input")
    assert "13,490,444 parameters, all trainable" in lines


def test_ctrl_c_copies_what_is_selected(qtbot, panel):
    """Selected rows only, with their titles."""
    click(qtbot, panel, "conv")
    qtbot.keyClick(panel.view, KEY.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 3
    assert lines[2].startswith("conv ")


def test_a_broken_network_is_summed_up_as_far_as_known(panel, session):
    """Unknown shapes say so, and so do the totals."""
    session.edit("Break", field_edits.set_params, "conv", {"filters": 0})
    session.current_report()
    panel.refresh()
    assert column(panel, 2)[column(panel, 0).index("pool")] == "unknown"
    assert any(text.endswith("as far as known") for text in told(panel))


def test_edits_in_a_row_are_counted_once(qtbot, panel, session):
    """Dragging a slider does not work the table out at each step."""
    before = column(panel, PARAMS)
    for units in range(9, 14):
        session.edit("Set units", field_edits.set_params, "features", {"units": units})
        session.current_report()
    assert column(panel, PARAMS) == before
    qtbot.waitUntil(lambda: column(panel, PARAMS) != before)
    row = column(panel, 0).index("features")
    assert column(panel, PARAMS)[row] == f"{257 * 13:,}"


def test_an_empty_canvas_says_what_to_do(panel, session):
    """Nothing drawn, nothing to count."""
    session.apply("Clear", Project())
    session.current_report()
    panel.refresh()
    assert panel._empty.isVisible()


def test_totals_stand_below_one_another_where_it_is_narrow(panel):
    """A narrow dock cuts nothing off."""
    panel.resize(300, 520)
    assert panel.width() == 300
    assert panel.figures._columns == 2
    panel.resize(900, 520)
    assert panel.figures._columns == 4


@pytest.mark.slow
def test_the_table_of_a_thousand_layers_is_made_once(qtbot, panel, session, monkeypatch):
    """Telling the panel of an edit makes no table, and none is made of the same report again."""
    project = node_edits.add_node(Project(), "Input", "n0", params={"shape": [8]})
    for number in range(1, 1000):
        inputs = {"x": f"n{number - 1}"}
        project = node_edits.add_node(
            project, "Dense", f"n{number}", params={"units": 8}, inputs=inputs
        )
    make = Mock(wraps=table)
    monkeypatch.setattr("app.summary.panel.table", make)
    session.apply("Draw", project)
    session.current_report()
    make.assert_not_called()
    qtbot.waitUntil(lambda: panel.view.layers.rowCount() == 1000)
    panel.refresh()
    make.assert_called_once()


def test_a_longer_name_that_comes_later_gets_the_room(panel: SummaryPanel, session: Session, qtbot):
    name = "an_embedding_of_all_words"
    session.edit("Rename", node_edits.rename_node, "words", name)
    session.current_report()
    needed = panel.view.fontMetrics().horizontalAdvance(name)
    qtbot.waitUntil(lambda: panel.view.columnWidth(0) >= needed)
