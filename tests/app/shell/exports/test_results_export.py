"""Scores, charts and reports are written where the user wants them."""

from __future__ import annotations

import pytest

from app.shell.exports.results_export import ResultsExport
from tests.app.training.made import made_run


@pytest.fixture
def controller(parts, export_prompt):
    controller = ResultsExport(parts)
    yield controller
    controller.stop()


def test_an_export_is_named_after_run_and_title(
    controller, results, export_prompt, project, tmp_path
):
    results.set_run(made_run(tmp_path / "runs" / "net-001", project, "net").path)
    results.export_requested.emit("Confusion matrix y", "csv", b"a,b\n")
    assert export_prompt.asked == [("Confusion matrix y", "net-001-confusion-matrix-y.csv")]
    assert (tmp_path / "net-001-confusion-matrix-y.csv").read_bytes() == b"a,b\n"


def test_without_a_run_there_is_no_report(controller, results, export_prompt):
    results.report_requested.emit()
    assert export_prompt.asked == []
    assert not controller.is_running


def test_a_report_that_failed_is_told_with_its_reason(
    controller, results, export_prompt, project, messages, qtbot, tmp_path
):
    results.set_run(made_run(tmp_path / "runs" / "net-001", project, "net").path)
    results.report_requested.emit()
    assert controller.is_running
    assert export_prompt.told == ["Exporting the report of net-001…"]
    controller.stop()
    controller._report_process.finished.emit(3, b"")
    assert messages == ["net-001.html was not written: the engine exited with code 3."]
