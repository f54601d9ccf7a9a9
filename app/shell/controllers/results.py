"""The results panel and the rest of the window: whose results are shown, and what is made of them.

The run in front is the one whose curves are shown, or the one that was asked for in the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from app.controls.dialogs.file_dialog import FileDialog
from app.processes.answer_parser import diagnostics_in
from app.processes.json_session import Talk
from app.results.prediction.file_prediction import Predicting
from app.text.node_names import of_data
from app.text.phrases import counted
from engine.core.diagnostic import Diagnostic
from engine.runs.folder.run_json import RUN

if TYPE_CHECKING:
    from app.shell.main_window import Window


_PATIENCE = 500  # milliseconds between two looks whether another dialog was closed


class Judging(QObject):
    """Leads from runs to their results, and from results to files."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._chosen: Path | None = None  # a run of the table that was asked for
        self._making = ""
        self._talk = Talk(self)
        self._talk.ended.connect(self._on_made)
        self._predicting = Predicting(self)
        self._predicting.done.connect(self._on_predicted)
        self._predicting.refused.connect(self._on_not_predicted)
        window.commands.more.append(self._there)
        panel, training = window.results, window.training
        training.running_changed.connect(self._on_running_changed)
        training.state_changed.connect(self.follow)
        window.workspace.switched.connect(self._on_switched)
        window.docks["Results"].visibilityChanged.connect(self._on_visibility_changed)
        panel.changed.connect(window.commands.refresh)
        panel.told.connect(window.tell)
        panel.export_asked.connect(self.export)
        panel.report_asked.connect(self.ask_for_report)
        panel.predict_file_asked.connect(self.ask_for_predictions)
        self.follow()

    def _there(self) -> Mapping[str, bool]:
        """Return what there is for actions about results."""
        panel = self._window.results
        evaluating = panel.evaluation.running
        return {
            "judged": panel.run is not None and not evaluating,
            "record": panel.shown is not None,
        }

    def follow(self) -> None:
        """Look at the run in front, unless another one was asked for."""
        panel, training = self._window.results, self._window.training
        shown = training.shown
        run = self._chosen
        if run is None and shown is not None and shown.session is self._window.workspace.session:
            run = shown.run
        if run is None or not (run / RUN).exists():  # it is written a moment after it began
            run = training.last
        if run != panel.run:
            panel.set_run(run)

    def leave(self) -> None:
        """End what runs beside the window."""
        self._talk.stop()
        self._predicting.stop()
        self._window.results.leave()

    # What actions call.

    def show_chosen(self) -> None:
        """Show the results of the run that is chosen in the table."""
        for entry in self._window.runs.chosen[:1]:
            self._chosen = entry.folder.path
            self._window.show_results()
            self.follow()

    def evaluate(self) -> None:
        """Score the rows that say most about others."""
        self._window.show_results()
        self._window.results.evaluate()

    def predict(self) -> None:
        """Let the person type a row."""
        self._window.show_results()
        self._window.results.predict()

    def export(self, title: str, ending: str, data: bytes) -> None:
        """Ask where something goes that is shown, and write it."""
        from engine.core.files.atomic_write import write_bytes

        def write(path: Path) -> str:
            write_bytes(path, data)
            return f"Wrote {path}"

        name = title.lower().replace(" ", "-").replace("→", "to")
        self._ask_place(title, f"{self._name()}-{name}.{ending}", write)

    def ask_for_report(self) -> None:
        """Ask where the page goes, and have the engine write it."""
        run = self._window.results.run

        def write(path: Path) -> str:
            self._make(["report", str(run), "--out", str(path)])
            return f"Writing the page of {self._name()}…"

        if run is not None:
            self._ask_place("Write the report page", f"{self._name()}.html", write)

    def ask_for_predictions(self) -> None:
        """Ask for a table, predict its rows, and ask where the predictions go."""
        panel = self._window.results
        dialog = FileDialog(self._window, "Predict the rows of a file", str(panel.data.parent))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_table_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_table_chosen(self, path: str) -> None:
        panel, data = self._window.results, Path(path)
        if panel.run is not None:
            panel.predict_page.of_file.show_findings(())
            self._predicting.start(panel.run, data, panel.predict_page.weights.name)
            self._window.tell(f"Predicting the rows of {data.name}…")

    def _ask_place(self, title: str, name: str, write: Any) -> None:
        path = self._window.workspace.session.path
        folder = path.parent if path else self._window.settings.folder
        self._window.files.exporter.ask(title, folder / name, write)

    def _name(self) -> str:
        run = self._window.results.run
        return run.name if run is not None else "run"

    def _make(self, words: list[str]) -> None:
        self._making = words[-1]
        self._talk.start([*words, "--json"])

    # What happened.

    def _on_made(self, code: int, rest: bytes) -> None:
        if code == 0:
            self._window.tell(f"Wrote {self._making}")
            return
        found = diagnostics_in(rest)
        why = found[0].message if found else f"the engine ended with {code}"
        self._window.tell(f"{Path(self._making).name} was not written: {why}.")

    def _on_predicted(self, rows: int) -> None:
        """Ask where the answers go, once no other dialog is in the way."""
        predicting = self._predicting
        if self._window.files.desk.open_dialog is not None:
            QTimer.singleShot(_PATIENCE, self, partial(self._on_predicted, rows))
            return

        def write(place: Path) -> str:
            predicting.keep(place)
            return f"Wrote {counted(rows, 'row')} to {place}"

        self._ask_place("Write predictions", f"{of_data(predicting.data)}-predicted.csv", write)

    def _on_not_predicted(self, found: Sequence[Diagnostic]) -> None:
        """Say why not, where it stays until the file was mended."""
        panel, data = self._window.results, self._predicting.data
        panel.predict_page.show_refused(data, found)
        self._window.show_results()
        panel.tabs.setCurrentWidget(panel.predict_page)
        self._window.tell(f"The rows of {data.name} were not predicted.")

    def _on_running_changed(self, running: bool) -> None:
        panel = self._window.results
        before = panel.run
        if running:
            self._chosen = None
        self.follow()
        if not running and before is not None and panel.run == before:
            panel.set_run(before)  # its weights may have come since it was looked at

    def _on_switched(self) -> None:
        self._chosen = None
        self.follow()

    def _on_visibility_changed(self, seen: bool) -> None:
        """Read again what somebody may have evaluated in a terminal."""
        panel = self._window.results
        if seen and panel.run is not None and panel.shown is None:
            panel.set_run(panel.run)
