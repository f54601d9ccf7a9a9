"""Handlers of the Data and Train menus."""

from __future__ import annotations

from collections.abc import Mapping

from app.data.panel import DataPanel
from app.shell.actions.injection import Handler, using
from app.shell.controllers.data.columns import ColumnsController
from app.shell.controllers.documents import DocumentController
from app.shell.exports.curve_export import CurveExport
from app.shell.panel_display import PanelDisplay
from app.training.panel.panel import TrainingPanel


def _train(documents: DocumentController, display: PanelDisplay, training: TrainingPanel) -> None:
    documents.commit_input()
    display.show_expanded("Training")
    training.train()


def _last_run(display: PanelDisplay, training: TrainingPanel) -> None:
    display.show_expanded("Training")
    training.open_last_run()


def _curves_log(training: TrainingPanel) -> None:
    view = training.run_view.view_options
    view.update(log_scale=not view.options.log_scale)


HANDLERS: Mapping[str, Handler] = {
    "data": using(ColumnsController, lambda columns: columns.show_table()),
    "choose-data": using(TrainingPanel, lambda training: training.open_data_dialog()),
    "feed": using(ColumnsController, lambda columns: columns.choose_node()),
    "feed-new-input": using(ColumnsController, lambda columns: columns.add_node("Input")),
    "feed-new-output": using(ColumnsController, lambda columns: columns.add_node("Output")),
    "unfeed": using(DataPanel, lambda data: data.unassign()),
    "train": _train,
    "pause": using(TrainingPanel, lambda training: training.run_controls.toggle_pause()),
    "stop": using(TrainingPanel, lambda training: training.stop()),
    "resume": using(TrainingPanel, lambda training: training.resume()),
    "restart": using(TrainingPanel, lambda training: training.restart()),
    "checkpoint": using(TrainingPanel, lambda training: training.run_controls.request_checkpoint()),
    "last-run": _last_run,
    "curves-log": _curves_log,
    "curves-whole": using(
        TrainingPanel, lambda training: training.run_view.view_options.reset_zoom()
    ),
    "export-curves-png": using(CurveExport, lambda export: export.export("png")),
    "export-curves-svg": using(CurveExport, lambda export: export.export("svg")),
    "export-curves-csv": using(CurveExport, lambda export: export.export("csv")),
}
