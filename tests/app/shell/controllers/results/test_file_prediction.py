"""The predictions for a file are kept where the user wants them, once there are any."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from app.shell.controllers.results import file_prediction
from app.shell.controllers.results.file_prediction import FilePredictionController


@pytest.fixture
def desk():
    return SimpleNamespace(open_dialog=None)


@pytest.fixture
def controller(results, desk, prompt, workspace, display, parent, monkeypatch):
    monkeypatch.setattr(file_prediction, "_RETRY_DELAY", 1)
    controller = FilePredictionController(results, desk, prompt, workspace, display, parent)
    predicting = controller._predicting
    predicting.data = Path("new.csv")
    monkeypatch.setattr(predicting, "keep", lambda path: path.write_text("predictions"))
    return controller


def test_the_path_is_asked_for_once_no_other_dialog_is_open(
    controller, desk, prompt, qtbot, tmp_path
):
    desk.open_dialog = object()
    controller._predicting.done.emit(60)
    qtbot.wait(20)
    assert prompt.asked == []
    desk.open_dialog = None
    qtbot.waitUntil(lambda: bool(prompt.asked))
    assert prompt.told == [f"Wrote 60 rows to {tmp_path / 'new-predicted.csv'}"]
    assert (tmp_path / "new-predicted.csv").read_text() == "predictions"


def test_a_file_that_can_not_be_predicted_is_told_on_the_page(
    controller, results, prompt, messages, shown
):
    controller._predicting.refused.emit([])
    assert results.tabs.currentWidget() is results.predict_page
    assert shown == ["Results"]
    assert messages == ["The rows of new.csv were not predicted."]
    assert prompt.asked == []
