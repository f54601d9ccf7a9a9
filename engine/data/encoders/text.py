"""Text as ids: words, characters or pieces of words that occurred often enough."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.encoders import byte_pair
from engine.data.encoders.base import ENCODERS, Array, Encoded, Encoder, Fitter, Wanted
from engine.data.encoders.categories import coded
from engine.data.encoders.padding import Ragged, cut, table
from engine.data.encoders.tokenizer import characters, chunks, words
from engine.data.table.column_types import TEXT_TYPE, Column
from engine.data.table.lazy_arrow import pa, pc
from engine.recipe import encoding
from engine.recipe.encoding import Pad, Unit

KNOWN = 2  # the first id that stands for something; 0 is padding, 1 is unknown
NOUNS = {"word": "words", "character": "characters", "bpe": "pieces"}


@ENCODERS.register()
class Text(Encoder):
    """Ids of words, characters or pieces in rows of one length; 0 is padding, 1 is unknown."""

    unit: Unit = Field("word", description="What has an id of its own.")
    vocabulary: tuple[str, ...] = Field((), description="The units; the first has the id 2.")
    merges: tuple[str, ...] = Field((), description="Of bpe: pairs that become one piece.")
    lower: bool = Field(True, description="Capital letters are read as small ones.")
    length: int = Field(description="Ids in a row.")
    pad: Pad = Field("end", description="The side on which zeros stand.")

    @property
    def ids(self) -> int:
        """How many ids there are, with padding and unknown."""
        return len(self.vocabulary) + KNOWN

    def describe(self) -> str:
        """Return what has an id."""
        noun = NOUNS[self.unit]
        return (
            f"ids of {noun}, {self.length} a row; 0 is padding, 1 is unknown, "
            f"the {len(self.vocabulary):,} {noun} from 2 on are in the run's run.json"
        )

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return ids in a table."""
        return self.encode(column, name).values

    def encode(self, column: Column, name: str, folder: Path = Path()) -> Encoded:
        """Return ids in a table, and what is cut or unknown."""
        rows = self._numbered(column)
        notes = (*cut(rows, self.length, name, NOUNS[self.unit]), *self._strange(rows, name))
        return Encoded(table(rows, self.length, self.pad), notes)

    def _numbered(self, column: Column) -> Ragged:
        if self.unit == "character":
            return self._spelled(characters(column, self.lower))
        if self.unit == "bpe":
            known = byte_pair.Pieces(self.vocabulary, self.merges)
            return byte_pair.encode(chunks(column, self.lower), known)
        rows = words(column, self.lower)
        cells = coded(rows.values)
        places = pc.index_in(cells.texts, value_set=pa.array(self.vocabulary, TEXT_TYPE))
        numbers = pc.fill_null(places, -1).to_numpy(zero_copy_only=False) + KNOWN
        values = numbers[cells.codes] if len(numbers) else np.zeros(0, np.int64)
        return Ragged(values, rows.lengths)

    def _spelled(self, rows: Ragged) -> Ragged:
        points = [ord(sign) for sign in self.vocabulary]
        numbers = np.ones(max([*points, int(rows.values.max(initial=0))], default=0) + 1, np.int64)
        numbers[points] = np.arange(len(points)) + KNOWN
        return Ragged(numbers[rows.values], rows.lengths)

    def _strange(self, rows: Ragged, name: str) -> tuple[Diagnostic, ...]:
        share = float((rows.values == 1).mean()) if len(rows.values) else 0.0
        if not share:
            return ()
        noun = NOUNS[self.unit]
        note = Diagnostic(
            "text-unknown",
            f'"{name}": {share:.1%} of all {noun} are not in the vocabulary, and count as unknown',
            severity="info",
            place=f"column {name}",
            found=f"{share:.1%} unknown",
            expected=f"{len(self.vocabulary):,} {noun}",
        )
        return (note,)


class TextFitter(Fitter):
    """Counts words, characters or, for pieces, what stands between spaces."""

    def __init__(self, asked: encoding.Text, wanted: Wanted) -> None:
        self._asked = asked
        self._fixed = asked.length or wanted.size(0)
        self._counts: Counter[str] = Counter()
        self._points = np.zeros(0, np.int64)
        self._longest = 1
        if asked.unit == "bpe" and self._fixed is None:
            raise DiagnosticError(_no_length())

    def add(self, column: Column) -> None:
        """Take the next rows in."""
        if self._asked.unit == "character":
            rows = characters(column, self._asked.lower)
            counts = np.bincount(rows.values, minlength=len(self._points))
            counts[: len(self._points)] += self._points
            self._points = counts
        else:
            apart = words if self._asked.unit == "word" else chunks
            rows = apart(column, self._asked.lower)
            self._counts.update(coded(rows.values).counts())
        self._longest = max(self._longest, rows.longest)

    def done(self) -> Text:
        """Return the units that occur most often, equal ones in alphabetical order."""
        asked = self._asked
        learned = (
            byte_pair.learn(self._counts, asked.vocabulary)
            if asked.unit == "bpe"
            else byte_pair.Pieces(self._frequent(asked.vocabulary - KNOWN), ())
        )
        return Text(
            unit=asked.unit,
            vocabulary=learned.vocabulary,
            merges=learned.merges,
            lower=asked.lower,
            length=self._fixed or self._longest,
            pad=asked.pad,
        )

    def _frequent(self, most: int) -> tuple[str, ...]:
        counts: dict[str, int] = dict(self._counts)
        for point in np.flatnonzero(self._points).tolist():
            counts[chr(point)] = int(self._points[point])
        return tuple(sorted(counts, key=lambda unit: (-counts[unit], unit))[:most])


def _no_length() -> Diagnostic:
    return Diagnostic(
        "length-unknown",
        "pieces of words (bpe) need a length, since the Input has none of its own",
        found="no length",
        expected='"length" beside "unit": "bpe"',
        fixes=(Fix('Set "length" to 100 in the encoding of this column.'),),
    )
