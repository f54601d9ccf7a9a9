"""Encodes text as token ids: words, characters or subwords of a vocabulary."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.data.encoders import byte_pair
from engine.data.encoders.base import ENCODERS, EncodedColumn, Encoder, Fitter, PortRequirement
from engine.data.encoders.padding import RaggedRows, pad_rows, truncation_note
from engine.data.table.column_types import Column, word_indices
from engine.data.table.row_numbers import affected_rows
from engine.recipe import encoding
from engine.recipe.encoding import PaddingSide, TextUnit

FIRST_TOKEN_ID = 2  # the id of the first token; 0 is padding, 1 is unknown
MAX_UNKNOWN = 0.1  # the fraction of unknown tokens in a row that is usual
TOKEN_NOUNS = {"word": "words", "character": "characters", "bpe": "subwords"}


@ENCODERS.register("Text", name="text")
class TextEncoder(Encoder):
    """Encodes text as token ids in rows of one length. Id 0 is padding, 1 an unknown token."""

    unit: TextUnit = Field("word", description="The kind of tokens.")
    vocabulary: tuple[str, ...] = Field((), description="The tokens; the first has id 2.")
    merges: tuple[str, ...] = Field((), description="For bpe: the merged pairs of subwords.")
    lower: bool = Field(True, description="Text is converted to lower case.")
    length: int = Field(description="The number of ids per row.")
    pad: PaddingSide = Field("end", description="The side that is padded with zeros.")

    @property
    def id_count(self) -> int:
        """The number of ids, including those of padding and unknown tokens."""
        return len(self.vocabulary) + FIRST_TOKEN_ID

    def describe(self) -> str:
        """Return a description of the token ids: what they stand for, and their number per row."""
        noun = TOKEN_NOUNS[self.unit]
        return (
            f"ids of {noun}, {self.length} per row; 0 is padding, 1 is unknown, "
            f"the {len(self.vocabulary):,} {noun} from 2 on are in the run's run.json"
        )

    def transform_with_notes(
        self, column: Column, name: str, folder: Path = Path()
    ) -> EncodedColumn:
        """Return the ids, of shape (rows, length), with infos on truncated and unknown tokens."""
        rows = self._token_ids(column)
        notes = (
            *truncation_note(rows, self.length, name, TOKEN_NOUNS[self.unit]),
            *self._unknown_note(rows, name),
        )
        return EncodedColumn(pad_rows(rows, self.length, self.pad), notes)

    def _token_ids(self, column: Column) -> RaggedRows:
        from engine.data.encoders.tokenizer import split_tokens

        rows = split_tokens(column, self.unit, self.lower)
        if self.unit == "bpe":
            pieces = byte_pair.BytePairModel(self.vocabulary, self.merges)
            return byte_pair.encode_byte_pairs(rows, pieces)
        cells = rows.values
        ids = word_indices(cells.categories, self.vocabulary) + FIRST_TOKEN_ID
        return RaggedRows(ids[cells.codes], rows.lengths)

    def _unknown_note(self, rows: RaggedRows, name: str) -> tuple[Diagnostic, ...]:
        unknown = np.bincount(rows.row_indices(), rows.values == 1, len(rows.lengths))
        affected = affected_rows(unknown > MAX_UNKNOWN * rows.lengths)
        if not affected.count:
            return ()
        noun = TOKEN_NOUNS[self.unit]
        note = Diagnostic.info(
            "text-unknown",
            f'"{name}": more than {MAX_UNKNOWN:.0%} of the {noun} are not in the vocabulary: '
            f"{affected.count_text}",
            place=f"column {name}",
            rows=affected,
            expected=f"a vocabulary of {len(self.vocabulary):,} {noun}",
        )
        return (note,)


class TextFitter(Fitter):
    """Fits the vocabulary of a text encoder by counting words or characters.

    For subwords, the parts of a text between spaces are counted.
    """

    def __init__(self, settings: encoding.Text, requirement: PortRequirement) -> None:
        self._settings = settings
        self._fixed_length = settings.length or requirement.axis_size(0)
        self._counts: Counter[str] = Counter()
        self._longest = 1
        if settings.unit == "bpe" and self._fixed_length is None:
            raise diagnostic_error(
                "length-unknown",
                "subwords (bpe) need a length, since the Input has no fixed length",
                'Set "length" to 100 in the encoding of this column.',
                found="no length",
                expected='"length" with "unit": "bpe"',
            )

    def add(self, column: Column) -> None:
        """Count the tokens of the next training rows."""
        from engine.data.encoders.tokenizer import split_tokens

        rows = split_tokens(column, self._settings.unit, self._settings.lower)
        self._counts.update(rows.values.counts_by_category())
        self._longest = max(self._longest, rows.max_length)

    def finish(self) -> TextEncoder:
        """Return the encoder, with trained subwords (unit "bpe") or the most frequent tokens."""
        settings = self._settings
        if settings.unit == "bpe":
            learned = byte_pair.train_byte_pairs(self._counts, settings.vocabulary)
        else:
            counts = self._counts
            tokens = sorted(counts, key=lambda token: (-counts[token], token))
            size = settings.vocabulary - FIRST_TOKEN_ID
            learned = byte_pair.BytePairModel(tuple(tokens[:size]), ())
        return TextEncoder(
            unit=settings.unit,
            vocabulary=learned.vocabulary,
            merges=learned.merges,
            lower=settings.lower,
            length=self._fixed_length or self._longest,
            pad=settings.pad,
        )
