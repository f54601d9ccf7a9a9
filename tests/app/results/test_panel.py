"""What a run gets right and wrong is seen, looked into row by row, and taken out."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
)

from app.controls import InlineMessage
from app.results.evaluation.checkpoint_choice import available_weights
from app.results.panel import ResultsPanel
from engine.graph.serialization import file
from engine.runs.evaluation import load_evaluations

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot, theme, place):
    panel = ResultsPanel(theme)
    panel.resize(1200, 620)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.set_run(place / "runs" / "tiny-001")
    yield panel
    panel.stop_processes()


def titles(panel) -> list[str]:
    return [panel.tabs.tabText(at) for at in range(panel.tabs.count())]


def press_tab(panel, title):
    bar = panel.tabs.tabBar()
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(titles(panel).index(title)).center())
    QApplication.processEvents()
    return panel.tabs.currentWidget()


def choose(panel, title):
    """Open the menu of Evaluate, and choose an entry by its first letters."""
    QTest.mouseClick(panel.toolbar.evaluate_button, LEFT)
    entry = next(each for each in panel.toolbar.menu.actions() if each.text().startswith(title))
    QTest.mouseClick(
        panel.toolbar.menu, LEFT, pos=panel.toolbar.menu.actionGeometry(entry).center()
    )
    QApplication.processEvents()


def test_without_a_run_it_says_what_to_do(qtbot, theme):
    panel = ResultsPanel(theme)
    qtbot.addWidget(panel)
    panel.show()
    panel.set_run(None)
    assert panel._stack.currentIndex() == 0
    assert panel.shown_results is None


@pytest.mark.slow
def test_a_run_that_is_gone_is_no_run_to_look_at(panel, tmp_path):
    """Nobody at a window is told what to type in a terminal."""
    panel.set_run(tmp_path / "runs" / "tiny-009")
    assert panel._stack.currentIndex() == 0
    assert "engine" not in " ".join(each.text() for each in panel.note.findChildren(QLabel))


def test_the_scores_have_no_column_without_a_name(panel):
    header = panel.tabs.widget(0).scores.headerItem()
    heads = [header.text(column) for column in range(header.columnCount())]
    assert heads == ["Score", "Value", "95% interval", "Baseline", "Unit"]


def test_the_record_that_the_command_kept_is_shown_with_the_same_numbers(panel, place):
    record = json.loads((place / "runs/tiny-001/results/test.json").read_text())
    assert titles(panel) == ["Scores", "kind", "size", "tame", "Predict"]
    tree = panel.tabs.widget(0).scores
    shown = {}
    for at in range(tree.topLevelItemCount()):
        group = tree.topLevelItem(at)
        if not group.childCount():
            shown[group.text(0).replace("total ", "")] = float(group.text(1))
        for line in range(group.childCount()):
            item = group.child(line)
            name = item.text(0).replace(" of ", " ")
            shown[f"{group.text(0)}/{name}"] = float(item.text(1))
    assert shown["loss"] == pytest.approx(record["scores"]["loss"], abs=1e-4)
    assert shown["size/mae"] == pytest.approx(record["scores"]["size/mae"], abs=1e-4)
    assert shown.keys() == record["scores"].keys()


def test_a_low_window_shows_one_line_of_notes_until_they_are_asked_for(panel):
    page = panel.tabs.widget(0)
    message = page.notes.findChild(InlineMessage)
    for height, is_seen in ((840, False), (860, True), (840, False)):
        panel.resize(900, height)
        QApplication.processEvents()
        assert (message.isVisible(), page.notes.toggle.isVisible()) == (is_seen, not is_seen)
    for is_seen in (True, False):
        QTest.mouseClick(page.notes.toggle, LEFT)
        assert message.isVisible() == is_seen


def copied(panel) -> str:
    """Copy scores and stamp, and answer them."""
    page = panel.tabs.widget(0)
    button = next(b for b in page.findChildren(QPushButton) if b.text() == "Copy with details")
    QTest.mouseClick(button, LEFT)
    return QApplication.clipboard().text()


def test_the_stamp_stands_beside_the_scores_and_is_copied_with_them(panel):
    found = copied(panel)
    for word in ("Seed\t1", "18 test rows", "float32", "torch", "accuracy", "cm"):
        assert word in found


@pytest.mark.slow
def test_a_cell_that_is_clicked_shows_its_rows_with_their_own_cells(panel, place, qtbot):
    page = press_tab(panel, "kind")
    record, _ = load_evaluations(place / "runs" / "tiny-001")
    found = record.outputs[0].confusion
    truth, said = next(
        (t, p) for t in range(3) for p in range(3) if t != p and found.counts[t][p]
    )  # fmt: skip
    cell = page.confusion_matrix.cell_rect(truth, said).center().toPoint()
    QTest.mouseMove(page.confusion_matrix, cell)
    QTest.mouseClick(page.confusion_matrix, LEFT, pos=cell)
    qtbot.waitUntil(lambda: page.rows_table.columnCount() > 3)
    head, *shown = page.rows_table.table()
    assert head == ["Row", "True", "Predicted", "x1", "x2", "tone", "kind", "size", "tame"]
    assert [int(row[0]) for row in shown] == list(found.rows(truth, said))
    assert {row[1] for row in shown} == {row[6] for row in shown} == {found.labels[truth]}
    table = (place / "rows.csv").read_text().splitlines()
    assert float(shown[0][3]) == float(table[1 + int(shown[0][0])].split(",")[0])
    QTest.mouseClick(page.worst_rows_button, LEFT)
    assert page.rows_table.table()[0][1:5] == ["True", "Predicted", "Confidence", "Loss"]


def test_a_cell_is_reached_by_keys_and_says_what_it_counts(panel):
    page = press_tab(panel, "kind")
    page.confusion_matrix.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(page.confusion_matrix, key)
    assert page.confusion_matrix.current_cell == (1, 1)
    assert page.cards[0].caption.startswith("true dog, predicted dog: ")
    QTest.keyClick(page.confusion_matrix, Qt.Key.Key_Return)
    assert page._heading.text() == "dog → dog"


def test_counts_become_shares_by_a_tick(panel):
    page = press_tab(panel, "kind")
    before = page.confusion_matrix.image()
    tick = page.cards[0].findChild(QCheckBox)
    QTest.mouseClick(tick, LEFT, pos=QPoint(8, tick.height() // 2))
    assert page.confusion_matrix.is_normalized
    assert page.confusion_matrix.image() != before


def test_the_worst_rows_stand_below_with_their_own_cells(panel, place, qtbot):
    page = press_tab(panel, "size")
    qtbot.waitUntil(lambda: page.rows_table.columnCount() > 4)
    record, _ = load_evaluations(place / "runs" / "tiny-001")
    assert [int(row[0]) for row in page.rows_table.table()[1:]] == [
        w.row for w in record.outputs[1].worst
    ]
    assert page.rows_table.table()[1][1].endswith(" cm")
    assert page._caption.text() == "largest loss first; row numbers start at 0"


def test_a_table_that_is_gone_leaves_what_the_record_says(panel, place, qtbot):
    (place / "rows.csv").unlink()
    record = place / "runs/tiny-001/results/test.json"
    plain = json.loads(record.read_text()) | {"data": str(place / "rows.csv")}
    record.write_text(json.dumps(plain))
    panel.set_run(place / "runs" / "tiny-001")
    page = press_tab(panel, "size")
    qtbot.waitUntil(lambda: not page.cell_reader.is_running)
    assert page.rows_table.columnCount() == 4


def test_what_lies_under_the_pointer_is_told(panel):
    page = press_tab(panel, "tame")
    for card in page.cards:
        drawing = card.chart
        drawing.grab()
        told = set()
        for across in range(4, drawing.width(), 6):
            for down in range(4, drawing.height(), 12):
                told.add(drawing.hover_text(QPoint(across, down).toPointF()))
        assert len(told) > 2, drawing.accessibleName()


def entry(card, text) -> None:
    """Choose an entry of a card's menu."""
    QTest.mouseClick(card.menu_button, LEFT)
    menu = next(each for each in card.findChildren(QMenu) if each.isVisible())
    action = next(each for each in menu.actions() if each.text() == text)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    QApplication.processEvents()


