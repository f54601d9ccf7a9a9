"""Divides a table's rows as its split says, and answers how that was done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.data.readers.table import Table
from engine.data.splits.chronological import latest
from engine.data.splits.random import Shares, Sides, at_random
from engine.data.splits.stratified import grouped, no_value, several, stratified
from engine.data.table.column_types import TEXT, Column, Text, as_text, is_number, is_text
from engine.data.table.lazy_arrow import pa, pc
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe.recipe import Recipe
from engine.recipe.split import (
    AT_RANDOM,
    PARTS,
    ColumnSplit,
    GroupSplit,
    Part,
    RandomSplit,
    Split,
    StratifiedSplit,
    TimeSplit,
    set_split,
    shares_of,
)
from engine.recipe.split import Shares as Asked

Array = NDArray[Any]
_APART: tuple[Part, Part] = ("validation", "test")


def divide(
    table: Table, split: Split | None, recipe: Recipe, apart: tuple[bool, bool] = (False, False)
) -> Sides:
    """Return which rows of a table are on which side.

    Args:
        table: all rows.
        split: how; None holds the recipe's share back at random.
        recipe: has the seed, and the share to validate on where the split names none.
        apart: whether the rows to validate and to test on stand in files of their own.

    Raises:
        Refused: if the split does not fit the table, or leaves a side empty.
    """
    try:
        return _divided(table, split, recipe, apart)
    except Refused as refused:
        raise Refused(*(_keeping_shares(each, split) for each in refused.diagnostics)) from None


def _keeping_shares(found: Diagnostic, split: Split | None) -> Diagnostic:
    """Let the fix that splits at random hold back what the split that it replaces does."""
    kept = RandomSplit(**shares_of(split))
    fixes = (
        set_split(fix.text, kept) if fix.edit == AT_RANDOM.edit else fix for fix in found.fixes
    )
    return replace(found, fixes=tuple(fixes))


def _divided(table: Table, split: Split | None, recipe: Recipe, apart: tuple[bool, bool]) -> Sides:
    if isinstance(split, ColumnSplit):
        return _by_column(_column(table, split), split, apart)
    asked = split if isinstance(split, Asked) else RandomSplit()
    given = recipe.validation_split if asked.validation is None else asked.validation
    validation, test = 0.0 if apart[0] else given, 0.0 if apart[1] else asked.test
    place = "validation_split" if asked.validation is None and not test else "data.split"
    shares = Shares(table.rows, validation, test, place)
    if not validation and not test:
        return at_random(shares, recipe.seed)
    match asked:
        case StratifiedSplit():
            return stratified(_column(table, asked), asked.column, shares, recipe.seed)
        case GroupSplit():
            return grouped(_column(table, asked), asked.column, shares, recipe.seed)
        case TimeSplit():
            return latest(_column(table, asked), asked.column, shares, table.decimal)
    return at_random(shares, recipe.seed)


def _column(table: Table, split: Split) -> Column:
    name = split.reads
    assert name is not None, "this split reads a column"
    if name in table.columns:
        return table.columns[name]
    nearest = nearest_word(name, table.columns)
    fixes = [AT_RANDOM]
    if nearest:
        better = split.model_copy(update={"column": nearest})
        fixes.insert(0, set_split(f'Split by "{nearest}".', better))
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    raise Refused(
        Diagnostic(
            "column-missing",
            f'the data has no column "{name}", by which its rows are split{hint}',
            place="data.split",
            found=", ".join(list(table.columns)[:12])
            + (", ..." if len(table.columns) > 12 else ""),
            expected=name,
            fixes=tuple(fixes),
        )
    )


def _by_column(column: Column, split: ColumnSplit, apart: tuple[bool, bool]) -> Sides:
    """Do what a column says of each row.

    Raises:
        Refused: if it says anything else of a row, or of one that has a file of its own.
    """
    texts = _texts(column, split.column)
    said = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    side = np.full(len(texts), -1, np.int8)
    for number, part in enumerate(PARTS):
        words = pa.array([word.lower() for word in getattr(split, part)], TEXT)
        side[np.asarray(pc.is_in(said, value_set=words))] = number
    if (side < 0).any():
        raise Refused(_unsaid(split, texts, side < 0))
    sides = Sides.of(side, f'as column "{split.column}" says')
    for part, has_file in zip(_APART, apart, strict=True):
        if has_file and len(getattr(sides, part)):
            raise Refused(_twice(split, part, len(getattr(sides, part))))
    if len(texts) and not len(sides.train):
        raise Refused(no_value(split.column, side != 0, "that it is to train on"))
    return sides


def _texts(column: Column, name: str) -> Text:
    if is_text(column):
        return column
    if is_number(column) and column.size == len(column):
        return as_text(column.reshape(-1))
    raise Refused(several(name))


def _unsaid(split: ColumnSplit, texts: Any, rows: Array) -> Diagnostic:
    row = int(np.flatnonzero(rows)[0])
    words = [word for part in PARTS for word in getattr(split, part)]
    value = str(texts[row])
    nearest = nearest_word(value, words)
    fixes = [Fix(f'Write "{nearest}" in these rows.' if nearest else "Correct these rows.")]
    if value:
        more = split.model_copy(update={"train": (*split.train, value)})
        fixes.append(set_split(f'Train on rows that say "{value[:40]}".', more))
    return Diagnostic(
        "split-unfit",
        f'"{split.column}" says of {counted(rows)} something else than which side it is on',
        place=f"column {split.column}, {first_rows(rows)}",
        found=f"{value[:40]!r} in row {row}",
        expected=", ".join(words),
        fixes=tuple(fixes),
    )


def _twice(split: ColumnSplit, part: Part, count: int) -> Diagnostic:
    return Diagnostic(
        "split-unfit",
        f'"{split.column}" says which rows are for {part}, and a file of its own does so, too',
        place="data.split",
        found=f"{count:,} rows for {part}, and a file of their own",
        expected="one of the two",
        fixes=(
            Fix(f"Leave the file for {part} out."),
            set_split("Let the column say nothing.", RandomSplit()),
        ),
    )
