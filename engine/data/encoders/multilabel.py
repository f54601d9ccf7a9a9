"""Any number of labels in a cell, as one column of 0 and 1 per label."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders.base import ENCODERS, Array, Encoder, Fitter, Wanted
from engine.data.encoders.categories import coded, texts
from engine.data.encoders.labels import stranger
from engine.data.encoders.padding import Ragged, filled, ragged
from engine.data.table.column_types import TEXT_TYPE, Column, is_list
from engine.data.table.lazy_arrow import pa, pc
from engine.recipe import encoding


@ENCODERS.register()
class Multilabel(Encoder):
    """Which of several labels a cell holds; an empty cell holds none."""

    labels: tuple[str, ...] = Field(description="The labels, in the order of their columns.")
    separator: str = Field("|", description="What stands between two labels.")

    def describe(self) -> str:
        """Return the labels."""
        return f"one column per label, 1 where it holds, in this order: {', '.join(self.labels)}"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return 1 in the columns of a cell's labels, 0 elsewhere.

        Raises:
            Refused: naming the rows with a label that is not listed.
        """
        rows = split(column, self.separator)
        cells = coded(rows.values)
        listed = pc.index_in(cells.texts, value_set=pa.array(self.labels, TEXT_TYPE))
        numbers = pc.fill_null(listed, -1).to_numpy(zero_copy_only=False)
        places = numbers[cells.codes] if len(numbers) else np.zeros(0, np.int64)
        owners = rows.owners()
        if (places < 0).any():
            first = int(np.flatnonzero(places < 0)[0])
            strange = np.zeros(len(rows.lengths), bool)
            strange[owners[places < 0]] = True
            value = str(cells.texts[int(cells.codes[first])])
            raise DiagnosticError(stranger(name, strange, value, self.labels))
        hot = np.zeros((len(rows.lengths), len(self.labels)), np.float32)
        hot[owners, places] = 1
        return hot

    def inverse(self, predicted: Array) -> Array:
        """Return the labels that are more likely than not, joined."""
        names = np.array(self.labels, object)
        joined = [self.separator.join(names[row]) for row in predicted >= 0.5]
        return np.array(joined, object)


class MultilabelFitter(Fitter):
    """Lists the labels that were given, else all that occur, sorted."""

    def __init__(self, asked: encoding.Multilabel, wanted: Wanted) -> None:
        self._asked = asked
        self._given = wanted.labels
        self._counts: Counter[str] = Counter()

    def add(self, column: Column) -> None:
        """Take the next rows in."""
        if not self._given:
            self._counts.update(coded(split(column, self._asked.separator).values).counts())

    def done(self) -> Multilabel:
        """Return the labels."""
        labels = self._given or tuple(sorted(self._counts))
        return Multilabel(labels=labels, separator=self._asked.separator)


def split(column: Column, separator: str) -> Ragged:
    """Return the labels of each cell, of text or of lists, spaces around them taken off."""
    if is_list(column):
        rows = ragged(column)
        values = rows.values
        plain = values if pa.types.is_large_string(values.type) else values.to_numpy()
        rows = Ragged(texts(plain), rows.lengths)
    else:
        rows = ragged(pc.split_pattern(texts(column), separator))
    return filled(Ragged(pc.utf8_trim_whitespace(rows.values), rows.lengths))
