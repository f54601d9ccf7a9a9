"""Numbers, brought to one size by what their training rows are like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.encoders.base import ENCODERS, Array, Encoder, Fitter
from engine.data.encoders.streaming_statistics import Moments, Quantiles
from engine.data.table.column_types import Column
from engine.data.table.row_numbers import any_per_row, format_row_count, format_row_numbers
from engine.recipe import encoding
from engine.recipe.encoding import Scale

_ROBUST = (0.25, 0.5, 0.75)


@ENCODERS.register()
class Number(Encoder):
    """Numbers as they are, or scaled along the last axis: (value - center) / spread.

    Where the scale is log, that is done to the logarithm of 1 + value.
    """

    scale: Scale = Field("none", description="What center and spread are.")
    center: tuple[float, ...] = Field((), description="Subtracted, one for each feature.")
    spread: tuple[float, ...] = Field((), description="Divided by, one for each feature.")
    fill: tuple[float, ...] = Field((), description="What a missing number counts as.")
    low: tuple[float, ...] = Field((), description="The least of each feature that was seen.")
    high: tuple[float, ...] = Field((), description="The greatest.")

    def describe(self) -> str:
        """Return the formula."""
        if not self.spread:
            return ""
        value = "log(1 + value)" if self.scale == "log" else "value"
        return f"({value} - [{_digits(self.center)}]) / [{_digits(self.spread)}]"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return scaled numbers, in double precision if there is anything to scale."""
        values: Array = column
        if self.fill:
            values = np.where(np.isnan(values), _like(self.fill, values), values)
        if self.scale == "log":
            values = _logarithm(values, name)
        if not self.spread:
            return values
        scaled = np.subtract(values, _like(self.center, values), dtype=np.float64)
        return np.asarray(np.divide(scaled, _like(self.spread, values), out=scaled))

    def inverse(self, predicted: Array) -> Array:
        """Return predictions in the column's own units."""
        if not self.spread:
            return predicted
        values = predicted * _like(self.spread, predicted) + _like(self.center, predicted)
        return np.asarray(np.expm1(values) if self.scale == "log" else values)


class NumberFitter(Fitter):
    """Measures numbers, along the last axis where there are several."""

    def __init__(self, asked: encoding.Number) -> None:
        self._asked = asked
        self._moments: Moments | None = None
        self._raw: Moments | None = None
        self._quantiles: list[Quantiles] = []

    def add(self, column: Column) -> None:
        """Take the next rows in."""
        if self._asked.scale == "none" and self._asked.fill in ("error", "zero"):
            self._moments = self._moments or Moments(_features(column))
            return
        rows = column.reshape(-1, _features(column))
        if self._moments is None:
            self._start(rows.shape[1])
        assert self._moments is not None
        if self._asked.scale == "log":
            if self._raw is not None:
                self._raw.add(rows)
            with np.errstate(invalid="ignore", divide="ignore"):  # found when transformed
                self._moments.add(np.log1p(rows))
        else:
            self._moments.add(rows)
        for each, feature in zip(self._quantiles, rows.T, strict=bool(self._quantiles)):
            each.add(feature)

    def _start(self, features: int) -> None:
        self._moments = Moments(features)
        if self._asked.fill == "mean":
            self._raw = Moments(features)
        if self._asked.scale == "robust" or self._asked.fill == "median":
            self._quantiles = [Quantiles() for _ in range(features)]

    def done(self) -> Number:
        """Return what was measured; a constant feature is only moved."""
        moments = self._moments or Moments(1)
        moments.close()
        center, spread = self._scale(moments)
        low, high = self._extremes(moments)
        return Number(
            scale=self._asked.scale,
            center=_plain(center),
            spread=_plain(spread),
            fill=_plain(self._fill(moments)),
            low=_plain(low),
            high=_plain(high),
        )

    def _extremes(self, moments: Moments) -> tuple[Any, Any]:
        """Return the least and the greatest of each feature, nothing where one was not seen."""
        if not moments.count.all():
            return (), ()
        if self._asked.scale != "log":
            return moments.low, moments.high
        with np.errstate(over="ignore"):  # the greatest number of all is rounded up
            most = np.finfo(np.float64).max
            low, high = (np.minimum(np.expm1(each), most) for each in (moments.low, moments.high))
            return low, high

    def _scale(self, moments: Moments) -> tuple[Any, Any]:
        scale: Scale = self._asked.scale
        if scale in ("standardize", "log"):
            return moments.mean, moments.deviation()
        if scale == "minmax":
            seen = moments.count > 0
            low, high = np.where(seen, moments.low, 0.0), np.where(seen, moments.high, 0.0)
            return low, _or_one(high - low)
        if scale == "robust":
            quarters = np.array([each.at(*_ROBUST) for each in self._quantiles]).reshape(-1, 3)
            return quarters[:, 1], _or_one(quarters[:, 2] - quarters[:, 0])
        return (), ()

    def _fill(self, moments: Moments) -> Any:
        if self._asked.fill == "mean":
            raw = moments
            if self._asked.scale == "log" and self._raw is not None:
                raw = self._raw
                raw.close()
            return raw.mean
        if self._asked.fill == "median":
            return [each.at(0.5)[0] for each in self._quantiles]
        return np.zeros(len(moments.mean)) if self._asked.fill == "zero" else ()


def _features(values: Array) -> int:
    return values.shape[-1] if values.ndim > 1 else 1


def _or_one(spread: Array) -> Array:
    return np.where(spread == 0, 1.0, spread)


def _digits(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.9g}" for value in values)


def _plain(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _like(each: tuple[float, ...], values: Array) -> Any:
    """Return a number per feature so that it spreads over `values`."""
    return np.array(each) if values.ndim > 1 else each[0]


def _logarithm(values: Array, name: str) -> Array:
    below = any_per_row(values <= -1)
    if below.any():
        raise DiagnosticError(_no_logarithm(name, below, float(np.nanmin(values))))
    return np.log1p(values, dtype=np.float64)


def _no_logarithm(name: str, rows: Array, lowest: float) -> Diagnostic:
    return Diagnostic(
        "scale-unfit",
        f'"{name}" holds values of which 1 + value has no logarithm: {format_row_count(rows)}',
        place=f"column {name}, {format_row_numbers(rows)}",
        found=f"values down to {lowest:g}",
        expected="values above -1",
        fixes=(Fix("Scale it by its quartiles (robust), or standardise it."),),
    )
