"""Export of the curves of a run as PNG, SVG or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QSize, QTimer, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.controls.display import widget_image
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.core.files.atomic_write import write_bytes

if TYPE_CHECKING:
    from app.training.charts.chart_grid import ChartGrid
    from app.training.curves.run_curves import Curves

_PIXEL_RATIO = 2  # image pixels per screen pixel
_ROWS_PER_TICK = 200
_TICK_INTERVAL = 4  # milliseconds between two parts of the table


def charts_to_png(charts: ChartGrid) -> bytes:
    """Return the charts as a PNG image."""
    content = _rendered_content(charts)
    image = QImage(content.size() * _PIXEL_RATIO, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_PIXEL_RATIO)
    image.fill(charts.background_color)
    content.render(image, renderFlags=QWidget.RenderFlag.DrawChildren)
    return widget_image.encode_png(image)


def charts_to_svg(charts: ChartGrid, title: str) -> bytes:
    """Return the charts as an SVG image."""
    content = _rendered_content(charts)

    def paint(painter: QPainter) -> None:
        content.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)

    return widget_image.paint_svg(content.size(), title, charts.background_color, paint)


def _rendered_content(charts: ChartGrid) -> QWidget:
    charts.draw_now()
    content = charts.widget()
    assert content is not None, "created by draw_now"
    if content.size().isEmpty():
        content.resize(QSize(900, 500))
    return content


def csv_rows(curves: Curves) -> Iterator[list[object]]:
    """Yield the rows of a CSV table with one row per step: first the titles, then the values.

    The scores of an epoch are in the row of the last step of the epoch.
    """
    steps = {name: series for name, series in curves.steps.items() if len(series)}
    epochs = {
        f"{split} {name}": dict(zip(points.steps, points.values, strict=True))
        for split, scores in (("training", curves.train), ("validation", curves.validation))
        for name, points in scores.items()
    }
    yield ["step", "epoch", *steps, *epochs]
    epoch_by_step = dict(zip(curves.epochs.steps, map(int, curves.epochs.values), strict=True))
    columns = [series.values.copy() for series in steps.values()]
    for step in range(1, curves.step + 1):
        values = [float(column[step - 1]) if step <= len(column) else None for column in columns]
        scores = [by_step.get(step) for by_step in epochs.values()]
        finite = (v if v is not None and isfinite(v) else None for v in (*values, *scores))
        yield [step, epoch_by_step.get(step), *finite]


class CurveCsvWriter(QObject):
    """Writes the CSV table of `csv_rows` to a file.

    The table is built in small parts, which keeps the window responsive.

    Signals:
        finished: the export has ended; sends a text that says that the file was written, or why it
            was not.
    """

    finished = Signal(str)

    def __init__(self, curves: Curves, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows, self._path = csv_rows(curves), path
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._timer = QTimer(self, interval=_TICK_INTERVAL, timeout=self._on_tick)
        self._timer.start()

    def _on_tick(self) -> None:
        rows = list(islice(self._rows, _ROWS_PER_TICK))
        self._writer.writerows(rows)
        if len(rows) < _ROWS_PER_TICK:
            self._timer.stop()
            self.finished.emit(self._finish())
            self.deleteLater()

    def _finish(self) -> str:
        try:
            write_bytes(self._path, self._text.getvalue().encode())
        except DiagnosticError as error:
            return f"{self._path.name} was not written: {diagnostic_from_exception(error).message}."
        return f"Exported the curves to {self._path}"
