"""Every template trains a hundred steps to the same weights, whatever the number of ranks."""

from __future__ import annotations

import pytest

from engine.graph.templates import template_names
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.distributed.process_group import SINGLE_PROCESS
from tests.engine.runtime.distributed.ranks import (
    assert_close,
    assert_same_training,
    trained_by_ranks,
)
from tests.engine.runtime.distributed.templates import CASES, STEPS, train_template
from tests.tiers import noted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def by_one():
    return {name: train_template(name) for name in CASES}


@pytest.mark.parametrize("size", [2, 3])
def test_every_template_trains_the_same(by_one, size, tmp_path):
    by_ranks = trained_by_ranks(train_template, CASES, size, tmp_path)
    for name, one in by_one.items():
        assert sum(isinstance(event, TrainingStep) for event in one[0]) == STEPS
        with noted(name):
            assert_same_training(one, by_ranks[name], 1e-12)


@pytest.mark.parametrize("size", [2, 3])
def test_in_float32_every_template_trains_the_same_up_to_rounding(size, tmp_path):
    """With gradient descent: Adam moves even weights whose gradient is only rounding noise."""
    names = [name for name in CASES if name.endswith("shipped/1")]
    by_ranks = trained_by_ranks(_train_in_float32, names, size, tmp_path)
    for name in names:
        with noted(name):
            assert_same_training(_train_in_float32(name), by_ranks[name], 2e-6)


def _train_in_float32(name, group=SINGLE_PROCESS):
    return train_template(name, group, precision="float32", optimizer="SGD")


@pytest.mark.parametrize("template", template_names())
def test_accumulated_batches_train_as_one_batch_of_all_their_rows(template):
    """With missing targets; not with batch normalization, whose statistics are of one batch."""
    parts = train_template(f"{template}/masked/2", batch_size=15)
    whole = train_template(f"{template}/masked/1", batch_size=30)
    assert_close(whole[1], parts[1], 1e-12)
