"""Each row is read once per epoch, by one process, in an order of seed, epoch and processes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.data.stream.shard_order import ShardOrder, batch_part, rank_rows


@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=6),
    batch_size=st.integers(1, 12),
    size=st.integers(1, 5),
    seed=st.integers(0, 3),
    epoch=st.integers(1, 3),
)
def test_the_ranges_of_all_processes_are_all_rows_once(lengths, batch_size, size, seed, epoch):
    edges = np.cumsum([0, *lengths])
    order = ShardOrder(len(lengths), seed, epoch)
    read, batches = [], set()
    for rank in range(size):
        rows = rank_rows(sum(lengths), batch_size, rank, size)
        parts = list(ShardOrder(len(lengths), seed, epoch).ranges(edges, rows))
        assert sum(stop - start for _, start, stop in parts) == len(rows)
        assert all(edges[shard] <= start < stop <= edges[shard + 1] for shard, start, stop in parts)
        assert [shard for shard in order if shard in [part[0] for part in parts]] == [
            part[0] for part in parts
        ]
        read += [row for _, start, stop in parts for row in range(start, stop)]
        if part := batch_part(batch_size, rank, size):
            batches.add(-(-len(rows) // part))
    assert sorted(read) == list(range(sum(lengths)))
    assert max(batches) == -(-sum(lengths) // batch_size)
    assert max(batches) - min(batches) <= 1


def test_batches_are_divided_evenly():
    assert [batch_part(10, rank, 4) for rank in range(4)] == [3, 3, 2, 2]
    assert [rank_rows(25, 10, rank, 4) for rank in range(4)] == [
        range(8), range(8, 15), range(15, 20), range(20, 25),
    ]  # fmt: skip


def test_the_order_is_that_of_seed_and_epoch():
    made = {key: [*ShardOrder(50, *key)] for key in ((1, 1), (1, 2), (2, 1))}
    assert [*ShardOrder(50, 1, 1)] == made[1, 1]
    assert len(set(map(tuple, made.values()))) == 3
    windows = [tuple(ShardOrder(50, *key).window_order(70, 20)) for key in made]
    windows.append(tuple(ShardOrder(50, 1, 1).window_order(90, 20)))
    assert len(set(windows)) == 4
    assert [*ShardOrder(5, 1, 1, shuffle=False)] == [*range(5)]
    assert [*ShardOrder(5, 1, 1, shuffle=False).window_order(3, 4)] == [*range(4)]
