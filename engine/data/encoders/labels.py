"""Encodes labels: categories as class ids or one-hot columns, booleans as 0 and 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error, did_you_mean
from engine.core.formatting.counts import join_first
from engine.data.encoders.base import ENCODERS, EncodedColumn, Encoder, Fitter, PortRequirement
from engine.data.encoders.categories import CategoricalColumn, fold_texts, to_categorical
from engine.data.table.array import Array
from engine.data.table.column_types import Column, text_column, word_indices
from engine.data.table.number_parser import MISSING_WORDS, missing_cell_mask
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe import encoding
from engine.recipe.encoding import OTHER_LABEL

FALSE_WORDS = frozenset({"false", "no", "n", "f", "0"})
TRUE_WORDS = frozenset({"true", "yes", "y", "t", "1"})


class LabelEncoder(Encoder):
    """The base of the encoders that map labels to class ids."""

    labels: tuple[str, ...] = Field(description="The labels, in the order of their class indices.")
    ignore_case: bool = Field(False, description="Case and surrounding whitespace are ignored.")
    common: str = Field("", description='The label of missing cells, "" if they have none.')

    @property
    def fill_text(self) -> str:
        """The label that missing cells are filled with, in quotes."""
        return f'"{self.missing_label}"' if self.missing_label else ""

    @property
    def missing_label(self) -> str:
        """The label of missing cells, "" if they have none."""
        return self.common

    def class_id_text(self) -> str:
        """Return the meaning of the class ids, such as "0 is no, 1 is yes"."""
        return ", ".join(f"{class_id} is {label}" for class_id, label in enumerate(self.labels))

    def class_ids(
        self, column: Column | CategoricalColumn, name: str, unknown_id: int = -1
    ) -> Array:
        """Return the class id of each cell of the column `name`.

        `unknown_id` is the class id of unknown labels; -1 to raise an error for unknown labels.

        Raises:
            DiagnosticError: with the rows of unknown labels, and of missing cells without a fill.
        """
        cells = to_categorical(column)
        # Look up each distinct text once, then map the codes of all rows.
        texts, labels = cells.categories, text_column(self.labels)
        if self.ignore_case:
            texts, labels = fold_texts(texts), fold_texts(labels)
        ids = word_indices(texts, labels.to_pylist()).astype(np.int64)
        is_missing = missing_cell_mask(cells.categories, self.labels)
        ids[(ids < 0) & ~is_missing] = unknown_id
        ids[is_missing] = self.labels.index(self.missing_label) if self.missing_label else -1
        row_ids: Array = ids[cells.codes]
        if (row_ids < 0).any():
            raise DiagnosticError(*self._errors(cells, ids, is_missing, name))
        return row_ids

    def _errors(
        self, cells: CategoricalColumn, ids: Array, is_missing: Array, name: str
    ) -> list[Diagnostic]:
        diagnostics: list[Diagnostic] = []
        missing_rows = (is_missing & (ids < 0))[cells.codes]
        if missing_rows.any():
            diagnostics += cells_error(
                "cell-missing",
                name,
                "has empty cells",
                affected_rows(missing_rows),
                "Fill the cells, or remove these rows.",
                expected="a label in every row",
            ).diagnostics
        unknown_rows = (~is_missing & (ids < 0))[cells.codes]
        if unknown_rows.any():
            value = cells.first(unknown_rows)
            diagnostics += unknown_label_error(name, unknown_rows, value, self.labels).diagnostics
        return diagnostics


@ENCODERS.register("Category", name="category")
class CategoryEncoder(LabelEncoder):
    """Encodes one of several labels as its class id or as one-hot columns."""

    hot: bool = Field(False, description="One-hot columns instead of class indices.")
    other: bool = Field(False, description="The last label stands for unknown labels.")
    ignore: bool = Field(False, description="Unknown labels are zeros in all one-hot columns.")
    fill: bool = Field(False, description="The last label stands for missing cells.")

    @property
    def missing_label(self) -> str:
        """The label of missing cells, "" if they have none."""
        return self.labels[-1] if self.fill else self.common

    @property
    def id_count(self) -> int | None:
        """The number of class ids, None for one-hot columns."""
        return None if self.hot else len(self.labels)

    def describe(self) -> str:
        """Return a description of the labels, in the order of their class ids."""
        if self.hot:
            return f"one column per label, in this order: {', '.join(self.labels)}"
        return f"a class index: {self.class_id_text()}"

    def feature_names(self, column: str) -> tuple[str, ...]:
        """Return the labels of one-hot columns, or the name of the column of class ids."""
        return self.labels if self.hot else (column,)

    def transform_with_notes(
        self, column: Column, name: str, folder: Path = Path()
    ) -> EncodedColumn:
        """Return class ids, or if `hot` is True, one-hot columns of shape (rows, labels).

        The note is an info on ignored labels.
        """
        cells, count = to_categorical(column), len(self.labels)
        unknown_id = count if self.ignore and self.hot else count - 1 if self.other else -1
        ids = self.class_ids(cells, name, unknown_id)
        if not self.hot:
            return EncodedColumn(ids)
        is_ignored = ids == count
        one_hot = np.zeros((len(ids), count), np.float32)
        one_hot[~is_ignored, ids[~is_ignored]] = 1
        if not is_ignored.any():
            return EncodedColumn(one_hot)
        note = ignored_label_info(name, is_ignored, cells.first(is_ignored), self.labels)
        return EncodedColumn(one_hot, (note,))

    def inverse_transform(self, predicted: Array) -> Array:
        """Return the most probable label of each row. The last axis holds one number per label."""
        names = np.array(self.labels, object)
        return np.asarray(names[predicted.argmax(axis=-1)])


@ENCODERS.register("Boolean", name="boolean")
class BooleanEncoder(LabelEncoder):
    """Encodes one of two labels as 0 or 1."""

    def describe(self) -> str:
        """Return the meaning of 0 and 1 as text, such as "one number: 0 is no, 1 is yes"."""
        return f"one number: {self.class_id_text()}"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return 0 for each cell with the first label, 1 for each with the second label."""
        return self.class_ids(column, name).astype(np.float32)

    def inverse_transform(self, predicted: Array) -> Array:
        """Return the second label for probabilities of at least 0.5, else the first label."""
        names = np.array(self.labels, object)
        ids = (predicted >= 0.5).astype(np.int64)
        return np.asarray(names[np.minimum(ids, len(names) - 1)])


