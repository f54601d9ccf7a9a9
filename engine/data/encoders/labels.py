"""Labels: one of several, or one of two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, did_you_mean
from engine.data.encoders.base import ENCODERS, Array, Encoder, Fitter, Wanted
from engine.data.encoders.categories import Coded, absent, coded
from engine.data.table.column_types import TEXT_TYPE, Column
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.number_parser import MISSING_WORDS
from engine.data.table.row_numbers import format_row_count, format_row_numbers
from engine.recipe import encoding

NO_WORDS = frozenset({"false", "no", "n", "f", "0"})
YES_WORDS = frozenset({"true", "yes", "y", "t", "1"})
OTHER = "other"


class Labelled(Encoder):
    """Base of the encoders that number texts."""

    labels: tuple[str, ...] = Field(description="The texts, in the order of their numbers.")

    def numbered(self) -> str:
        """Return which number stands for which label."""
        return ", ".join(f"{number} is {label}" for number, label in enumerate(self.labels))

    def places(self, column: Column | Coded, name: str, rest: int = -1, gap: int = -1) -> Array:
        """Return the number of each cell's label.

        Args:
            column: the cells.
            name: of the column, for findings.
            rest: the number of a text that is no label; -1 refuses it.
            gap: the number of a missing cell; -1 refuses it.

        Raises:
            Refused: naming the rows.
        """
        cells = coded(column)
        listed = pc.index_in(cells.texts, value_set=pa.array(self.labels, TEXT_TYPE))
        numbers = pc.fill_null(listed, -1).to_numpy(zero_copy_only=False).astype(np.int64)
        missing = absent(cells.texts, self.labels)
        numbers[(numbers < 0) & ~missing] = rest
        numbers[missing] = gap
        places: Array = numbers[cells.codes] if len(numbers) else np.zeros(0, np.int64)
        if (places < 0).any():
            raise DiagnosticError(*self._faults(cells, numbers, missing, name))
        return places

    def _faults(self, cells: Coded, numbers: Array, missing: Array, name: str) -> list[Diagnostic]:
        found = []
        empty = (missing & (numbers < 0))[cells.codes]
        if empty.any():
            found.append(_empty(name, empty))
        strange = (~missing & (numbers < 0))[cells.codes]
        if strange.any():
            row = int(np.flatnonzero(strange)[0])
            value = str(cells.texts[int(cells.codes[row])])
            found.append(stranger(name, strange, value, self.labels))
        return found


@ENCODERS.register()
class Category(Labelled):
    """One of several texts, as its number or as one column per text."""

    hot: bool = Field(False, description="One column per label instead of its number.")
    other: bool = Field(False, description="The last label stands for all that are not listed.")
    fill: bool = Field(False, description="The last label also stands for missing cells.")

    @property
    def ids(self) -> int | None:
        """How many labels there are, if they are numbered."""
        return None if self.hot else len(self.labels)

    def describe(self) -> str:
        """Return the labels."""
        if self.hot:
            return f"one column per label, in this order: {', '.join(self.labels)}"
        return f"the number of a class: {self.numbered()}"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return class numbers, or one-hot rows."""
        last = len(self.labels) - 1
        places = self.places(
            column, name, rest=last if self.other else -1, gap=last if self.fill else -1
        )
        if not self.hot:
            return places
        rows = np.zeros((len(places), len(self.labels)), np.float32)
        rows[np.arange(len(places)), places] = 1
        return rows

    def inverse(self, predicted: Array) -> Array:
        """Return the most probable label, for probabilities along the last axis."""
        names = np.array(self.labels, object)
        return np.asarray(names[predicted.argmax(axis=-1)])


