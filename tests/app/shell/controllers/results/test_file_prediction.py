"""The predictions for a file are kept where the user wants them, once there are any."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from app.shell.controllers.results import file_prediction
from app.shell.controllers.results.file_prediction import FilePredictionController


@pytest.fixture
def prompts():
    return SimpleNamespace(active_dialog=None)


@pytest.fixture
def controller(results, prompts, export_prompt, workspace, docks, parent, monkeypatch):
    monkeypatch.setattr(file_prediction, "_RETRY_DELAY", 1)
    controller = FilePredictionController(results, prompts, export_prompt, workspace, docks, parent)
    monkeypatch.setattr(controller._process, "start", lambda words: None)
    monkeypatch.setattr(results, "run", Path("run"))
    controller.predict(Path("new.csv"))
    controller._out.write_text("predictions")
    yield controller
    controller.stop()


def test_the_path_is_asked_for_once_no_other_dialog_is_open(
    controller, prompts, export_prompt, qtbot, tmp_path
):
    prompts.active_dialog = object()
    controller._process.finished.emit(0, b'{"rows": 60}')
    qtbot.wait(20)
    assert export_prompt.asked == []
    prompts.active_dialog = None
    qtbot.waitUntil(lambda: bool(export_prompt.asked))
    assert export_prompt.told == [f"Wrote 60 rows to {tmp_path / 'new-predicted.csv'}"]
    assert (tmp_path / "new-predicted.csv").read_text() == "predictions"


def test_the_menu_chooses_columns_and_format(controller, results, export_prompt, qtbot, tmp_path):
    picker, words = results.prediction_page.row_picker, []
    _, probabilities, interval, _, parquet, *_ = [
        action for action in picker.file_button.menu().actions() if not action.isSeparator()
    ]
    probabilities.trigger()
    interval.trigger()
    parquet.trigger()
    controller._process.start = words.extend
    controller.predict(Path("new.csv"))
    assert words[-4:] == ["--probabilities", "--interval", "0.9", "--json"]
    assert Path(words[words.index("--out") + 1]).suffix == ".parquet"
    controller._out.write_text("predictions")
    controller._process.finished.emit(0, b'{"rows": 60}')
    qtbot.waitUntil(lambda: bool(export_prompt.asked))
    assert (tmp_path / "new-predicted.parquet").exists()
