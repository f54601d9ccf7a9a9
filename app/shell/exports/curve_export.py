"""Exports of the training curves as PNG, SVG or CSV."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.shell.window_parts import WindowParts
from engine.core.files.atomic_write import write_bytes


class CurveExport(QObject):
    """Writes the curves of the displayed run, when an action or the menu of a chart requests it."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._training = window, window.panels.training
        self._training.run_view.export_requested.connect(self.export)

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
                writer.finished.connect(self._window.workspace.message)
                return f"Writing the curves of {name} as CSV…"
            image = charts_to_png(charts) if kind == "png" else charts_to_svg(charts, name)
            write_bytes(path, image)
            return f"Wrote the curves to {path}"

        self._window.document_manager.exporter.ask("Export curves", f"{name}.{kind}", write)