@ENCODERS.register()
class Boolean(Labelled):
    """One of two texts, as 0 and 1."""

    def describe(self) -> str:
        """Return both labels."""
        return f"one number: {self.numbered()}"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return 0 for the first label, 1 for the second."""
        return self.places(column, name).astype(np.float32)

    def inverse(self, predicted: Array) -> Array:
        """Return the label that a probability speaks for."""
        names = np.array(self.labels, object)
        places = (predicted >= 0.5).astype(np.int64)
        return np.asarray(names[np.minimum(places, len(names) - 1)])


class LabelFitter(Fitter):
    """Counts texts."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._counts: Counter[str] = Counter()

    def add(self, column: Column | Coded) -> None:
        """Take the next rows in."""
        if not self._wanted.labels:
            self._counts.update(coded(column).counts())

    def occurring(self) -> Mapping[str, int]:
        """Return how often each text was seen, missing ones left out."""
        return {text: count for text, count in self._counts.items() if text not in MISSING_WORDS}


class CategoryFitter(LabelFitter):
    """Lists the labels that were given, else all that occur, sorted."""

    def __init__(self, asked: encoding.Category, wanted: Wanted) -> None:
        super().__init__(wanted)
        self._asked = asked

    def done(self) -> Category:
        """Return the labels, rare ones folded into "other" where that was asked."""
        labels: Sequence[str] = self._wanted.labels
        seen = self.occurring()
        if not labels:
            labels = sorted(text for text, count in seen.items() if count >= self._asked.rare)
        folds = self._asked.rare > 0 or self._asked.unknown == "other"
        fills = self._asked.fill == "other"
        if (folds or fills) and not (self._wanted.labels and labels[-1] == OTHER):
            labels = [*labels, _free(OTHER, labels)]
        return Category(labels=tuple(labels), hot=self._wanted.hot, other=folds, fill=fills)


class BooleanFitter(LabelFitter):
    """Lists the two labels that were given or that occur, no before yes, or sorted."""

    def done(self) -> Boolean:
        """Return both labels.

        Raises:
            Refused: if the column holds more than two texts.
        """
        given = self._wanted.labels
        found = given or tuple(sorted(self.occurring()))
        if len(found) > 2:
            raise DiagnosticError(_no_boolean(found))
        return Boolean(labels=given or _no_before_yes(found))


def _free(word: str, taken: Sequence[str]) -> str:
    """Return the word, in brackets where a label is called so already."""
    while word in taken:
        word = f"({word})"
    return word


def _no_before_yes(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(labels) == 2 and labels[0].lower() in YES_WORDS and labels[1].lower() in NO_WORDS:
        return (labels[1], labels[0])
    return labels


def listed(labels: Sequence[str]) -> str:
    """Return the first labels, and how many more there are."""
    shown = ", ".join(label[:30] for label in labels[:8])
    return f"{shown} and {len(labels) - 8:,} more" if len(labels) > 8 else shown


def stranger(name: str, rows: Any, value: str, labels: Sequence[str]) -> Diagnostic:
    """Return the finding for rows whose label is not listed; `value` is the first one's."""
    row = int(np.flatnonzero(rows)[0])
    hint = did_you_mean(value, labels)
    return Diagnostic(
        "label-unknown",
        f'"{name}" holds labels that are not known: {format_row_count(rows)}',
        place=f"column {name}, {format_row_numbers(rows)}",
        found=f"{value[:40]!r} in row {row}",
        expected=listed(labels),
        fixes=(Fix(f"Correct the cells ({hint})" if hint else "Correct or remove the rows."),),
    )


def _empty(name: str, rows: Array) -> Diagnostic:
    return Diagnostic(
        "cell-missing",
        f'"{name}" has empty cells: {format_row_count(rows)}',
        place=f"column {name}, {format_row_numbers(rows)}",
        found="nothing",
        expected="a text in every row",
        fixes=(Fix("Fill the cells, or remove these rows."),),
    )


def _no_boolean(found: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "column-kind",
        f"there are {len(found)} different texts where yes or no is asked",
        found=listed(found),
        expected="two different texts",
        fixes=(
            Fix(f"Use Dense({len(found)}) with softmax and categorical_crossentropy."),
            Fix("Correct the texts that mean the same."),
        ),
    )
