"""Random splits of the rows of a table, and the random permutations that they are based on."""

from __future__ import annotations

import numpy as np

from engine.data.splits.split_rows import TEST, VALIDATION, RowIndices, SplitRows, SplitSizes

SPLIT_STREAM = 0x5B117  # the random stream of splits; other uses of a seed have other streams


def permutation(rows: int, seed: int, stream: int = 0) -> RowIndices:
    """Return a random permutation of the numbers below `rows` that depends only on the arguments.

    The permutation is the stable argsort of the raw output of a Philox generator.

    Args:
        rows: the size of the permutation.
        seed: a seed of at least 0.
        stream: the random stream; different streams give independent permutations.

    Why: the raw output of Philox is standardized; NumPy's shuffling may change between versions.
    """
    key = np.array([seed, stream], np.uint64)
    draws = np.random.Philox(key=key).random_raw(rows)
    return np.argsort(draws, kind="stable").astype(np.int64, copy=False)


def random_split(sizes: SplitSizes, seed: int) -> SplitRows:
    """Return a random split with the requested sizes.

    Raises:
        DiagnosticError: if a subset would be empty.
    """
    validation_count, test_count = sizes.row_counts
    sizes.check(sizes.rows - validation_count - test_count, validation_count, test_count)
    subset_codes = np.zeros(sizes.rows, np.int8)
    is_split = validation_count or test_count
    order = permutation(sizes.rows, seed, SPLIT_STREAM) if is_split else np.empty(0, np.int64)
    subset_codes[order[:validation_count]] = VALIDATION
    subset_codes[order[validation_count : validation_count + test_count]] = TEST
    return SplitRows.from_codes(subset_codes, f"held back at random with seed {seed}")
