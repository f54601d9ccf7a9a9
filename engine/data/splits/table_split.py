"""Splits the rows of a table into training, validation and test rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error, nearest_word
from engine.data.splits.chronological_split import chronological_split
from engine.data.splits.random_split import random_split
from engine.data.splits.split_rows import SplitRows, SplitSizes
from engine.data.splits.stratified_split import (
    group_split,
    missing_value_error,
    multiple_values_error,
    stratified_split,
)
from engine.data.table.column_types import (
    Column,
    TextArray,
    is_any_of,
    is_number,
    is_text,
    text_column,
)
from engine.data.table.row_numbers import affected_rows
from engine.data.table.table import Table
from engine.recipe.recipe import Recipe
from engine.recipe.split import (
    RANDOM_SPLIT_FIX,
    SUBSETS,
    ColumnSplit,
    FractionSplit,
    GroupSplit,
    RandomSplit,
    SplitSettings,
    StratifiedSplit,
    Subset,
    TimeSplit,
    set_split_fix,
    split_fractions,
)

_HELD_OUT: tuple[Subset, Subset] = ("validation", "test")


def split_table(
    table: Table,
    split: SplitSettings | None,
    recipe: Recipe,
    separate: tuple[bool, bool] = (False, False),
) -> SplitRows:
    """Return the training, validation and test rows of a table.

    Args:
        table: all rows.
        split: the split settings; None to hold out the recipe's validation_split at random.
        recipe: the training recipe, for the seed and the default validation fraction.
        separate: whether validation rows and test rows (two flags) are in separate files.

    Raises:
        DiagnosticError: if the split does not fit the table, or leaves a subset empty.
    """
    try:
        return _split(table, split, recipe, separate)
    except DiagnosticError as error:
        diagnostics = [_keep_fractions(diagnostic, split) for diagnostic in error.diagnostics]
        raise DiagnosticError(*diagnostics) from None


def _keep_fractions(diagnostic: Diagnostic, split: SplitSettings | None) -> Diagnostic:
    """Return `diagnostic`; its fix "split at random", if any, gets the fractions of `split`."""
    random_split = RandomSplit(**split_fractions(split))
    fixes = (
        set_split_fix(fix.text, random_split) if fix.edit == RANDOM_SPLIT_FIX.edit else fix
        for fix in diagnostic.fixes
    )
    return replace(diagnostic, fixes=tuple(fixes))


def _split(
    table: Table, split: SplitSettings | None, recipe: Recipe, separate: tuple[bool, bool]
) -> SplitRows:
    if isinstance(split, ColumnSplit):
        return _split_by_column(_split_column(table, split), split, separate)
    settings = split if isinstance(split, FractionSplit) else RandomSplit()
    fraction = recipe.validation_split if settings.validation is None else settings.validation
    validation = 0.0 if separate[0] else fraction
    test = 0.0 if separate[1] else settings.test
    place = "validation_split" if settings.validation is None and not test else "data.split"
    sizes = SplitSizes(table.row_count, validation, test, place)
    if not validation and not test:
        return random_split(sizes, recipe.seed)
    match settings:
        case StratifiedSplit(column=name):
            return stratified_split(_split_column(table, settings), name, sizes, recipe.seed)
        case GroupSplit(column=name):
            return group_split(_split_column(table, settings), name, sizes, recipe.seed)
        case TimeSplit(column=name):
            column, forms = _split_column(table, settings), table.number_form_counter()
            return chronological_split(column, name, sizes, forms)
    return random_split(sizes, recipe.seed)


def _split_column(table: Table, split: SplitSettings) -> Column:
    name = split.depends_on
    assert name is not None, "this split reads a column"
    if name in table.columns:
        return table.columns[name]
    nearest = nearest_word(name, table.columns)
    fixes = [*table.header_fixes(name), RANDOM_SPLIT_FIX]
    if nearest:
        corrected = split.model_copy(update={"column": nearest})
        fixes.insert(0, set_split_fix(f'Split by "{nearest}".', corrected))
    purpose = ", by which its rows are split"
    raise DiagnosticError(table.column_missing(name, purpose, nearest, *fixes, place="data.split"))


def _split_by_column(column: Column, split: ColumnSplit, separate: tuple[bool, bool]) -> SplitRows:
    """Return the split that a column defines: each cell names the subset of its row.

    `separate` has two flags: whether validation rows and test rows are in separate files.
    """
    import pyarrow.compute as pc

    texts = _texts(column, split.column)
    values = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    subset_codes = np.full(len(texts), -1, np.int8)
    for code, subset in enumerate(SUBSETS):
        names = [word.lower() for word in getattr(split, subset)]
        subset_codes[is_any_of(values, names)] = code
    if (subset_codes < 0).any():
        raise DiagnosticError(_unknown_subset(split, texts, affected_rows(subset_codes < 0)))
    split_rows = SplitRows.from_codes(subset_codes, f'as column "{split.column}" says')
    for subset, has_file in zip(_HELD_OUT, separate, strict=True):
        count = len(getattr(split_rows, subset))
        if has_file and count:
            raise diagnostic_error(
                "split-unfit",
                f'"{split.column}" assigns rows to {subset}, and there is a separate {subset} file',
                f"Leave out the {subset} file.",
                set_split_fix("Split at random instead of by the column.", RandomSplit()),
                place="data.split",
                found=f"{count:,} rows for {subset}, and a separate file",
                expected="only one of them",
            )
    if len(texts) and not len(split_rows.train):
        what = "assigns no row to training"
        raise missing_value_error(split.column, subset_codes != 0, what)
    return split_rows


def _texts(column: Column, name: str) -> TextArray:
    if is_text(column):
        return column
    if is_number(column) and column.size == len(column):
        return text_column(column.reshape(-1).astype(str).tolist())
    raise multiple_values_error(name)


def _unknown_subset(split: ColumnSplit, texts: Any, rows: AffectedRows) -> Diagnostic:
    names = [word for subset in SUBSETS for word in getattr(split, subset)]
    value = str(texts[rows.numbers[0]])
    nearest = nearest_word(value, names)
    fixes = [Fix(f'Write "{nearest}" in these rows.' if nearest else "Correct these rows.")]
    if value:
        extended = split.model_copy(update={"train": (*split.train, value)})
        fixes.append(set_split_fix(f'Train on rows with "{value[:40]}".', extended))
    return Diagnostic.error(
        "split-unfit",
        f'"{split.column}" has no subset name in {rows.count_text}',
        *fixes,
        place=f"column {split.column}",
        rows=rows,
        found=f"{value[:40]!r} {rows.first_text}",
        expected=", ".join(names),
    )
