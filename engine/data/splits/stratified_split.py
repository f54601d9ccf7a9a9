"""Splits that depend on the values of a column: stratified splits, and splits by group."""

from __future__ import annotations

import numpy as np

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.splits.random_split import SPLIT_STREAM, permutation
from engine.data.splits.split_rows import TEST, TRAIN, VALIDATION, SplitRows, SplitSizes
from engine.data.table.array import Array
from engine.data.table.column_types import Column, is_date, is_number, is_text
from engine.data.table.missing_values import present_mask
from engine.data.table.row_numbers import affected_rows, cells_error
from engine.recipe.split import RANDOM_SPLIT_FIX

MAX_VALUES_PER_ROW = 0.5  # the maximum ratio of distinct values to rows for a stratified split


def value_codes(column: Column, name: str) -> tuple[Array, int]:
    """Return the code of each row's value, and the number of distinct values.

    Codes are numbered from 0 in the order of the sorted values. A missing value counts as a value.

    Raises:
        DiagnosticError: if a row holds several values.
    """
    if is_text(column):
        import pyarrow.compute as pc

        encoded = pc.dictionary_encode(column)
        values = encoded.dictionary
        ranks = np.empty(len(values), np.int64)
        ranks[np.asarray(pc.sort_indices(values))] = np.arange(len(values))
        return ranks[np.asarray(encoded.indices)], len(values)
    if (is_number(column) or is_date(column)) and column.size == len(column):
        distinct, codes = np.unique(column.reshape(-1), return_inverse=True)
        return codes.reshape(-1).astype(np.int64), len(distinct)
    raise multiple_values_error(name)


def stratified_split(column: Column, name: str, sizes: SplitSizes, seed: int) -> SplitRows:
    """Return a stratified split: the same fraction of the rows of each value is held out.

    The held-out rows are selected at random. Each value has at least one training row.

    Raises:
        DiagnosticError: if most values occur only once, or a subset would be empty.
    """
    codes, count = value_codes(column, name)
    if count > max(1, MAX_VALUES_PER_ROW * sizes.rows):
        raise diagnostic_error(
            "split-unfit",
            f'nearly every row has a different "{name}", so the split can\'t be stratified by it',
            RANDOM_SPLIT_FIX,
            "Name a column with fewer values.",
            place="data.split",
            found=f"{count:,} values in {sizes.rows:,} rows",
            expected="a column of classes, such as a label",
        )
    value_counts = np.bincount(codes, minlength=count)
    validation_count, test_count = sizes.row_counts
    validation = _allocate(value_counts, value_counts - 1, validation_count)
    test = _allocate(value_counts, value_counts - 1 - validation, test_count)
    sizes.check(int(sizes.rows - (validation + test).sum()), validation.sum(), test.sum())
    rank = _ranks_within_value(codes, value_counts, seed)
    subset_codes = np.full(sizes.rows, TRAIN, np.int8)
    subset_codes[rank < (validation + test)[codes]] = TEST
    subset_codes[rank < validation[codes]] = VALIDATION
    description = f'held back at random with seed {seed}, in equal shares of "{name}"'
    return SplitRows.from_codes(subset_codes, description)


def _allocate(value_counts: Array, limits: Array, wanted: int) -> Array:
    """Return, for each value of a column, how many of its rows to hold out: `wanted` in total.

    Each value gets its exact proportion, rounded down. Then the values with the largest remainders
    get one more row, repeatedly if necessary. `value_counts` has the number of all rows of each
    value. `limits` has the maximum number of rows to hold out, for each value.

    Source: the method of largest remainders; ties are resolved in the order of the values.
    """
    exact = value_counts * (wanted / max(int(value_counts.sum()), 1))
    limits = np.maximum(limits, 0)
    counts = np.minimum(np.floor(exact).astype(np.int64), limits)
    order = np.argsort(counts - exact, kind="stable")
    while (remaining := wanted - int(counts.sum())) > 0 and (counts < limits).any():
        counts[order[counts[order] < limits[order]][:remaining]] += 1
    return np.asarray(counts)


def _ranks_within_value(codes: Array, value_counts: Array, seed: int) -> Array:
    """Return each row's rank (from 0) in a random order of the rows that have the same code."""
    order = permutation(len(codes), seed, SPLIT_STREAM)
    by_value = order[np.argsort(codes[order], kind="stable")]
    first = np.cumsum(value_counts) - value_counts
    ranks = np.empty(len(codes), np.int64)
    ranks[by_value] = np.arange(len(codes)) - first[codes[by_value]]
    return ranks


def group_split(column: Column, name: str, sizes: SplitSizes, seed: int) -> SplitRows:
    """Return a split by group: all rows with the same value of the column are in the same subset.

    Held-out groups are selected in random order. A group that is too large for the remaining
    size of a subset is skipped.

    Raises:
        DiagnosticError: if a row has no group, or a subset would be empty.
    """
    is_present = present_mask(column)
    if is_present is not None:
        raise missing_value_error(name, ~is_present, "has no group")
    codes, count = value_codes(column, name)
    group_sizes = np.bincount(codes, minlength=count)
    validation_count, test_count = sizes.row_counts
    order = permutation(count, seed, SPLIT_STREAM)
    group_codes = np.full(count, TRAIN, np.int8)
    _assign_groups(
        group_codes, order, group_sizes, VALIDATION, validation_count, 1 + bool(test_count)
    )
    _assign_groups(group_codes, order, group_sizes, TEST, test_count, 1)
    row_codes = group_codes[codes]
    counts = [int((row_codes == code).sum()) for code in (TRAIN, VALIDATION, TEST)]
    sizes.check(*counts)
    description = f'held back at random with seed {seed}, no "{name}" on two sides'
    return SplitRows.from_codes(row_codes, description)


def _assign_groups(
    group_codes: Array, order: Array, group_sizes: Array, code: int, row_count: int, reserved: int
) -> None:
    """Assign groups to the subset `code` until it has `row_count` rows; skip too large groups.

    If no group fits, the smallest group is assigned. The function changes `group_codes`, the
    subset of each group. `order` is the order of groups, `group_sizes` are their row counts.
    `reserved` is the number of groups that are left for other subsets.
    """
    remaining_rows, remaining_groups = row_count, int((group_codes == TRAIN).sum()) - reserved
    for group in order:
        if remaining_rows <= 0 or remaining_groups <= 0:
            return
        if group_codes[group] == TRAIN and group_sizes[group] <= remaining_rows:
            group_codes[group] = code
            remaining_rows -= int(group_sizes[group])
            remaining_groups -= 1
    if remaining_rows == row_count > 0 and remaining_groups > 0:
        unassigned = np.flatnonzero(group_codes == TRAIN)
        group_codes[unassigned[np.argmin(group_sizes[unassigned])]] = code


def missing_value_error(name: str, is_missing: Array, what: str) -> DiagnosticError:
    """Return the error for rows without a usable value in column `name`, which defines the split.

    `what` completes the message, such as "has no group".
    """
    return cells_error(
        "split-unfit",
        name,
        what,
        affected_rows(is_missing),
        "Fill the cells, or remove these rows.",
        RANDOM_SPLIT_FIX,
        expected="a value in every row",
    )


def multiple_values_error(name: str) -> DiagnosticError:
    """Return the error for a split by a column that holds several values per row."""
    return diagnostic_error(
        "split-unfit",
        f'"{name}" holds several values per row, and a split needs one',
        "Name another column.",
        RANDOM_SPLIT_FIX,
        place="data.split",
        found="several values per row",
        expected="one value per row",
    )
