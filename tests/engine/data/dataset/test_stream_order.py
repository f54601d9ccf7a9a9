"""Each row is read once per epoch, by one rank, in an order of seed, epoch and number of ranks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.data.dataset.stream_order import StreamOrder

SETTINGS = {"ranks": 2, "window_batches": 2, "seed": 1, "epoch": 1}


def order(lengths, batch_size=7, **given):
    return StreamOrder(np.cumsum([0, *lengths]), batch_size, **SETTINGS | given)


@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=6),
    batch_size=st.integers(1, 12),
    ranks=st.integers(1, 5),
    window_batches=st.integers(1, 4),
    seed=st.integers(0, 3),
    epoch=st.integers(1, 3),
)
def test_each_row_is_in_the_epoch_once(lengths, batch_size, **given):
    made = order(lengths, batch_size, **given)
    rows = np.asarray(made)
    assert sorted(rows) == list(range(sum(lengths)))
    assert [*made] == [*order(lengths, batch_size, **given)] == rows.tolist()
    places = np.random.default_rng(0).permutation(len(rows))
    if len(rows):
        assert np.array_equal(made.take(places), rows[places])
        assert 0 < made.group_end(0) <= len(rows)


@given(rows=st.integers(0, 60), ranks=st.integers(1, 4), window_batches=st.integers(1, 3))
def test_a_rank_reads_one_range_window_by_window(rows, ranks, window_batches):
    made = np.asarray(order([rows], 8, ranks=ranks, window_batches=window_batches))
    batches = [made[start : start + 8] for start in range(0, rows - rows % 8, 8)]
    for rank in range(ranks):
        read = [batch[rank::ranks] for batch in batches]
        first = min(map(min, read), default=0)
        for start in range(0, len(read), window_batches):
            window = np.concatenate(read[start : start + window_batches])
            if start + window_batches <= len(read) - 1:  # the last window has the rest, too
                assert sorted(window) == [*range(first, first + len(window))]
                first += len(window)


def test_the_order_is_that_of_seed_epoch_and_ranks():
    lengths = [20] * 10
    keys = [{}, {"epoch": 2}, {"seed": 2}, {"ranks": 1}]
    made = [tuple(order(lengths, **key)) for key in keys]
    assert len(set(made)) == len(keys)
    assert made == [tuple(order(lengths, **key)) for key in keys]


def test_without_shuffling_one_rank_reads_the_table():
    assert [*order([3, 0, 4], ranks=1, shuffle=False)] == [*range(7)]
    assert [*order([4, 4], 4, shuffle=False)] == [0, 4, 1, 5, 2, 6, 3, 7]