class LabelFitter(Fitter):
    """The base class of fitters that count the labels of a column."""

    def __init__(
        self, settings: encoding.Category | encoding.Boolean, requirement: PortRequirement
    ) -> None:
        self._fill, self._requirement = settings.fill, requirement
        self._ignore_case = settings.ignore_case
        self._counts: Counter[str] = Counter()

    def add(self, column: Column | CategoricalColumn) -> None:
        """Count the labels of the next training rows."""
        if not self._requirement.labels or self._fill == "most_frequent":
            self._counts.update(to_categorical(column).counts_by_category())

    def label_counts(self) -> Mapping[str, int]:
        """Return a mapping from each label to its number of rows. Missing cells don't count.

        If case does not matter, the most frequent spelling of a label stands for all.
        """
        counts = {text: count for text, count in self._counts.items() if text not in MISSING_WORDS}
        if not self._ignore_case:
            return counts
        spellings = sorted(counts, key=lambda text: (-counts[text], text))
        folds = fold_texts(text_column(spellings)).to_pylist()
        labels: dict[str, str] = {}
        merged: Counter[str] = Counter()
        for text, fold in zip(spellings, folds, strict=True):
            merged[labels.setdefault(fold, text.strip())] += counts[text]
        return merged

    def most_frequent_label(self, labels: Sequence[str]) -> str:
        """Return the most frequent of some labels if it fills missing cells, else ""."""
        if self._fill != "most_frequent":
            return ""
        counts = self.label_counts()
        return max(labels, key=lambda label: counts.get(label, 0), default="")


