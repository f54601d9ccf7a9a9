"""Splits that look at a column of values: equal shares of each, or each on one side only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.preprocessing.target_masks import known
from engine.data.splits.random import (
    SPLIT,
    TEST,
    TRAIN,
    VALIDATION,
    Shares,
    Sides,
    permutation,
)
from engine.data.table.column_types import Column, is_date, is_number, is_text
from engine.data.table.lazy_arrow import pc
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe.split import AT_RANDOM

Array = NDArray[Any]
MOST_STRATA = 0.5  # values for each row; more of them can't be spread


def codes_of(column: Column, name: str) -> tuple[Array, int]:
    """Return the number of each row's value, in the order of the values, and how many there are.

    A value that is missing is a value, too.

    Raises:
        Refused: if a row holds several values.
    """
    if is_text(column):
        encoded = pc.dictionary_encode(column)
        values = encoded.dictionary
        places = np.empty(len(values), np.int64)
        places[np.asarray(pc.sort_indices(values))] = np.arange(len(values))
        return places[np.asarray(encoded.indices)], len(values)
    if (is_number(column) or is_date(column)) and column.size == len(column):
        found, codes = np.unique(column.reshape(-1), return_inverse=True)
        return codes.reshape(-1).astype(np.int64), len(found)
    raise Refused(several(name))


def stratified(column: Column, name: str, shares: Shares, seed: int) -> Sides:
    """Hold rows back at random, the same share of each value; a value's last row is trained on.

    Raises:
        Refused: if nearly every row has a value of its own, or one side would be empty.
    """
    codes, count = codes_of(column, name)
    if count > max(1, MOST_STRATA * shares.rows):
        raise Refused(_all_differ(name, count, shares.rows))
    sizes = np.bincount(codes, minlength=count)
    held, kept = shares.wanted
    validation = _spread(sizes, sizes - 1, held)
    test = _spread(sizes, sizes - 1 - validation, kept)
    shares.check(int(shares.rows - (validation + test).sum()), validation.sum(), test.sum())
    place = _places(codes, sizes, seed)
    side = np.full(shares.rows, TRAIN, np.int8)
    side[place < (validation + test)[codes]] = TEST
    side[place < validation[codes]] = VALIDATION
    return Sides.of(side, f'held back at random with seed {seed}, in equal shares of "{name}"')


def _spread(sizes: Array, room: Array, wanted: int) -> Array:
    """Return how many rows of each value are held back: its share, rounded so that the sum fits.

    What a value has no room for goes to the others, one row each in turn.

    Source: the method of largest remainders; of equal ones the first value comes first.
    """
    exact = sizes * (wanted / max(int(sizes.sum()), 1))
    room = np.maximum(room, 0)
    answer = np.minimum(np.floor(exact).astype(np.int64), room)
    order = np.argsort(answer - exact, kind="stable")
    while (left := wanted - int(answer.sum())) > 0 and (answer < room).any():
        answer[order[answer[order] < room[order]][:left]] += 1
    return np.asarray(answer)


def _places(codes: Array, sizes: Array, seed: int) -> Array:
    """Return the place of each row among those of its value, in random order."""
    order = permutation(len(codes), seed, SPLIT)
    by_value = order[np.argsort(codes[order], kind="stable")]
    first = np.cumsum(sizes) - sizes
    places = np.empty(len(codes), np.int64)
    places[by_value] = np.arange(len(codes)) - first[codes[by_value]]
    return places


def grouped(column: Column, name: str, shares: Shares, seed: int) -> Sides:
    """Hold whole groups back, taken in random order for as long as they fit the share.

    Raises:
        Refused: if a row is in no group, or one side would be empty.
    """
    there = known(column)
    if there is not None:
        raise Refused(no_value(name, ~there, "which group it belongs to"))
    codes, count = codes_of(column, name)
    sizes = np.bincount(codes, minlength=count)
    held, kept = shares.wanted
    order = permutation(count, seed, SPLIT)
    side = np.full(count, TRAIN, np.int8)
    _fill(side, order, sizes, VALIDATION, held, 1 + bool(kept))
    _fill(side, order, sizes, TEST, kept, 1)
    of_rows = side[codes]
    counts = [int((of_rows == each).sum()) for each in (TRAIN, VALIDATION, TEST)]
    shares.check(*counts)
    told = f'held back at random with seed {seed}, no "{name}" on two sides'
    return Sides.of(of_rows, told)


def _fill(side: Array, order: Array, sizes: Array, each: int, most: int, spare: int) -> None:
    """Put groups on a side until no further one fits; one that is too large if none does.

    Args:
        side: of each group, changed in place.
        order: in which groups are tried.
        sizes: rows of each group.
        each, most: the side, and the rows wanted on it.
        spare: groups that are left for other sides.
    """
    left, free = most, int((side == TRAIN).sum()) - spare
    for group in order:
        if left <= 0 or free <= 0:
            return
        if side[group] == TRAIN and sizes[group] <= left:
            side[group] = each
            left, free = left - int(sizes[group]), free - 1
    if left == most > 0 and free > 0:
        others = np.flatnonzero(side == TRAIN)
        side[others[np.argmin(sizes[others])]] = each


def no_value(name: str, rows: Array, what: str) -> Diagnostic:
    """Return the finding for rows in which a column that splits them says nothing."""
    return Diagnostic(
        "split-unfit",
        f'"{name}" does not say of each row {what}: {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found="nothing",
        expected="a value in every row",
        fixes=(
            Fix("Fill the cells, or remove these rows."),
            AT_RANDOM,
        ),
    )


def _all_differ(name: str, count: int, rows: int) -> Diagnostic:
    return Diagnostic(
        "split-unfit",
        f'nearly every row has a "{name}" of its own, so equal shares of each can\'t be held back',
        place="data.split",
        found=f"{count:,} values in {rows:,} rows",
        expected="a column of classes, such as a label",
        fixes=(
            AT_RANDOM,
            Fix("Name a column with fewer values."),
        ),
    )


def several(name: str) -> Diagnostic:
    """Return the finding for a column that holds more than one value a row."""
    return Diagnostic(
        "split-unfit",
        f'"{name}" holds several values a row, and rows are split by one',
        place="data.split",
        found="several values a row",
        expected="one value a row",
        fixes=(
            Fix("Name another column."),
            AT_RANDOM,
        ),
    )
