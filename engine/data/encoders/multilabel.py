"""Encodes cells with any number of labels as multi-hot columns, one for each label."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.data.encoders.base import ENCODERS, EncodedColumn, Encoder, Fitter, PortRequirement
from engine.data.encoders.categories import to_categorical, to_text
from engine.data.encoders.labels import ignored_label_info, unknown_label_error
from engine.data.encoders.padding import RaggedRows, drop_empty_texts, ragged_from_lists
from engine.data.table.array import Array
from engine.data.table.column_types import Column, TextArray, is_list, is_text, word_indices
from engine.recipe import encoding
from engine.recipe.encoding import LIST_SEPARATOR

_ITEM_END = "\x1f"  # the unit separator of ASCII, which no text contains


@ENCODERS.register("Multilabel", name="multilabel")
class MultilabelEncoder(Encoder):
    """Encodes labels as one column per label: 1 if the cell has the label, else 0."""

    labels: tuple[str, ...] = Field(description="The labels, in the order of their columns.")
    separator: str = Field("|", description="The separator between labels.")
    ignore: bool = Field(False, description="Unknown labels are left out.")

    def describe(self) -> str:
        """Return a text that lists the labels in the order of the columns that encode them."""
        return f"one column per label, 1 where it applies, in this order: {', '.join(self.labels)}"

    def feature_names(self, column: str) -> tuple[str, ...]:
        """Return the labels."""
        return self.labels

    def transform_with_notes(
        self, column: Column, name: str, folder: Path = Path()
    ) -> EncodedColumn:
        """Return an array of shape (rows, labels): 1 if the cell has the label, else 0.

        Raises:
            DiagnosticError: with the rows that have an unknown label, unless these are ignored.
        """
        rows = split_labels(column, self.separator)
        cells = to_categorical(rows.values)
        row_ids = word_indices(cells.categories, self.labels)[cells.codes]
        row_indices, is_known = rows.row_indices(), row_ids >= 0
        multi_hot = np.zeros((len(rows.lengths), len(self.labels)), np.float32)
        multi_hot[row_indices[is_known], row_ids[is_known]] = 1
        if is_known.all():
            return EncodedColumn(multi_hot)
        has_unknown = np.zeros(len(rows.lengths), bool)
        has_unknown[row_indices[~is_known]] = True
        unknown = (name, has_unknown, cells.first(~is_known), self.labels)
        if not self.ignore:
            raise unknown_label_error(*unknown)
        return EncodedColumn(multi_hot, (ignored_label_info(*unknown),))

    def inverse_transform(self, predicted: Array) -> Array:
        """Return, for each row, the labels whose probability is at least 0.5, joined as text."""
        names = np.array(self.labels, object)
        rows = [names[row].tolist() for row in predicted >= 0.5]
        if self.separator == LIST_SEPARATOR:
            return np.array([json.dumps(row, ensure_ascii=False) for row in rows], object)
        return np.array([self.separator.join(row) for row in rows], object)


class MultilabelFitter(Fitter):
    """Fits an encoder with the given labels or, by default, with the labels that occur, sorted."""

    def __init__(self, settings: encoding.Multilabel, requirement: PortRequirement) -> None:
        self._settings = settings
        self._given = requirement.labels
        self._labels: set[str] = set()

    def add(self, column: Column) -> None:
        """Collect the labels of the next training rows."""
        if not self._given:
            labels = split_labels(column, self._settings.separator).values
            self._labels.update(labels.unique().to_pylist())

    def finish(self) -> MultilabelEncoder:
        """Return the encoder with the given or collected labels."""
        labels = self._given or tuple(sorted(self._labels))
        return MultilabelEncoder(
            labels=labels,
            separator=self._settings.separator,
            ignore=self._settings.unknown == "ignore",
        )


def split_labels(column: Column, separator: str) -> RaggedRows:
    """Return the labels of each cell (a text or a list), without outer spaces or empty labels."""
    import pyarrow.compute as pc

    if is_list(column):
        rows = ragged_from_lists(column)
        values = rows.values
        items = values if is_text(values) else values.to_numpy()
        rows = RaggedRows(to_text(items), rows.lengths)
    elif separator == LIST_SEPARATOR:
        rows = ragged_from_lists(pc.split_pattern(_list_items(to_text(column)), _ITEM_END))
    else:
        rows = ragged_from_lists(pc.split_pattern(to_text(column), separator))
    return drop_empty_texts(RaggedRows(pc.utf8_trim_whitespace(rows.values), rows.lengths))


def _list_items(cells: TextArray) -> TextArray:
    """Return the items of lists such as "['a', 'b']", "[a, b]" or '["a"]', with `_ITEM_END`."""
    import pyarrow.compute as pc

    items = pc.replace_substring_regex(cells, r"^\s*\[\s*|\s*\]\s*$", "")
    quoted = pc.replace_substring_regex(items, r"^['\"]|['\"]$", "")
    separated = pc.replace_substring_regex(quoted, r"['\"]\s*,\s*['\"]", _ITEM_END)
    is_quoted = pc.match_substring_regex(items, r"^['\"]")
    return pc.if_else(is_quoted, separated, pc.replace_substring(items, ",", _ITEM_END))