@pytest.mark.slow
def test_every_card_is_taken_out_as_numbers_and_as_pictures(panel):
    taken = []
    panel.export_requested.connect(lambda title, ending, data: taken.append((title, ending, data)))
    for name in ("kind", "size", "tame"):
        page = press_tab(panel, name)
        for card in page.cards:
            taken.clear()
            for text in ("Export as CSV…", "Export as PNG…", "Export as SVG…"):
                entry(card, text)
            assert [ending for _, ending, _ in taken] == ["csv", "png", "svg"]
            rows = list(csv.reader(io.StringIO(taken[0][2].decode())))
            assert len(rows) > 2
            assert len(set(map(len, rows))) == 1
            assert QImage.fromData(taken[1][2]).width() >= 400
            assert b"<svg" in taken[2][2][:2000]
    entry(page.cards[0], "Copy data")
    assert "\t" in QApplication.clipboard().text()
    entry(page.cards[0], "Copy image")
    assert not QApplication.clipboard().image().isNull()


@pytest.mark.slow
def test_rows_are_evaluated_with_progress_and_both_evaluations_are_kept(panel, place, qtbot):
    choose(panel, "Evaluate 12 validation rows")
    assert panel.evaluation.is_running
    assert panel.toolbar.cancel_button.isVisible()
    qtbot.waitUntil(lambda: not panel.evaluation.is_running)
    assert not panel.note.isVisible(), panel.note.text
    assert panel.shown_results.split == "validation"
    assert panel.toolbar.evaluation_box.currentText() == "Validation rows"
    assert {each.split for each in load_evaluations(place / "runs/tiny-001")} == {
        "test",
        "validation",
    }
    panel.toolbar.evaluation_box.setFocus()
    QTest.keyClick(panel.toolbar.evaluation_box, Qt.Key.Key_Up)
    assert panel.shown_results.split == "test"


