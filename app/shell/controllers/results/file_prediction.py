"""The controller that predicts the rows of a data file and saves the predictions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.controls.dialogs.file_dialog import open_file_dialog
from app.documents.workspace import Workspace
from app.files.prompts.prompts import Prompts
from app.results.panel import ResultsPanel
from app.results.prediction.file_prediction import FilePrediction
from app.shell.exports.export_prompt import ExportPrompt
from app.shell.panel_display import PanelDisplay
from app.text.node_names import table_name
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.counts import count_noun

_RETRY_DELAY = 500  # milliseconds; how often to look whether another dialog is still open


class FilePredictionController(QObject):
    """Predicts the rows of a data file with the run in the results panel."""

    def __init__(
        self,
        results: ResultsPanel,
        prompts: Prompts,
        export_prompt: ExportPrompt,
        workspace: Workspace,
        display: PanelDisplay,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._results, self._prompts, self._export_prompt = results, prompts, export_prompt
        self._workspace, self._display = workspace, display
        self._prediction = FilePrediction(self)
        self._prediction.succeeded.connect(self._on_predicted)
        self._prediction.failed.connect(self._on_prediction_failed)
        results.predict_file_requested.connect(self.choose_file)

    def stop(self) -> None:
        """Stop the engine process."""
        self._prediction.stop()

    def choose_file(self) -> None:
        """Ask for a data file and predict its rows. Then ask where to save the predictions."""
        folder, title = self._results.data_path.parent, "Predict the rows of a file"
        open_file_dialog(self._parent, title, folder, self.predict)

    def predict(self, data: Path) -> None:
        """Start to predict the rows of a data file. Then ask where to save the predictions."""
        results = self._results
        if results.run is not None:
            results.prediction_page.file_errors.show_diagnostics(())
            self._prediction.start(results.run, data, results.prediction_page.weights.name)
            self._workspace.message.emit(f"Predicting the rows of {data.name}…")

    def _on_predicted(self, rows: int) -> None:
        """Ask for a path for the predictions as soon as no other dialog is open."""
        prediction = self._prediction
        if self._prompts.active_dialog is not None:
            QTimer.singleShot(_RETRY_DELAY, self, partial(self._on_predicted, rows))
            return

        def write(path: Path) -> str:
            prediction.save(path)
            return f"Wrote {count_noun(rows, 'row')} to {path}"

        name = f"{table_name(prediction.data_path)}-predicted.csv"
        self._export_prompt.ask("Save predictions", name, write)

    def _on_prediction_failed(self, diagnostics: Sequence[Diagnostic]) -> None:
        results, data = self._results, self._prediction.data_path
        results.prediction_page.show_file_errors(data, diagnostics)
        self._display.show_expanded("Results")
        results.tabs.setCurrentWidget(results.prediction_page)
        self._workspace.message.emit(f"The rows of {data.name} were not predicted.")
