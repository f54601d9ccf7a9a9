"""Exports of the training curves as PNG, SVG or CSV."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.documents.workspace import Workspace
from app.files.documents.exporter import Exporter
from app.training.panel.panel import TrainingPanel
from engine.core.files.atomic_write import write_bytes


class CurveExport(QObject):
    """Writes the curves of the displayed run, when an action or the menu of a chart requests it."""

    def __init__(self, training: TrainingPanel, workspace: Workspace, exporter: Exporter) -> None:
        super().__init__(training)
        self._training, self._workspace, self._exporter = training, workspace, exporter
        training.run_view.export_requested.connect(self.export)

    def export(self, kind: str) -> None:
        """Ask for a path and write the curves of the displayed run as "png", "svg" or "csv"."""
        from app.training.charts.export import CurveCsvWriter, charts_to_png, charts_to_svg

        shown, charts = self._training.displayed_run, self._training.run_view.charts
        if shown is None or charts is None:
            return
        name = shown.run.name if shown.run else "run"

        def write(path: Path) -> str:
            if kind == "csv":
                writer = CurveCsvWriter(shown.curves, path, self)
                writer.finished.connect(self._workspace.message)
                return f"Writing the curves of {name} as CSV…"
            image = charts_to_png(charts) if kind == "png" else charts_to_svg(charts, name)
            write_bytes(path, image)
            return f"Wrote the curves to {path}"

        self._exporter.ask("Export curves", f"{name}.{kind}", write)
