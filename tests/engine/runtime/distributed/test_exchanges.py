"""How often the ranks exchange something: each exchange takes milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from torch import Tensor

from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.distributed.process_group import ProcessGroup
from engine.runtime.training.loop import fit
from tests.engine.runtime.distributed.cases import plain_network, plain_rows, training_of


class CountingGroup(ProcessGroup):
    """Rank 0 of two ranks, of which the other one never has rows."""

    size = 2

    def __init__(self) -> None:
        self.calls: list[str] = []

    def all_reduce(self, tensors: Sequence[Tensor]) -> None:
        self.calls.append("all_reduce")

    def decide(self, condition: bool) -> bool:
        self.calls.append("decide")
        return condition


def test_ranks_exchange_losses_and_gradients_once_a_step():
    group = CountingGroup()
    exchanges = set()
    for event in fit(training_of(plain_network(epochs=1, batch_size=4), plain_rows(), group)):
        if isinstance(event, TrainingStep):
            exchanges.add(tuple(group.calls))
            group.calls.clear()
    assert exchanges == {("all_reduce", "all_reduce")}


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_told_to_stop_ends_all_after_the_step(rank):
    group = CountingGroup()
    group.rank = rank
    training = training_of(plain_network(epochs=1, batch_size=4), plain_rows(), group)
    training.stop = lambda: "asked" if training.progress.step >= 2 else ""
    *events, last = fit(training)
    assert len(events) == 3
    assert last.reason == "asked"
