"""A table of which only the rows of a batch are moved learns what the whole table would."""

import pytest
import torch
from torch.nn import functional

from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.acceleration.interface import update_rows
from engine.runtime.acceleration.kernel_build import unavailable_reason
from engine.runtime.optimizers.algorithms import make_optimizer
from engine.runtime.optimizers.gradients import trained_gradients
from engine.runtime.optimizers.lazy_rows import LazyRows, convert_state, row_rule
from tests.tiers import noted

WORDS, WIDTH = 40, 8
CASES = [
    ("RMSprop", {}), ("RMSprop", {"rho": 0.5, "epsilon": 1e-3}), ("RMSprop", {"clipnorm": 0.1}),
    ("RMSprop", {"global_clipnorm": 0.1}), ("RMSprop", {"clipvalue": 0.01}), ("Adagrad", {}),
    ("Adagrad", {"initial_accumulator_value": 0.0}), ("SGD", {}),
]  # fmt: skip
DENSE = [
    ("SGD", {"momentum": 0.9}), ("SGD", {"weight_decay": 0.1}), ("RMSprop", {"centered": True}),
    ("RMSprop", {"momentum": 0.5}), ("RMSprop", {"weight_decay": 0.1}), ("Adam", {}),
    ("Adagrad", {"weight_decay": 0.1}), ("Lion", {}),
]  # fmt: skip


KERNELS = [
    False,
    pytest.param(
        True, marks=pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason())
    ),
]


class Words:
    """A table and a small array, an optimizer for both, and batches of ids."""

    def __init__(self, name, params, rows=True, dtype=torch.float32, kernels=False):
        torch.manual_seed(1)
        self.own = {
            "table": torch.randn(WORDS, WIDTH, dtype=dtype, requires_grad=True),
            "bias": torch.randn(WIDTH, dtype=dtype, requires_grad=True),
        }
        schema = OPTIMIZERS[name].from_params(params)
        self.optimizer = optimizer = make_optimizer(schema, self.own)
        if rows:
            optimizer.lazy_rows["table"] = LazyRows(
                self.own["table"], optimizer.state["table"], row_rule(schema),
                optimizer.update_step, update_rows if kernels else None,
            )  # fmt: skip

    def backward(self, step, few=6, dense=False):
        ids = torch.randint(WORDS, (few,), generator=torch.Generator().manual_seed(step))
        is_sparse = not dense and (bool(self.optimizer.lazy_rows) or step % 4 == 1)
        found = functional.embedding(ids, self.own["table"], sparse=is_sparse)
        ((found + self.own["bias"]) ** 2 * (step % 5)).sum().backward()

    def take(self, steps, few=6, dense=False):
        for step in steps:
            self.backward(step, few, dense)
            self.optimizer.gradient_norms()
            self.optimizer.step(0.01)
            self.optimizer.zero_grad()


@pytest.mark.parametrize("kernels", KERNELS)
def test_the_rows_of_a_batch_are_enough(kernels):
    for name, params in CASES:
        with noted(name, params):
            compare_with_all_rows(name, params, kernels)


