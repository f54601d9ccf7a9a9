"""Handlers of the Runs menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.results.panel import ResultsPanel
from app.runs.panel import RunsPanel
from app.shell.actions.injection import Handler, using
from app.shell.controllers.results.file_prediction import FilePredictionController
from app.shell.controllers.results.results_run import ResultsRunController
from app.shell.controllers.runs.run_curves import RunCurvesController
from app.shell.controllers.runs.run_graphs import RunGraphsController
from app.shell.controllers.runs.runs_folder import RunsFolderController
from app.shell.exports.results_export import ResultsExport
from app.shell.panel_display import PanelDisplay


def _with_runs(call: Callable[[RunsPanel], object]) -> Handler:
    """Return a handler that shows the Runs panel and calls `call` with the panel."""

    def handler(display: PanelDisplay, runs: RunsPanel) -> None:
        display.show("Runs")
        call(runs)

    return handler


def _with_results(call: Callable[[ResultsPanel], object]) -> Handler:
    """Return a handler that shows the Results panel and calls `call` with the panel."""

    def handler(display: PanelDisplay, results: ResultsPanel) -> None:
        display.show_expanded("Results")
        call(results)

    return handler


HANDLERS: Mapping[str, Handler] = {
    "runs": using(PanelDisplay, lambda display: display.show("Runs")),
    "runs-folder": using(RunsFolderController, lambda folders: folders.choose_folder()),
    "run-show": using(RunCurvesController, lambda curves: curves.show_selected()),
    "run-graph": using(RunGraphsController, lambda graphs: graphs.open_graph()),
    "run-results": using(ResultsRunController, lambda results_run: results_run.show_selected()),
    "run-compare": _with_runs(lambda runs: runs.compare()),
    "run-again": using(RunCurvesController, lambda curves: curves.repeat_run()),
    "run-from": using(RunCurvesController, lambda curves: curves.warm_start()),
    "run-star": _with_runs(lambda runs: runs.star()),
    "run-rename": _with_runs(lambda runs: runs.rename()),
    "run-note": _with_runs(lambda runs: runs.write_note()),
    "run-delete": _with_runs(lambda runs: runs.delete()),
    "run-restore": _with_runs(lambda runs: runs.restore()),
    "results": using(PanelDisplay, lambda display: display.show_expanded("Results")),
    "evaluate": _with_results(lambda results: results.evaluate()),
    "predict": _with_results(lambda results: results.show_prediction_form()),
    "predict-file": using(FilePredictionController, lambda prediction: prediction.choose_file()),
    "export-scores": using(ResultsPanel, lambda results: results.export_scores()),
    "report": using(ResultsExport, lambda export: export.export_report()),
}
