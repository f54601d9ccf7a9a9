"""The curves of a run for other programs: as a picture, as a drawing, and as a table of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QSize, QTimer, Signal
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.controls.display import widget_image
from engine.core.diagnostic import Refused
from engine.core.exceptions import fault_of
from engine.core.files.atomic_write import write_bytes

if TYPE_CHECKING:
    from app.training.charts.chart_grid import Charts
    from app.training.curves.run_curves import Curves

_SHARP = 2  # dots of a picture for each pixel
_ROWS = 200  # of a table, in one go
_SLICE = 4  # milliseconds of work between two turns of the window


def png(charts: Charts) -> bytes:
    """Return the charts as they stand, as a picture."""
    inside = _inside(charts)
    image = QImage(inside.size() * _SHARP, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARP)
    image.fill(charts.ground)
    inside.render(image, renderFlags=QWidget.RenderFlag.DrawChildren)
    return widget_image.png(image)


def svg(charts: Charts, title: str) -> bytes:
    """Return the charts as they stand, as a drawing."""
    inside = _inside(charts)

    def paint(painter: QPainter) -> None:
        inside.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)

    return widget_image.svg(inside.size(), title, charts.ground, paint)


def _inside(charts: Charts) -> QWidget:
    """Return what holds the charts, each of them drawn."""
    charts.draw_now()
    inside = charts.widget()
    assert inside is not None, "drawing has made it"
    if inside.size().isEmpty():
        inside.resize(QSize(900, 500))
    return inside


def csv_lines(curves: Curves) -> Iterator[str]:
    """Yield a table: a row for each step; scores by epoch stand in the row that ended the epoch."""
    steps = {name: series for name, series in curves.steps.items() if len(series)}
    epochs = {
        f"{side} {name}": dict(zip(points.steps, points.values, strict=True))
        for side, scores in (("training", curves.train), ("validation", curves.validation))
        for name, points in scores.items()
    }
    yield ",".join(map(_quoted, ["step", "epoch", *steps, *epochs])) + "\n"
    ends = dict(zip(curves.epochs.steps, curves.epochs.values, strict=True))
    columns = [series.values.copy() for series in steps.values()]
    for step in range(1, curves.step + 1):
        values = [
            float(column[step - 1]) if step <= len(column) else float("nan") for column in columns
        ]
        held = [by_step.get(step) for by_step in epochs.values()]
        ended = ends.get(step)
        texts = [str(step), "" if ended is None else f"{ended:g}", *map(_number, [*values, *held])]
        yield ",".join(texts) + "\n"


def _number(value: float | None) -> str:
    return repr(value) if value is not None and isfinite(value) else ""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(c in name for c in ',"\n') else name


class TableWriter(QObject):
    """Writes a table bit by bit, so that the window goes on.

    Signals:
        done: a sentence about what was written, or why it was not.
    """

    done = Signal(str)

    def __init__(self, curves: Curves, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines, self._path = csv_lines(curves), path
        self._parts: list[bytes] = []
        self._timer = QTimer(self, interval=_SLICE)
        self._timer.timeout.connect(self._on_tick)
        self._timer.start()

    def _on_tick(self) -> None:
        lines = list(islice(self._lines, _ROWS))
        self._parts.append("".join(lines).encode())
        if len(lines) < _ROWS:
            self._timer.stop()
            self.done.emit(self._finish())
            self.deleteLater()

    def _finish(self) -> str:
        try:
            write_bytes(self._path, b"".join(self._parts))
        except Refused as refusal:
            return f"{self._path.name} was not written: {fault_of(refusal).message}."
        return f"Wrote the numbers of the curves to {self._path}"
