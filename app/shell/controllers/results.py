"""The controller that connects the results panel to runs, evaluation, prediction and export.

The panel shows the run whose curves are shown, or the run that was selected in the runs table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from app.controls.dialogs.file_dialog import FileDialog
from app.processes.answer_parser import parse_diagnostics
from app.processes.json_session import JsonSession
from app.results.prediction.file_prediction import Predicting
from app.text.node_names import table_name
from app.text.phrases import count_noun
from engine.core.diagnostic import Diagnostic
from engine.runs.folder.run_json import RUN

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow


_RETRY_DELAY = 500  # milliseconds between checks whether another dialog has been closed


class ResultsController(QObject):
    """Connects the results panel to runs, evaluation, prediction and export."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._selected_run: Path | None = None  # run selected in the runs table
        self._output_path = ""
        self._report_process = JsonSession(self)
        self._report_process.finished.connect(self._on_report_finished)
        self._predicting = Predicting(self)
        self._predicting.done.connect(self._on_predicted)
        self._predicting.refused.connect(self._on_prediction_failed)
        window.action_manager.condition_providers.append(self._action_conditions)
        panel, training = window.results_panel, window.training_panel
        training.running_changed.connect(self._on_running_changed)
        training.state_changed.connect(self.update_run)
        window.workspace.active_changed.connect(self._on_switched)
        window.docks["Results"].visibilityChanged.connect(self._on_visibility_changed)
        panel.changed.connect(window.action_manager.refresh)
        panel.told.connect(window.show_message)
        panel.export_asked.connect(self.export)
        panel.report_asked.connect(self.export_report)
        panel.predict_file_asked.connect(self.predict_file)
        self.update_run()

    def _action_conditions(self) -> Mapping[str, bool]:
        """Return the conditions of actions on results."""
        panel = self._window.results_panel
        is_evaluating = panel.evaluation.running
        return {
            "results run": panel.run is not None and not is_evaluating,
            "evaluation": panel.shown is not None,
        }

    def update_run(self) -> None:
        """Show the selected run, else the displayed run, else the last run of the document."""
        panel, training = self._window.results_panel, self._window.training_panel
        shown = training.displayed_run
        run = self._selected_run
        if run is None and shown is not None and shown.session is self._window.workspace.session:
            run = shown.run
        if run is None or not (run / RUN).exists():  # run.json is written shortly after the start
            run = training.last_run
        if run != panel.run:
            panel.set_run(run)

    def stop_processes(self) -> None:
        """Stop the processes for reports and predictions."""
        self._report_process.stop()
        self._predicting.stop()
        self._window.results_panel.leave()

    # Action handlers.

    def show_selected(self) -> None:
        """Show the results of the run selected in the runs table."""
        for entry in self._window.runs_panel.chosen[:1]:
            self._selected_run = entry.folder.path
            self._window.show_results()
            self.update_run()

    def evaluate(self) -> None:
        """Evaluate the run on the most representative held-out rows."""
        self._window.show_results()
        self._window.results_panel.evaluate()

    def predict(self) -> None:
        """Show the form for predicting a single row."""
        self._window.show_results()
        self._window.results_panel.predict()

    def export(self, title: str, ending: str, data: bytes) -> None:
        """Ask for a path and write exported data.

        Args:
            title: of the dialog; the suggested file name is derived from it.
            ending: of the file name.
            data: the contents of the file.
        """
        from engine.core.files.atomic_write import write_bytes

        def write(path: Path) -> str:
            write_bytes(path, data)
            return f"Wrote {path}"

        name = title.lower().replace(" ", "-").replace("→", "to")
        self._ask_for_path(title, f"{self._run_name()}-{name}.{ending}", write)

    def export_report(self) -> None:
        """Ask for a path and export the HTML report in an engine process."""
        run = self._window.results_panel.run

        def write(path: Path) -> str:
            self._run_command(["report", str(run), "--out", str(path)])
            return f"Exporting the report of {self._run_name()}…"

        if run is not None:
            self._ask_for_path("Export HTML report", f"{self._run_name()}.html", write)

    def predict_file(self) -> None:
        """Ask for a data file, predict its rows, and ask for a path for the predictions."""
        panel = self._window.results_panel
        dialog = FileDialog(self._window, "Predict the rows of a file", str(panel.data.parent))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_table_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_table_chosen(self, path: str) -> None:
        panel, data = self._window.results_panel, Path(path)
        if panel.run is not None:
            panel.predict_page.of_file.show_findings(())
            self._predicting.start(panel.run, data, panel.predict_page.weights.name)
            self._window.show_message(f"Predicting the rows of {data.name}…")

    def _ask_for_path(self, title: str, name: str, write: Any) -> None:
        path = self._window.workspace.session.path
        folder = path.parent if path else self._window.settings.last_folder
        self._window.files.exporter.ask(title, folder / name, write)

    def _run_name(self) -> str:
        run = self._window.results_panel.run
        return run.name if run is not None else "run"

    def _run_command(self, words: list[str]) -> None:
        self._output_path = words[-1]
        self._report_process.start([*words, "--json"])

    # Slots.

    def _on_report_finished(self, code: int, output: bytes) -> None:
        if code == 0:
            self._window.show_message(f"Wrote {self._output_path}")
            return
        diagnostics = parse_diagnostics(output)
        reason = diagnostics[0].message if diagnostics else f"the engine exited with code {code}"
        self._window.show_message(f"{Path(self._output_path).name} was not written: {reason}.")

    def _on_predicted(self, rows: int) -> None:
        """Ask for a path for the predictions, once no other dialog is open."""
        predicting = self._predicting
        if self._window.files.desk.open_dialog is not None:
            QTimer.singleShot(_RETRY_DELAY, self, partial(self._on_predicted, rows))
            return

        def write(path: Path) -> str:
            predicting.keep(path)
            return f"Wrote {count_noun(rows, 'row')} to {path}"

        self._ask_for_path(
            "Save predictions", f"{table_name(predicting.data)}-predicted.csv", write
        )

    def _on_prediction_failed(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Show the diagnostics on the prediction page, where they stay until the next attempt."""
        panel, data = self._window.results_panel, self._predicting.data
        panel.predict_page.show_refused(data, diagnostics)
        self._window.show_results()
        panel.tabs.setCurrentWidget(panel.predict_page)
        self._window.show_message(f"The rows of {data.name} were not predicted.")

    def _on_running_changed(self, running: bool) -> None:
        panel = self._window.results_panel
        previous_run = panel.run
        if running:
            self._selected_run = None
        self.update_run()
        if not running and previous_run is not None and panel.run == previous_run:
            panel.set_run(previous_run)  # reload: its weights may have been written meanwhile

    def _on_switched(self) -> None:
        self._selected_run = None
        self.update_run()

    def _on_visibility_changed(self, is_visible: bool) -> None:
        """Reload the run, since an evaluation may have been made on the command line."""
        panel = self._window.results_panel
        if is_visible and panel.run is not None and panel.shown is None:
            panel.set_run(panel.run)