def compare_with_all_rows(name, params, kernels):
    some, all_, exact = (
        Words(name, params, kernels=kernels), Words(name, params, False),
        Words(name, params, False, torch.float64),
    )  # fmt: skip
    exact.own["table"].data.copy_(some.own["table"])
    exact.own["bias"].data.copy_(some.own["bias"])
    for words in (some, all_, exact):
        words.take(range(40))
    off = {w: (w.own["table"] - exact.own["table"]).abs().max().item() for w in (some, all_)}
    assert off[some] <= max(1.5 * off[all_], 1e-6)
    torch.testing.assert_close(some.own["bias"], all_.own["bias"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kernels", KERNELS)
def test_sparse_and_dense_gradients_take_turns(kernels):
    for name, params in CASES:
        with noted(name, params):
            some, all_ = Words(name, params, kernels=kernels), Words(name, params, False)
            for words in (some, all_):
                for step in range(30):
                    words.take([step], 6 if step % 3 else WORDS, dense=step % 5 == 4)
            torch.testing.assert_close(some.own["table"], all_.own["table"], rtol=1e-5, atol=1e-6)


def test_after_any_step_catching_up_gives_the_state_of_dense_updates():
    for name, params in CASES:
        some, all_ = Words(name, params), Words(name, params, False)
        for step in range(12):
            with noted(name, params, step):
                for words in (some, all_):
                    words.take([step])
                state, dense = some.optimizer.state_dict(), all_.optimizer.state_dict()
                caught_up = convert_state(some.optimizer.schema, state, dense)
                assert caught_up.keys() == dense.keys()
                for key in dense:
                    torch.testing.assert_close(caught_up[key], dense[key], rtol=1e-5, atol=1e-7)


def test_where_a_row_moves_without_a_gradient_there_is_no_rule():
    for name, params in DENSE:
        with noted(name, params):
            assert row_rule(OPTIMIZERS[name].from_params(params)) is None


def test_rows_that_no_batch_touched_are_not_looked_at():
    """So a step costs what a batch does, whatever the vocabulary."""
    words = Words("RMSprop", {})
    before = words.own["table"].detach().clone()
    words.optimizer.state["table"]["velocity"].fill_(7.0)
    words.backward(1)
    gradient = words.own["table"].grad
    assert gradient.is_sparse
    rows = gradient.coalesce().indices()[0]
    words.optimizer.step(0.01)
    state = words.optimizer.state_dict()
    for part, start in ((words.own["table"], before), (state["table/velocity"], 7.0)):
        changed = (part.detach() != start).any(1).nonzero()[:, 0]
        assert torch.equal(changed, rows)


@pytest.mark.parametrize("kernels", KERNELS)
def test_a_resume_is_exact_to_the_last_bit(kernels):
    for name, params in CASES:
        with noted(name, params):
            resume(name, params, kernels)


def resume(name, params, kernels):
    expected, begun, resumed = (Words(name, params, kernels=kernels) for _ in range(3))
    for words in (expected, begun):
        words.take(range(9))
    state = {key: tensor.clone() for key, tensor in begun.optimizer.state_dict().items()}
    for key, tensor in begun.own.items():
        resumed.own[key].data.copy_(tensor.detach())
    resumed.optimizer.load_state_dict(state)
    for words in (expected, resumed):
        words.take(range(9, 20))
    assert all(torch.equal(expected.own[key], resumed.own[key]) for key in expected.own)


@pytest.mark.parametrize("rows", [True, False])
def test_a_checkpoint_fits_whichever_rows_it_was_kept_with(rows):
    before, after, expected = Words("RMSprop", {}, not rows), Words("RMSprop", {}, rows), Words(
        "RMSprop", {}, False
    )  # fmt: skip
    before.take(range(9))
    for key, tensor in before.own.items():
        after.own[key].data.copy_(tensor.detach())
    states = (words.optimizer.state_dict() for words in (before, after))
    after.optimizer.load_state_dict(convert_state(after.optimizer.schema, *states))
    after.take(range(9, 20))
    expected.take(range(20))
    torch.testing.assert_close(after.own["table"], expected.own["table"], rtol=1e-5, atol=1e-6)


def test_only_a_gradient_with_rows_out_of_order_or_several_times_is_copied():
    table = torch.zeros(5, 3, requires_grad=True)
    for rows in ([0, 2, 4], [2, 0, 4], [0, 2, 2]):
        values = torch.randn(3, 3)
        table.grad = torch.sparse_coo_tensor([rows], values, (5, 3), check_invariants=True)
        found = trained_gradients({"table": table})["table"]
        assert found.is_coalesced()
        assert torch.equal(
            found.to_dense(), torch.zeros(5, 3).index_add_(0, torch.tensor(rows), values)
        )
        assert (found.values().data_ptr() == values.data_ptr()) == (rows == [0, 2, 4])
