"""Several ranks train as one process does: same losses, metrics and weights."""

from __future__ import annotations

import pytest

from tests.engine.runtime.distributed.cases import NAMES, TOLERANCES, train_case
from tests.engine.runtime.distributed.ranks import assert_same_training, trained_by_ranks
from tests.tiers import noted

QUICK = ("controlled", "gradnorm", "random", "stopped", "diverging")


@pytest.fixture(scope="module")
def by_two(tmp_path_factory):
    return trained_by_ranks(train_case, QUICK, 2, tmp_path_factory.mktemp("ranks"))


@pytest.mark.parametrize("name", QUICK)
def test_the_curve_does_not_depend_on_the_number_of_ranks(by_two, name):
    assert_same_training(train_case(name), by_two[name], 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 3])
def test_every_case_trains_the_same(size, tmp_path):
    by_ranks = trained_by_ranks(train_case, NAMES, size, tmp_path)
    for name in NAMES:
        with noted(name):
            assert_same_training(train_case(name), by_ranks[name], TOLERANCES.get(name, 1e-12))


def test_two_equal_trainings_have_equal_weights(by_two, tmp_path):
    weights = by_two["random"][1]
    again = trained_by_ranks(train_case, ["random"], 2, tmp_path)["random"][1]
    assert {name: weight.tobytes() for name, weight in again.items()} == {
        name: weight.tobytes() for name, weight in weights.items()
    }
