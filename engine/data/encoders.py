"""How a column becomes numbers, and predictions become the person's values again.

An encoder's fields are all that was fitted; as plain JSON they travel with the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, Refused, did_you_mean
from engine.core.named import Family
from engine.core.schema import Schema
from engine.data.kinds import Column, Text, empty_cells, text
from engine.data.rows import counted, first_rows

Array = NDArray[Any]
NO_WORDS = frozenset({"false", "no", "n", "f", "0"})
YES_WORDS = frozenset({"true", "yes", "y", "t", "1"})


class Encoder(Schema):
    """Base of all encoders."""

    def transform(self, values: Column, name: str) -> Array:
        """Answer the numbers that are trained on; `name` is the column, for findings."""
        raise NotImplementedError(type(self).__name__)

    def inverse(self, predicted: Array) -> Array:
        """Answer predictions in the person's units or labels."""
        raise NotImplementedError(type(self).__name__)


ENCODERS: Family[Encoder] = Family("encoder")
EncoderField = ENCODERS.field(Encoder)


@ENCODERS.add()
class Number(Encoder):
    """Numbers as they are, or standardised along the last axis."""

    mean: tuple[float, ...] = Field((), description="Subtracted, one for each feature.")
    deviation: tuple[float, ...] = Field((), description="Divided by, one for each feature.")

    @classmethod
    def fit(cls, values: Array, standardize: bool) -> Self:
        """Measure mean and deviation of the training rows; a constant feature is only moved."""
        if not standardize:
            return cls()
        flat = np.asarray(values, np.float64).reshape(
            -1, values.shape[-1] if values.ndim > 1 else 1
        )
        finite = np.isfinite(flat)
        count = np.maximum(finite.sum(axis=0), 1)
        mean = np.where(finite, flat, 0.0).sum(axis=0) / count
        deviation = np.sqrt((np.where(finite, flat - mean, 0.0) ** 2).sum(axis=0) / count)
        lowest = np.where(finite, flat, np.inf).min(axis=0, initial=np.inf)
        highest = np.where(finite, flat, -np.inf).max(axis=0, initial=-np.inf)
        constant = lowest == highest  # the mean of equal values may differ from them by rounding
        mean = np.where(constant, lowest, mean)
        deviation = np.where(constant | (deviation == 0), 1.0, deviation)
        return cls(mean=tuple(mean.tolist()), deviation=tuple(deviation.tolist()))

    def transform(self, values: Array, name: str) -> Array:
        """Answer (values - mean) / deviation."""
        if not self.mean:
            return values
        mean, deviation = self._like(values)
        return np.asarray((values - mean) / deviation)

    def inverse(self, predicted: Array) -> Array:
        """Answer predictions in the column's own units."""
        if not self.mean:
            return predicted
        mean, deviation = self._like(predicted)
        return np.asarray(predicted * deviation + mean)

    def _like(self, values: Array) -> tuple[Array, Array]:
        """Answer mean and deviation so that they spread over `values`."""
        mean, deviation = np.array(self.mean), np.array(self.deviation)
        return (mean, deviation) if values.ndim > 1 else (mean[0], deviation[0])


class Labelled(Encoder):
    """Base of the encoders that number texts."""

    labels: tuple[str, ...] = Field(description="The texts, in the order of their numbers.")

    def places(self, cells: Text, name: str) -> Array:
        """Answer the number of each cell's label.

        Raises:
            Refused: naming the rows that are empty, or whose label is not listed.
        """
        found = pc.fill_null(pc.index_in(cells, value_set=text(self.labels)), -1)
        places: Array = found.to_numpy(zero_copy_only=False).astype(np.int64)
        unknown = places < 0
        if unknown.any():
            empty = empty_cells(cells) & unknown
            raise Refused(
                _empty(name, empty) if empty.any() else self._stranger(name, unknown, cells)
            )
        return places

    def _stranger(self, name: str, unknown: Array, cells: Text) -> Diagnostic:
        row = int(np.flatnonzero(unknown)[0])
        value = str(cells[row])
        hint = did_you_mean(value, self.labels)
        return Diagnostic(
            "label-unknown",
            f'"{name}" holds labels that are not listed: {counted(unknown)}',
            place=f"column {name}, {first_rows(unknown)}",
            found=f"{value[:40]!r} in row {row}",
            expected=_listed(self.labels),
            fixes=(Fix(f"Correct the cells ({hint})" if hint else "Correct or remove the rows."),),
        )


@ENCODERS.add()
class Category(Labelled):
    """One of several texts, as its number or as one column per text."""

    hot: bool = Field(False, description="One column per label instead of its number.")

    @classmethod
    def fit(cls, cells: Text, labels: Sequence[str], hot: bool) -> Self:
        """Take the labels that were given, else all that occur, sorted."""
        return cls(labels=tuple(labels) or _occurring(cells), hot=hot)

    def transform(self, values: Column, name: str) -> Array:
        """Answer class numbers, or one-hot rows."""
        places = self.places(values, name)
        return np.eye(len(self.labels), dtype=np.float32)[places] if self.hot else places

    def inverse(self, predicted: Array) -> Array:
        """Answer the most probable label, for probabilities along the last axis."""
        names = np.array(self.labels, object)
        return np.asarray(names[predicted.argmax(axis=-1)])


@ENCODERS.add()
class Boolean(Labelled):
    """One of two texts, as 0 and 1."""

    @classmethod
    def fit(cls, cells: Text, labels: Sequence[str], name: str) -> Self:
        """Take the labels as they were given; else both that occur, no before yes, or sorted.

        Raises:
            Refused: if the column holds more than two texts.
        """
        found = tuple(labels) or _occurring(cells)
        if len(found) > 2:
            raise Refused(_no_boolean(name, found))
        return cls(labels=found if labels else _no_before_yes(found))

    def transform(self, values: Column, name: str) -> Array:
        """Answer 0 for the first label, 1 for the second."""
        return self.places(values, name).astype(np.float32)

    def inverse(self, predicted: Array) -> Array:
        """Answer the label that a probability speaks for."""
        names = np.array(self.labels, object)
        places = (predicted >= 0.5).astype(np.int64)
        return np.asarray(names[np.minimum(places, len(names) - 1)])


def _occurring(cells: Text) -> tuple[str, ...]:
    return tuple(sorted(set(pc.unique(cells).to_pylist()) - {""}))


def _no_before_yes(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(labels) == 2 and labels[0].lower() in YES_WORDS and labels[1].lower() in NO_WORDS:
        return (labels[1], labels[0])
    return labels


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(label[:30] for label in labels[:8])
    return f"{shown} and {len(labels) - 8:,} more" if len(labels) > 8 else shown


def _empty(name: str, rows: Array) -> Diagnostic:
    return Diagnostic(
        "cell-missing",
        f'"{name}" has empty cells: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found="nothing",
        expected="a text in every row",
        fixes=(Fix("Fill the cells, or remove these rows."),),
    )


def _no_boolean(name: str, found: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "column-kind",
        f'"{name}" has {len(found)} different texts, and the output answers yes or no',
        place=f"column {name}",
        found=_listed(found),
        expected="two different texts",
        fixes=(
            Fix(f"Use Dense({len(found)}) with softmax and categorical_crossentropy."),
            Fix("Correct the texts that mean the same."),
        ),
    )
