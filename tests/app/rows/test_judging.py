"""What keys and menus do with the results of a run: a test for each row, by real events."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from app.documents.session import Session
from engine.graph.serialization import file
from tests.app.results.conftest import place, trained
from tests.app.rows.menus import answer, choose, trigger

pytestmark = pytest.mark.slow

__all__ = ["place", "trained"]


@pytest.fixture
def session(qapp, place) -> Session:
    """The document of a run that was trained and evaluated."""
    path = place / "tiny.loom.json"
    return Session(file.read(path).project, path)


@pytest.fixture
def results(window, place, qtbot):
    """The results panel, shown, with the last run of the document."""
    window.panels.training._run_watcher.check()
    qtbot.waitUntil(lambda: window.panels.results.run == place / "runs" / "tiny-001")
    window.dock_layout.show_expanded("Results")
    QApplication.processEvents()
    yield window.panels.results
    window.controllers.finish()
    window.panels.results.stop_processes()


def test_row_results(window, press, results):
    window.dock_layout.show_panel("Problems")
    press("results")
    assert results.isVisible()
    assert results.shown_results.split == "test"


def test_row_run_results(window, results, qtbot):
    window.dock_layout.show_panel("Runs")
    qtbot.waitUntil(lambda: len(window.panels.runs.table.runs.entries) == 1)
    window.panels.runs.table.selectAll()
    trigger(window, "run-results")
    assert results.isVisible()
    assert results.run.name == "tiny-001"


def test_row_evaluate(window, press, results, qtbot):
    press("evaluate")
    assert results.evaluation.is_running
    assert not window.action_manager.actions["evaluate"].isEnabled()
    qtbot.waitUntil(lambda: not results.evaluation.is_running)
    assert results.shown_results.split == "test"
    assert window.action_manager.actions["evaluate"].isEnabled()


def test_row_predict(window, press, results, qtbot):
    press("predict")
    page = results.prediction_page
    assert results.tabs.currentWidget() is page
    qtbot.waitUntil(lambda: any(each.isVisible() for each in page.predictions.cards))
    assert page._weights_label.text() == f"Predicted by {results.toolbar.default_weights.text}"
    assert page.client.weights == results.toolbar.weights_name
    press("predict")
    assert page.form.isAncestorOf(QApplication.focusWidget())


def test_row_predict_file(window, results, place, qtbot):
    trigger(window, "predict-file")
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    (place / "rows.csv").rename(place / "rows.v2.csv")
    field.setText(str(place / "rows.v2.csv"))
    QTest.keyClick(field, Qt.Key.Key_Return)
    desk = window.document_manager.prompts
    qtbot.waitUntil(lambda: desk.active_dialog is not None)
    offered = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    assert [Path(name).name for name in offered.selectedFiles()] == ["rows.v2-predicted.csv"]
    answer(window, place / "out.csv")
    qtbot.waitUntil(lambda: "Wrote 60 rows to" in window.statusBar().currentMessage())
    rows = list(csv.DictReader((place / "out.csv").read_text().splitlines()))
    assert len(rows) == 60
    assert {"x1", "tone", "kind_predicted", "kind_probability"} <= rows[0].keys()


def test_a_file_that_can_not_be_predicted_is_told_with_line_and_value(
    window, results, place, qtbot
):
    """What is wrong stays in sight until the file is mended."""
    lines = (place / "rows.csv").read_text().splitlines()
    first, rest = lines[3].split(",", 1)
    lines[3] = f'"{first.replace(".", ",")}",{rest}'
    (place / "new.csv").write_text("\n".join(lines) + "\n")
    window.controllers.file_prediction.predict(place / "new.csv")
    answer(window, place / "out.parquet")
    note = results.prediction_page.file_errors
    qtbot.waitUntil(lambda: bool(note.diagnostics))
    assert results.tabs.currentWidget() is results.prediction_page
    assert not (place / "out.parquet").exists()
    told = note.note.text.splitlines()
    assert told[0] == "The rows of new.csv were not predicted."
    assert "row 2 (counting from 0), line 4 of the file" in told[1]
    assert f"'{first.replace('.', ',')}' in row 2 looks like a decimal comma" in told[1]
    assert f"Write {first} for" in told[1]
    window.controllers.file_prediction.predict(place / "rows.csv")
    answer(window, place / "out.parquet")
    qtbot.waitUntil((place / "out.parquet").exists)
    assert not note.diagnostics


def test_row_export_scores(window, results, place):
    trigger(window, "export-scores")
    answer(window, place / "scores.csv")
    rows = list(csv.reader((place / "scores.csv").read_text().splitlines()))
    assert rows[0] == ["Output", "Score", "Value", "95% interval", "Baseline", "Unit"]
    assert ["size", "mae"] in [row[:2] for row in rows]


def test_row_report(window, results, place, qtbot):
    trigger(window, "report")
    answer(window, place / "page.html")
    qtbot.waitUntil(lambda: (place / "page.html").is_file())
    assert "Evaluated on the test rows" in (place / "page.html").read_text()
    qtbot.waitUntil(lambda: not window.controllers.results_export.is_running)


def test_the_run_of_the_document_in_front_is_looked_at(window, results, place, qtbot):
    window.workspace.open(Session())
    qtbot.waitUntil(lambda: results.run is None)
    assert not window.action_manager.actions["evaluate"].isEnabled()
    window.workspace.activate(window.workspace.sessions[0])
    qtbot.waitUntil(lambda: results.run == place / "runs" / "tiny-001")


def test_a_run_is_looked_at_once_it_is_there_and_nothing_is_told_of_it_before(
    window, place, results, qtbot
):
    """That there is no run in its folder stood there until the panel was made anew."""
    told = []
    results.changed.connect(lambda: told.append(results.note.isVisible()))
    window.workspace.session.data_path = place / "rows.csv"
    window.panels.training.train()
    qtbot.waitUntil(lambda: results.run.name == "tiny-002")
    qtbot.waitUntil(lambda: not window.panels.training.running)
    assert (place / "runs/tiny-002/run.json").exists()
    assert not any(told)
    window.action_manager.actions["predict"].trigger()
    qtbot.waitUntil(lambda: any(s.isVisible() for s in results.prediction_page.predictions.cards))


def test_row_export_pytorch_offers_the_weights_of_the_run(window, results, place, qtbot):
    trigger(window, "export-pytorch")
    assert "trained the current network" in window.document_manager.prompts.active_dialog.text
    assert choose(window, "Final weights…") == "With the weights of tiny-001?"
    folder = place / "out"
    folder.mkdir()
    answer(window, folder)
    qtbot.waitUntil(lambda: (folder / "tiny.py").is_file())
    assert "load_file" in (folder / "tiny.py").read_text()
    assert (folder / "tiny.safetensors").is_file()
    qtbot.waitUntil(
        lambda: "tiny-001 with the final weights" in window.statusBar().currentMessage()
    )
    trigger(window, "export-pytorch")
    choose(window, "Final weights…")
    answer(window, folder)
    assert choose(window, "Cancel") == "Replace tiny.py?"
    best = place / "best"
    best.mkdir()
    trigger(window, "export-pytorch")
    choose(window, "Best epoch…")
    answer(window, best)
    qtbot.waitUntil(lambda: (best / "tiny.safetensors").is_file())
    qtbot.waitUntil(
        lambda: "with the weights of the best epoch" in window.statusBar().currentMessage()
    )


def test_row_export_pytorch_offers_the_network_as_drawn_as_well(window, results, place, qtbot):
    trigger(window, "export-pytorch")
    choose(window, "Current graph, untrained…")
    answer(window, place / "drawn.py")
    assert "load_file" not in (place / "drawn.py").read_text()
