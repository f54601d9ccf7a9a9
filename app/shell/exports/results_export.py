"""Exports of the results panel: scores, charts and the HTML report."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostics
from app.shell.window_parts import WindowParts


class ResultsExport(QObject):
    """Writes the exports of the results panel; an engine process creates the HTML report."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._results, self._workspace = window.panels.results, window.workspace
        self._exporter = window.document_manager.exporter
        self._report_path = Path()
        self._report_process = JsonLinesProcess(self)
        self._report_process.finished.connect(self._on_report_finished)
        self._results.export_requested.connect(self.export)
        self._results.report_requested.connect(self.export_report)

    @property
    def is_running(self) -> bool:
        """Whether a report is being created."""
        return self._report_process.is_running

    def stop(self) -> None:
        """Stop the engine process."""
        self._report_process.stop()

    def export(self, title: str, ending: str, data: bytes) -> None:
        """Ask for a path and write exported data.

        Args:
            title: the title of the dialog, from which the suggested file name is derived.
            ending: the suffix of the file name.
            data: the contents of the file.
        """
        from engine.core.files.atomic_write import write_bytes

        def write(path: Path) -> str:
            write_bytes(path, data)
            return f"Wrote {path}"

        name = title.lower().replace(" ", "-").replace("→", "to")
        self._exporter.ask(title, f"{self._run_name()}-{name}.{ending}", write)

    def export_report(self) -> None:
        """Ask for a path and export the HTML report in an engine process."""
        run = self._results.run

        def write(path: Path) -> str:
            self._report_path = path
            self._report_process.start(["report", str(run), "--out", str(path), "--json"])
            return f"Exporting the report of {self._run_name()}…"

        if run is not None:
            self._exporter.ask("Export HTML report", f"{self._run_name()}.html", write)

    def _run_name(self) -> str:
        run = self._results.run
        return run.name if run is not None else "run"

    def _on_report_finished(self, code: int, output: bytes) -> None:
        if code == 0:
            self._workspace.message.emit(f"Wrote {self._report_path}")
            return
        diagnostics = parse_diagnostics(output)
        reason = diagnostics[0].message if diagnostics else f"the engine exited with code {code}"
        self._workspace.message.emit(f"{self._report_path.name} was not written: {reason}.")
