"""Encodes numbers: fills missing values and scales by statistics of the training rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import Field

from engine.data.encoders.base import ENCODERS, Encoder, Fitter, PortRequirement
from engine.data.encoders.streaming_statistics import StreamingMoments, StreamingQuantiles
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks, rows_matching
from engine.data.table.column_types import Column
from engine.data.table.number_form import PLAIN_FORM, NumberForm
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe import encoding
from engine.recipe.encoding import NumberScale

RANKS = np.linspace(0, 1, 257)  # the ranks of which the scale "quantile" keeps the values
MAX_RANKED_VALUES = 2**17  # a sample of 65,536 values or more has the ranks within 0.004
# The fields that `of_column` divides.
_BY_COLUMN = ("center", "spread", "fill", "low", "high", "forms", "quantiles")


@ENCODERS.register("Number", name="number")
class NumberEncoder(Encoder):
    """Returns numbers unchanged, or scaled along the last axis: (value - center) / spread.

    With the scale "log", `value` is replaced by log(1 + value). With the scale "quantile", it is
    replaced by its rank: the fraction of training values that are smaller, between 0 and 1.
    """

    scale: NumberScale = Field("none", description="The scaling method.")
    center: tuple[float, ...] = Field((), description="The value subtracted from each feature.")
    spread: tuple[float, ...] = Field((), description="The divisor of each feature.")
    fill: tuple[float, ...] = Field((), description="The fill value of each feature.")
    low: tuple[float, ...] = Field((), description="The training minimum of each feature.")
    high: tuple[float, ...] = Field((), description="The training maximum of each feature.")
    quantiles: tuple[tuple[float, ...], ...] = Field(
        (), description="The training values at equally spaced ranks, of each feature."
    )
    forms: tuple[NumberForm, ...] = Field((), description="How each column of text is written.")

    def describe(self) -> str:
        """Return the formula of the scaling, "" if numbers are not scaled."""
        if not self.spread:
            return ""
        value = {"log": "log(1 + value)", "quantile": "rank(value)"}.get(self.scale, "value")
        return f"({value} - [{_format_numbers(self.center)}]) / [{_format_numbers(self.spread)}]"

    @property
    def fill_text(self) -> str:
        """The number that missing cells are filled with."""
        return _format_numbers(self.fill) if len(self.fill) < 2 else "the numbers of training"

    def of_column(self, index: int) -> Self:
        """Return the encoder of one of the columns."""
        parts = {name: getattr(self, name)[index : index + 1] for name in _BY_COLUMN}
        return self.model_copy(update=parts)

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return the numbers of a column, filled and scaled if the encoder was fitted to do so.

        If `fill` is set, it replaces missing values. If `spread` is set, the result is scaled
        (float64). `name` is the column's name, for messages. `folder` is unused.
        """
        if not self.fill and not self.spread:
            return column
        if self.scale == "log":
            is_undefined = rows_matching(column, lambda block: block <= -1)
            if is_undefined.any():
                raise cells_error(
                    "scale-unfit",
                    name,
                    "has values for which log(1 + value) is undefined",
                    affected_rows(is_undefined),
                    "Use the scale robust or standardize.",
                    found=f"values down to {np.nanmin(column):g}",
                    expected="values above -1",
                )
        result = np.empty(column.shape)
        for start, block in row_blocks(column):
            result[start : start + len(block)] = self._transform_block(block)
        return result

    def _transform_block(self, values: Array) -> Array:
        if self.fill:
            values = np.where(np.isnan(values), _broadcastable(self.fill, values), values)
        if self.scale == "log":
            values = np.log1p(values, dtype=np.float64)
        elif self.scale == "quantile":
            values = self._of_each_feature(_ranks, values)
        if not self.spread:
            return values
        scaled = np.subtract(values, _broadcastable(self.center, values), dtype=np.float64)
        return np.asarray(np.divide(scaled, _broadcastable(self.spread, values), out=scaled))

    def inverse_transform(self, predicted: Array) -> Array:
        """Return predictions, scaled back to the unit of the column."""
        if not self.spread:
            return predicted
        scaled = predicted * _broadcastable(self.spread, predicted)
        values = scaled + _broadcastable(self.center, predicted)
        if self.scale == "quantile":
            return self._of_each_feature(_values_at_ranks, values)
        return np.asarray(np.expm1(values) if self.scale == "log" else values)

    def _of_each_feature(self, function: Callable[[Array, Array], Array], values: Array) -> Array:
        """Return `function(feature, quantiles)` of each feature, which is the last axis."""
        if values.ndim == 1:
            return function(values, np.array(self.quantiles[0]))
        features = enumerate(self.quantiles)
        return np.stack([function(values[..., i], np.array(q)) for i, q in features], axis=-1)


