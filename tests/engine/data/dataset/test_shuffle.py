"""An epoch takes each row once, in an order that size, seed and epoch decide and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.data.dataset import shuffle as ordering
from engine.data.dataset.shuffle import EpochOrder
from engine.data.splits.random_split import permutation

ROWS, WIDTHS = st.integers(1, 700), st.integers(1, 300)


def order(rows, width, seed=1, epoch=1, shuffle=True, group=2_000, block=100):
    before = ordering.GROUP_BYTES, ordering.BLOCK_BYTES, ordering.MIN_ROW_BYTES
    ordering.GROUP_BYTES, ordering.BLOCK_BYTES, ordering.MIN_ROW_BYTES = group, block, 1
    try:
        return EpochOrder(rows, width, seed, epoch, shuffle)
    finally:
        ordering.GROUP_BYTES, ordering.BLOCK_BYTES, ordering.MIN_ROW_BYTES = before


@given(ROWS, WIDTHS, st.integers(0, 99), st.integers(1, 9))
def test_each_row_comes_once(rows, width, seed, epoch):
    assert sorted(order(rows, width, seed, epoch)) == list(range(rows))


@given(ROWS, WIDTHS, st.data())
def test_any_part_is_that_of_the_whole(rows, width, data):
    whole = np.asarray(order(rows, width))
    start = data.draw(st.integers(0, rows))
    stop = data.draw(st.integers(start, rows))
    np.testing.assert_array_equal(order(rows, width)[start:stop], whole[start:stop])


@given(ROWS, WIDTHS)
def test_rows_that_are_not_shuffled_stand_as_they_are(rows, width):
    assert list(order(rows, width, shuffle=False)) == list(range(rows))


@given(ROWS, WIDTHS)
def test_groups_end_where_the_next_one_begins(rows, width):
    made, at, ends = order(rows, width), 0, []
    while at < rows:
        at = made.group_end(at)
        ends.append(at)
    assert ends[-1] == rows
    assert ends == sorted(set(ends))


def test_few_rows_are_one_group_and_shuffled_as_ever():
    np.testing.assert_array_equal(np.asarray(EpochOrder(5_000, 64, 3, 2)), permutation(5_000, 3, 2))


def test_a_group_holds_rows_from_everywhere_in_blocks_that_a_disk_reads_at_once():
    made = order(4_000, 10, group=4_000)
    first = np.sort(made[: made.group_end(0)])
    assert len(first) == 400
    assert first[0] < 1_000 < 3_000 < first[-1]
    blocks = np.unique(first // 10)
    assert len(blocks) == 40, "whole blocks"


def test_epochs_and_seeds_differ():
    made = [tuple(order(900, 10, seed, epoch)) for seed in (1, 2) for epoch in (1, 2)]
    assert len(set(made)) == 4


def test_groups_of_an_epoch_are_not_shuffled_alike():
    made = order(4_000, 100, group=20_000, block=100)
    drawn = [np.argsort(made[at : at + 200]).tolist() for at in range(0, 4_000, 200)]
    assert len(set(map(tuple, drawn))) == len(drawn)