class CategoryFitter(LabelFitter):
    """Fits an encoder with the given labels or, by default, with the labels that occur, sorted."""

    def __init__(self, settings: encoding.Category, requirement: PortRequirement) -> None:
        super().__init__(settings, requirement)
        self._settings = settings

    def finish(self) -> CategoryEncoder:
        """Return the encoder. If rare, unknown or missing labels are grouped, "other" is last."""
        labels: Sequence[str] = self._requirement.labels
        counts = self.label_counts()
        if not labels:
            labels = sorted(text for text, count in counts.items() if count >= self._settings.rare)
        groups_unknown = self._settings.rare > 0 or self._settings.unknown == "other"
        groups_missing = self._settings.fill == "other"
        has_other = bool(self._requirement.labels) and labels[-1] == OTHER_LABEL
        if (groups_unknown or groups_missing) and not has_other:
            labels = [*labels, _unused_name(OTHER_LABEL, labels)]
        return CategoryEncoder(
            labels=tuple(labels),
            hot=self._requirement.one_hot,
            other=groups_unknown,
            ignore=self._settings.unknown == "ignore",
            fill=groups_missing,
            common=self.most_frequent_label(labels),
            ignore_case=self._ignore_case,
        )


class BooleanFitter(LabelFitter):
    """Fits a `BooleanEncoder` with two given labels or, by default, with the labels that occur.

    If the labels that occur mean no and yes, the label for no comes first.
    """

    def finish(self) -> BooleanEncoder:
        """Return the encoder.

        Raises:
            DiagnosticError: if the column holds more than two labels.
        """
        given = self._requirement.labels
        labels = given or tuple(sorted(self.label_counts()))
        if len(labels) > 2:
            raise diagnostic_error(
                "column-kind",
                f"there are {len(labels)} distinct labels where two are needed",
                f"Use Dense({len(labels)}) with softmax and categorical_crossentropy.",
                "Give labels of the same meaning the same spelling.",
                found=format_labels(labels),
                expected="two labels",
            )
        return BooleanEncoder(
            labels=given or _no_before_yes(labels),
            common=self.most_frequent_label(labels),
            ignore_case=self._ignore_case,
        )


def _unused_name(name: str, used_names: Sequence[str]) -> str:
    """Return `name`, wrapped in parentheses until it differs from all `used_names`."""
    while name in used_names:
        name = f"({name})"
    return name


def _no_before_yes(labels: tuple[str, ...]) -> tuple[str, ...]:
    if len(labels) == 2 and labels[0].lower() in TRUE_WORDS and labels[1].lower() in FALSE_WORDS:
        return (labels[1], labels[0])
    return labels


def ignored_label_info(name: str, mask: Array, value: str, labels: Sequence[str]) -> Diagnostic:
    """Return an info on rows whose unknown labels are ignored; for the arguments see the error."""
    rows = affected_rows(mask)
    return Diagnostic.info(
        "label-ignored",
        f'"{name}": unknown labels are encoded as none of the labels: {rows.count_text}',
        place=f"column {name}",
        found=value[:80],
        expected=format_labels(labels),
        rows=rows,
    )


def format_labels(labels: Sequence[str]) -> str:
    """Return the first eight labels as text, followed by the number of the other labels."""
    return join_first((label[:30] for label in labels), 8)


def unknown_label_error(
    name: str, mask: Array, value: str, labels: Sequence[str]
) -> DiagnosticError:
    """Return the error for unknown labels in the column `name`, in the rows where `mask` is True.

    `value` is the first unknown label, and `labels` are the known ones.
    """
    hint = did_you_mean(value, labels)
    return cells_error(
        "label-unknown",
        name,
        "holds unknown labels",
        affected_rows(mask),
        f"Correct the cells ({hint})" if hint else "Correct or remove the rows.",
        cell=value[:40],
        expected=format_labels(labels),
    )
