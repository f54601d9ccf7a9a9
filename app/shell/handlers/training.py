"""Handlers of the Data and Train menus."""

from __future__ import annotations

from app.data.panel import DataPanel
from app.shell.controllers.data.columns import ColumnsController
from app.shell.controllers.documents import DocumentController
from app.shell.dialogs.curve_export import CurveExport
from app.shell.handlers.registry import HandlerTable
from app.shell.panel_display import PanelDisplay
from app.training.panel.panel import TrainingPanel

table = HandlerTable()


@table.handles("data")
def _data(columns: ColumnsController) -> None:
    columns.show_table()


@table.handles("choose-data")
def _choose_data(training: TrainingPanel) -> None:
    training.open_data_dialog()


@table.handles("feed")
def _feed(columns: ColumnsController) -> None:
    columns.choose_node()


@table.handles("feed-new-input")
def _feed_new_input(columns: ColumnsController) -> None:
    columns.add_node("Input")


@table.handles("feed-new-output")
def _feed_new_output(columns: ColumnsController) -> None:
    columns.add_node("Output")


@table.handles("unfeed")
def _unfeed(data: DataPanel) -> None:
    data.unassign()


@table.handles("train")
def _train(documents: DocumentController, display: PanelDisplay, training: TrainingPanel) -> None:
    documents.commit_input()
    display.show_high("Training")
    training.train()


@table.handles("pause")
def _pause(training: TrainingPanel) -> None:
    training.run_controls.toggle_pause()


@table.handles("stop")
def _stop(training: TrainingPanel) -> None:
    training.stop()


@table.handles("resume")
def _resume(training: TrainingPanel) -> None:
    training.resume()


@table.handles("restart")
def _restart(training: TrainingPanel) -> None:
    training.restart()


@table.handles("checkpoint")
def _checkpoint(training: TrainingPanel) -> None:
    training.run_controls.request_checkpoint()


@table.handles("last-run")
def _last_run(display: PanelDisplay, training: TrainingPanel) -> None:
    display.show_high("Training")
    training.open_last_run()


@table.handles("curves-log")
def _curves_log(training: TrainingPanel) -> None:
    view = training.results.view_options
    view.update(log_scale=not view.options.log_scale)


@table.handles("curves-whole")
def _curves_whole(training: TrainingPanel) -> None:
    training.results.view_options.reset_zoom()


@table.handles("export-curves-png")
def _export_curves_png(export: CurveExport) -> None:
    export.export("png")


@table.handles("export-curves-svg")
def _export_curves_svg(export: CurveExport) -> None:
    export.export("svg")


@table.handles("export-curves-csv")
def _export_curves_csv(export: CurveExport) -> None:
    export.export("csv")
