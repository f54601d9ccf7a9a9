"""Handlers of the Runs menu."""

from __future__ import annotations

from app.results.panel import ResultsPanel
from app.runs.panel import RunsPanel
from app.shell.controllers.results.file_prediction import FilePredictionController
from app.shell.controllers.results.results_export import ResultsExportController
from app.shell.controllers.results.shown_run import ShownRunController
from app.shell.controllers.runs.run_curves import RunCurvesController
from app.shell.controllers.runs.run_graphs import RunGraphsController
from app.shell.controllers.runs.runs_folder import RunsFolderController
from app.shell.handlers.registry import HandlerTable
from app.shell.panel_display import PanelDisplay

table = HandlerTable()


@table.handles("runs")
def _runs(display: PanelDisplay) -> None:
    display.show("Runs")


@table.handles("runs-folder")
def _runs_folder(folders: RunsFolderController) -> None:
    folders.choose_folder()


@table.handles("run-show")
def _run_show(curves: RunCurvesController) -> None:
    curves.show_selected()


@table.handles("run-graph")
def _run_graph(graphs: RunGraphsController) -> None:
    graphs.open_graph()


@table.handles("run-results")
def _run_results(shown_run: ShownRunController) -> None:
    shown_run.show_selected()


@table.handles("run-compare")
def _run_compare(display: PanelDisplay, runs: RunsPanel) -> None:
    display.show("Runs")
    runs.compare()


@table.handles("run-again")
def _run_again(curves: RunCurvesController) -> None:
    curves.repeat_run()


@table.handles("run-from")
def _run_from(curves: RunCurvesController) -> None:
    curves.warm_start()


@table.handles("run-star")
def _run_star(display: PanelDisplay, runs: RunsPanel) -> None:
    display.show("Runs")
    runs.star()


@table.handles("run-rename")
def _run_rename(display: PanelDisplay, runs: RunsPanel) -> None:
    display.show("Runs")
    runs.rename()


@table.handles("run-note")
def _run_note(display: PanelDisplay, runs: RunsPanel) -> None:
    display.show("Runs")
    runs.write_note()


@table.handles("run-delete")
def _run_delete(display: PanelDisplay, runs: RunsPanel) -> None:
    display.show("Runs")
    runs.delete()


@table.handles("run-restore")
def _run_restore(display: PanelDisplay, runs: RunsPanel) -> None:
    display.show("Runs")
    runs.restore()


@table.handles("results")
def _results(display: PanelDisplay) -> None:
    display.show_high("Results")


@table.handles("evaluate")
def _evaluate(display: PanelDisplay, results: ResultsPanel) -> None:
    display.show_high("Results")
    results.evaluate()


@table.handles("predict")
def _predict(display: PanelDisplay, results: ResultsPanel) -> None:
    display.show_high("Results")
    results.show_prediction_form()


@table.handles("predict-file")
def _predict_file(prediction: FilePredictionController) -> None:
    prediction.choose_file()


@table.handles("export-scores")
def _export_scores(results: ResultsPanel) -> None:
    results.export_scores()


@table.handles("report")
def _report(export: ResultsExportController) -> None:
    export.export_report()
