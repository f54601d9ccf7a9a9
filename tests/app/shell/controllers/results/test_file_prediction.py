"""The predictions for a file are written where the user wants them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.shell.controllers.results.file_prediction import FilePredictionController


@pytest.fixture
def words():
    """The words of the command of the engine process."""
    return []


@pytest.fixture
def controller(parts, results, export_prompt, monkeypatch, words):
    controller = FilePredictionController(parts)
    monkeypatch.setattr(controller._process, "start", words.extend)
    monkeypatch.setattr(results, "run", Path("run"))
    yield controller
    controller.stop()


def test_the_file_of_predictions_is_told_with_what_it_lacks(
    controller, words, export_prompt, messages, tmp_path
):
    controller.predict(Path("new.csv"))
    assert export_prompt.asked == [("Save predictions", "new-predicted.csv")]
    out = words[words.index("--out") + 1]
    assert "--force" in words, "the dialog has asked"
    assert out == str(tmp_path / "new-predicted.csv")
    note = '{"code": "prediction-unfit", "message": "there are no intervals of this output"}'
    answer = f'{{"rows": 60, "out": "{out}", "diagnostics": [{note}]}}'
    controller._process.finished.emit(0, answer.encode())
    assert messages == [f"Wrote 60 rows to {out}; there are no intervals of this output"]


def test_the_menu_chooses_columns(controller, results, words):
    picker = results.prediction_page.row_picker
    _, probabilities, interval = [
        action for action in picker.file_button.menu().actions() if not action.isSeparator()
    ]
    probabilities.trigger()
    interval.trigger()
    controller.predict(Path("new.csv"))
    assert words[-4:] == ["--probabilities", "--interval", "0.9", "--json"]
