"""The split: every row on one side, decided by the seed alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.data.splits.random_split import permutation, random_split
from engine.data.splits.split_rows import SplitSizes

PERMUTATION = [3, 5, 2, 9, 7, 0, 8, 6, 1, 4]
HELD = [1, 7, 9]


@given(st.integers(2, 500), st.floats(0.01, 0.9), st.integers(0, 2**63 - 1))
def test_each_row_is_on_exactly_one_side(rows, share, seed):
    held = round(rows * share)
    if not 0 < held < rows:
        return
    split = random_split(SplitSizes(rows, share), seed)
    both = np.concatenate((split.train, split.validation))
    assert sorted(both) == list(range(rows))
    assert len(split.validation) == held


def test_the_split_is_the_same_on_every_machine():
    """Fixed numbers: a change here changes what every kept run was trained on."""
    assert permutation(10, 1).tolist() == PERMUTATION
    assert random_split(SplitSizes(10, 0.3), 1).validation.tolist() == HELD


def test_another_seed_or_stream_gives_another_order():
    orders = {tuple(permutation(50, seed, stream)) for seed in (1, 2) for stream in (0, 1)}
    assert len(orders) == 4


def test_no_validation_leaves_all_rows_in_their_order():
    split = random_split(SplitSizes(5, 0.0), 3)
    assert split.train.tolist() == [0, 1, 2, 3, 4]
    assert len(split.validation) == 0


@pytest.mark.parametrize(("rows", "share"), [(1, 0.2), (2, 0.1), (3, 0.9)])
def test_a_split_with_an_empty_side_is_refused(rows, share):
    with pytest.raises(DiagnosticError) as refused:
        random_split(SplitSizes(rows, share), 1)
    assert refused.value.diagnostics[0].code == "split-empty"