@pytest.mark.slow
def test_rows_and_weights_are_told_before_they_are_scored_and_both_can_be_chosen(
    panel, place, qtbot
):
    run = place / "runs" / "tiny-001"
    shutil.rmtree(run / "results")
    panel.set_run(run)
    shown = "on 18 test rows (held out)."
    assert panel._empty_state._text.text().startswith(f"Evaluates the final weights {shown}")
    choose(panel, "Use the weights of the best epoch")
    text = f"Evaluates the weights of the best epoch {shown}"
    assert panel._empty_state._text.text().startswith(text)
    panel.evaluate()
    qtbot.waitUntil(lambda: not panel.evaluation.is_running)
    assert (panel.shown_results.split, panel.shown_results.weights) == ("test", "best")
    assert "Weights\tthe weights of the best epoch" in copied(panel)


def test_the_best_weights_are_first_where_the_recipe_keeps_them_or_the_run_goes_on(place):
    run = place / "runs" / "tiny-001"
    project = file.read(run / "graph.loom.json").project
    keeps = replace(project, recipe={**project.recipe, "stopping": {}})
    assert [each.name for each in available_weights(run, project)] == ["final", "best"]
    assert [each.name for each in available_weights(run, keeps)] == ["final", "last"]
    assert "best epoch" in available_weights(run, keeps)[0].text
    (run / "model.safetensors").unlink()
    assert [each.name for each in available_weights(run, project)] == ["best", "last"]
    (run / "checkpoints" / "best.json").unlink()
    assert [each.name for each in available_weights(run, None)] == ["last"]


@pytest.mark.slow
def test_a_run_that_ends_is_evaluated_with_its_final_weights(panel, place):
    """While it trains, there is only the latest checkpoint; at the end, that is no choice."""
    run = place / "runs" / "tiny-001"
    graph = json.loads((run / "graph.loom.json").read_text())
    graph["recipe"]["stopping"] = {}
    (run / "graph.loom.json").write_text(json.dumps(graph))
    model = (run / "model.safetensors").rename(run / "model")
    best = (run / "checkpoints" / "best.json").rename(run / "checkpoints" / "best")
    panel.set_run(run)
    assert panel.toolbar.weights_name == "last"
    model.rename(run / "model.safetensors")
    best.rename(run / "checkpoints" / "best.json")
    panel.set_run(run)
    assert panel.toolbar.weights_name == "final"
    choose(panel, "Use the weights of the last step")
    panel.set_run(run)
    assert panel.toolbar.weights_name == "last", "what a person has chosen stays"


def test_an_evaluation_can_be_cancelled(panel, place, qtbot):
    choose(panel, "Evaluate 30 training rows")
    QTest.mouseClick(panel.toolbar.cancel_button, LEFT)
    assert not panel.evaluation.is_running
    assert panel.toolbar.evaluate_button.isVisible()
    assert [each.split for each in load_evaluations(place / "runs/tiny-001")] == [
        "test",
        "validation",
    ]


@pytest.mark.slow
def test_a_file_is_evaluated_and_one_that_does_not_fit_is_told(panel, place, qtbot):
    (place / "less.csv").write_text("x1,x2\n0.1,0.2\n")
    shutil.copy(place / "rows.csv", place / "more.csv")
    for name, fits in (("less.csv", False), ("more.csv", True)):
        choose(panel, "Evaluate a data file")
        dialog = next(d for d in panel.findChildren(QFileDialog) if d.isVisible())
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        field.setText(str(place / name))
        QTest.keyClick(field, Qt.Key.Key_Return)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: not panel.evaluation.is_running)
        assert panel.note.isVisible() != fits
    assert panel.shown_results.name == "more.csv"
    assert panel.shown_results.rows == 60


def test_a_run_that_is_broken_is_told(panel, place):
    (place / "runs/tiny-001/graph.loom.json").write_text("{")
    panel.set_run(place / "runs" / "tiny-001")
    assert panel.note.isVisible()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("width", [400, 700, 1200])
def test_everything_is_within_its_width(panel, theme, mode, width):
    theme.set_mode(mode)
    panel.resize(width, 620)
    QApplication.processEvents()
    for title in titles(panel)[:-1]:
        page = press_tab(panel, title)
        assert page.width() <= width
        inside = page.widget() if hasattr(page, "widget") else page
        assert inside.width() <= page.width()