class NumberFitter(Fitter):
    """Fits the center, spread, fill value and range of each feature."""

    def __init__(self, settings: encoding.Number, requirement: PortRequirement) -> None:
        self._settings, self._forms = settings, requirement.forms
        self._moments: StreamingMoments | None = None
        self._unscaled_moments: StreamingMoments | None = None
        self._quantiles: list[StreamingQuantiles] = []

    def add(self, column: Column) -> None:
        """Fit the encoder on the next training rows."""
        if self._settings.scale == "none" and self._settings.fill in ("error", "zero"):
            self._moments = self._moments or StreamingMoments(_feature_count(column))
            return
        rows = column.reshape(-1, _feature_count(column))
        if self._moments is None:
            self._create_statistics(rows.shape[1])
        assert self._moments is not None
        if self._settings.scale == "log":
            if self._unscaled_moments is not None:
                self._unscaled_moments.add(rows)
            with np.errstate(invalid="ignore", divide="ignore"):  # reported by transform
                self._moments.add(np.log1p(rows))
        else:
            self._moments.add(rows)
        if self._quantiles:
            for quantiles, feature in zip(self._quantiles, rows.T, strict=True):
                quantiles.add(feature)

    def _create_statistics(self, feature_count: int) -> None:
        self._moments = StreamingMoments(feature_count)
        if self._settings.fill == "mean":
            self._unscaled_moments = StreamingMoments(feature_count)
        if self._settings.scale == "robust" or self._settings.fill == "median":
            self._quantiles = [StreamingQuantiles() for _ in range(feature_count)]
        elif self._settings.scale == "quantile":
            self._quantiles = [StreamingQuantiles(MAX_RANKED_VALUES) for _ in range(feature_count)]

    def finish(self) -> NumberEncoder:
        """Return the fitted encoder. The divisor (`spread`) of a constant feature is 1."""
        moments = self._moments or StreamingMoments(1)
        moments.finish()
        center, spread = self._scale(moments)
        low, high = self._extremes(moments)
        ranked = self._quantiles if self._settings.scale == "quantile" else []
        return NumberEncoder(
            scale=self._settings.scale,
            center=_to_tuple(center),
            spread=_to_tuple(spread),
            fill=_to_tuple(self._fill(moments)),
            low=_to_tuple(low),
            high=_to_tuple(high),
            quantiles=tuple(tuple(feature.quantiles(*RANKS)) for feature in ranked),
            forms=self._forms if any(form != PLAIN_FORM for form in self._forms) else (),
        )

    def _extremes(self, moments: StreamingMoments) -> tuple[Any, Any]:
        """Return minima and maxima of all features, or ((), ()) if any feature has no values."""
        if not moments.count.all():
            return (), ()
        if self._settings.scale != "log":
            return moments.minimum, moments.maximum
        with np.errstate(over="ignore"):  # for the largest float, expm1(log1p(x)) is inf
            largest = np.finfo(np.float64).max
            low = np.minimum(np.expm1(moments.minimum), largest)
            return low, np.minimum(np.expm1(moments.maximum), largest)

    def _scale(self, moments: StreamingMoments) -> tuple[Any, Any]:
        scale: NumberScale = self._settings.scale
        if scale in ("standardize", "log"):
            return moments.mean, moments.standard_deviation()
        if scale == "mean":
            return np.zeros(len(moments.mean)), _nonzero(moments.mean)
        if scale == "minmax":
            has_values = moments.count > 0
            low = np.where(has_values, moments.minimum, 0.0)
            high = np.where(has_values, moments.maximum, 0.0)
            return low, _nonzero(high - low)
        if scale == "robust":
            quartiles = [item.quantiles(0.25, 0.5, 0.75) for item in self._quantiles]
            low, middle, high = np.array(quartiles).reshape(-1, 3).T
            return middle, _nonzero(high - low)
        if scale == "quantile":  # the moments of the uniform distribution of ranks
            features = np.ones(len(moments.mean))
            return 0.5 * features, 12**-0.5 * features
        return (), ()

    def _fill(self, moments: StreamingMoments) -> Any:
        if self._settings.fill == "mean":
            unscaled = moments
            if self._settings.scale == "log" and self._unscaled_moments is not None:
                unscaled = self._unscaled_moments
                unscaled.finish()
            return unscaled.mean
        if self._settings.fill == "median":
            return [item.quantiles(0.5)[0] for item in self._quantiles]
        return np.zeros(len(moments.mean)) if self._settings.fill == "zero" else ()


def _feature_count(values: Array) -> int:
    return values.shape[-1] if values.ndim > 1 else 1


def _nonzero(spread: Array) -> Array:
    return np.where(spread == 0, 1.0, spread)


def _format_numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.9g}" for value in values)


def _to_tuple(values: Any) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def _broadcastable(features: tuple[float, ...], values: Array) -> Any:
    """Return the numbers, one per feature, in a form that NumPy broadcasts with `values`."""
    return np.array(features) if values.ndim > 1 else features[0]


def _ranks(values: Array, quantiles: Array) -> Array:
    """Return the rank of each value; of several equal quantiles, the middle one counts."""
    first = np.interp(values, quantiles, RANKS)
    last = 1 - np.interp(-values, -quantiles[::-1], RANKS)
    return (first + last) / 2


def _values_at_ranks(ranks: Array, quantiles: Array) -> Array:
    return np.interp(ranks, RANKS, quantiles)
