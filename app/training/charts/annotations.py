"""What happened at some steps, drawn over a chart: requests, resumes, the best epoch, warnings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg

from app.text.phrases import capital
from app.theme.theme import Theme
from app.training.charts.chart_spec import Subject
from app.training.curves.run_curves import Curves
from app.training.curves.series import Numbers
from app.training.process.control_client import in_words
from engine.events import ControlTaken, RunResumed
from engine.runs.comparison.best_epoch import anew_in_words

_MOST = 100  # marks of one chart, the newest ones
_NEAR = 6  # pixels


class Marks:
    """Items in one plot, and what is said of them on hover.

    Args:
        theme: colours.
        subject: of the chart.
        plot: takes the items.
    """

    def __init__(self, theme: Theme, subject: Subject, plot: Any) -> None:
        self._theme, self._subject = theme, subject
        self._told: list[tuple[float, str]] = []
        self._lines = pg.PlotCurveItem(connect="pairs", skipFiniteCheck=True)
        self._heads = pg.ScatterPlotItem(size=8, pxMode=True, symbol="t", useCache=False)
        self._warned = pg.ScatterPlotItem(size=10, pxMode=True, symbol="t1", useCache=False)
        self._best = pg.ScatterPlotItem(size=13, pxMode=True, symbol="star", useCache=False)
        for item in (self._lines, self._heads, self._warned, self._best):
            plot.addItem(item, ignoreBounds=True)
            item.setZValue(5)

    def recolour(self) -> None:
        """Take the theme's colours."""
        color = self._theme.color
        self._lines.setPen(pg.mkPen(color("accent"), width=1, dash=[2, 3]))
        for item, token in (
            (self._heads, "accent"), (self._warned, "warning"), (self._best, "success"),
        ):  # fmt: skip
            item.setPen(pg.mkPen(color("surface"), width=1))
            item.setBrush(color(token))

    def draw(self, curves: Curves, ends: tuple[float, float, float, float], shown: bool) -> None:
        """Draw what lies between the ends: first and last step, lowest and highest value."""
        first, last, low, high = ends
        self._told = []
        marks = [_mark(mark, curves) for mark in curves.marks[-_MOST:]] if shown else []
        seen = [(step, text) for step, text in marks if text and first <= step <= last]
        steps = np.asarray([step for step, _ in seen], dtype=float)
        self._lines.setData(np.repeat(steps, 2), np.tile([low, high], len(steps)))
        self._heads.setData(steps, np.full(len(steps), high))
        self._told += seen
        self._draw_warned(curves, ends)

    def draw_best(self, curves: Curves, at: tuple[Numbers, Numbers]) -> None:
        """Mark the best epoch on a line by epochs, as it was drawn."""
        best, (steps, values) = curves.best, at
        place = np.flatnonzero(steps == best.step) if best is not None else ()
        if best is None or not len(place):
            self._best.setData([], [])
            return
        self._best.setData(steps[place], values[place])
        self._told.append((float(best.step), f"Best epoch so far: {best.epoch:,}"))

    def near(self, step: float, pixel: float) -> str:
        """Return what happened at a place, "" if nothing did.

        Args:
            step: of the place.
            pixel: steps in a pixel.
        """
        return "\n".join(text for at, text in self._told if abs(at - step) <= _NEAR * pixel)

    def _draw_warned(self, curves: Curves, ends: tuple[float, float, float, float]) -> None:
        first, last, low, high = ends
        found = [
            (float(step), capital(str(plain.get("message", ""))))
            for step, plain in curves.warned
            if self._subject.concerned(plain) and first <= step <= last
        ]
        height = low + 0.04 * (high - low)
        self._warned.setData([step for step, _ in found], [height] * len(found))
        self._told += found


def _mark(mark: ControlTaken | RunResumed, curves: Curves) -> tuple[float, str]:
    """Return the step of a mark and a sentence about it, "" for what is not worth one."""
    if isinstance(mark, RunResumed):
        return float(mark.to_step), f"Gone on with from step {mark.to_step:,}"
    if mark.code:
        return float(mark.step), ""
    who = "asked for in this window" if mark.id in curves.own else "asked for elsewhere"
    anew = anew_in_words(mark)
    said = f"After step {mark.step:,}: {in_words(mark)}, {who}"
    return float(mark.step), f"{said}\n{anew}" if anew else said
