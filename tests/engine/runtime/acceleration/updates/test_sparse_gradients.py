"""A table of which only the rows of a batch are moved learns what the whole table would."""

from typing import ClassVar

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from engine.core.diagnostic import DiagnosticError
from engine.recipe.optimizer import OPTIMIZERS
from engine.runtime.acceleration.kernel_build import load_kernels
from engine.runtime.acceleration.updates import sparse_gradients as table_rows
from engine.runtime.acceleration.updates.sparse_gradients import look_up, write_rows
from engine.runtime.checkpoints.state_dicts import load_optimizer_state, optimizer_state
from engine.runtime.optimizers.algorithms import make_optimizer

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


@pytest.fixture(autouse=True, params=[1 << 18, 3 * WIDTH], ids=["at once", "in portions"])
def portion(request, monkeypatch):
    """Move all rows of a batch at once, or three at a time."""
    monkeypatch.setattr(table_rows, "_CHUNK_SIZE", request.param)


class Words:
    """A table and a small array, an optimizer for both, and batches of ids.

    Args:
        few: ids in a batch; above half of the words all of the table is moved.
    """

    def __init__(self, name, params, rows=True, dtype=torch.float32, kernels=False):
        torch.manual_seed(1)
        self.own = {
            "table": torch.randn(WORDS, WIDTH, dtype=dtype, requires_grad=True),
            "bias": torch.randn(WIDTH, dtype=dtype, requires_grad=True),
        }
        schema = OPTIMIZERS[name].from_params(params)
        self.optimizer = make_optimizer(schema, self.own, sparse=("table",) if rows else ())
        self.optimizer.kernel_library = load_kernels().library if kernels else None

    def backward(self, step, few=6):
        ids = torch.randint(WORDS, (few,), generator=torch.Generator().manual_seed(step))
        found = look_up(self.own["table"], ids, bool(self.optimizer.sparse_parameters))
        ((found + self.own["bias"]) ** 2 * (step % 5)).sum().backward()

    def take(self, steps, few=6):
        for step in steps:
            self.backward(step, few)
            self.optimizer.gradient_norms()
            self.optimizer.step(0.01)
            self.optimizer.zero_grad()


@pytest.mark.parametrize("kernels", [False, True])
@pytest.mark.parametrize(("name", "params"), CASES, ids=str)
def test_the_rows_of_a_batch_are_enough(name, params, kernels):
    some, all_, exact = (
        Words(name, params, kernels=kernels), Words(name, params, False),
        Words(name, params, False, torch.float64),
    )  # fmt: skip
    exact.own["table"].data.copy_(some.own["table"])
    exact.own["bias"].data.copy_(some.own["bias"])
    for words in (some, all_, exact):
        words.take(range(100))
    assert some.optimizer.sparse_parameters
    off = {w: (w.own["table"] - exact.own["table"]).abs().max().item() for w in (some, all_)}
    assert off[some] <= max(1.5 * off[all_], 1e-6)
    torch.testing.assert_close(some.own["bias"], all_.own["bias"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "params"), CASES, ids=str)
def test_small_and_large_batches_take_turns(name, params):
    some, all_ = Words(name, params), Words(name, params, False)
    for words in (some, all_):
        for step in range(30):
            words.take([step], 6 if step % 3 else WORDS)
    torch.testing.assert_close(some.own["table"], all_.own["table"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("name", "params"), DENSE, ids=str)
def test_where_a_row_moves_without_a_gradient_all_of_them_are_moved(name, params):
    assert not Words(name, params).optimizer.sparse_parameters


def test_rows_that_no_batch_touched_are_not_looked_at():
    """So a step costs what a batch does, whatever the vocabulary."""
    words = Words("RMSprop", {})
    before = words.own["table"].detach().clone()
    words.optimizer._state["table"]["velocity"].fill_(7.0)
    words.backward(1)
    gradient = words.own["table"].grad
    assert gradient.is_sparse
    rows = gradient.coalesce().indices()[0]
    words.optimizer.step(0.01)
    state = words.optimizer.state_dict()
    for part, start in ((words.own["table"], before), (state["table/velocity"], 7.0)):
        changed = (part.detach() != start).any(1).nonzero()[:, 0]
        assert torch.equal(changed, rows)


@pytest.mark.parametrize(("name", "params"), CASES, ids=str)
@pytest.mark.parametrize("open_group", [False, True])
@pytest.mark.parametrize("kernels", [False, True])
def test_a_resume_is_exact_to_the_last_bit(name, params, open_group, kernels):
    expected, begun, resumed = (Words(name, params, kernels=kernels) for _ in range(3))
    for words in (expected, begun):
        words.take(range(9))
        if open_group:
            words.backward(9)
    state = {key: tensor.clone() for key, tensor in optimizer_state(begun.optimizer).items()}
    for key, tensor in begun.own.items():
        resumed.own[key].data.copy_(tensor.detach())
    load_optimizer_state(resumed.optimizer, state)
    for words in (expected, resumed):
        words.take(range(10, 20))
    assert all(torch.equal(expected.own[key], resumed.own[key]) for key in expected.own)


@pytest.mark.parametrize("rows", [True, False])
def test_a_checkpoint_fits_whichever_rows_it_was_kept_with(rows):
    before, after, expected = Words("RMSprop", {}, not rows), Words("RMSprop", {}, rows), Words(
        "RMSprop", {}, False
    )  # fmt: skip
    before.take(range(9))
    for key, tensor in before.own.items():
        after.own[key].data.copy_(tensor.detach())
    after.optimizer.load_state_dict(after.optimizer.convert_state(before.optimizer.state_dict()))
    after.take(range(9, 20))
    expected.take(range(20))
    torch.testing.assert_close(after.own["table"], expected.own["table"], rtol=1e-5, atol=1e-6)


def test_rows_of_a_gradient_that_are_out_of_order_or_range_are_refused():
    words = Words("RMSprop", {})
    words.backward(1)
    state = optimizer_state(words.optimizer)
    key = "gradient/table/rows"
    assert key in state
    for bad in (state[key].flip(0), state[key] + WORDS, state[key][1:], state[key] - WORDS):
        with pytest.raises(DiagnosticError, match="checkpoint-unfit"):
            load_optimizer_state(words.optimizer, {**state, key: bad})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("width", [1, 2, 3, 4, 8, 12])
@pytest.mark.parametrize("begin", [0, 1, 4])
def test_rows_are_put_as_they_are_to_the_last_bit(begin, width, dtype):
    """Whatever a number stands for, and wherever a row begins."""
    odd = torch.tensor([float("nan"), -float("nan"), -0.0, float("-inf"), 1e-40], dtype=dtype)
    torch.manual_seed(width)
    table = torch.randn(begin + 9 * width).to(dtype)[begin:].view(9, width)
    values = odd[torch.randint(0, 5, (3, width))]
    expected, rows = table.clone(), torch.tensor([7, 0, 4])
    write_rows(table, rows, values)
    for row, value in zip(rows, values, strict=True):
        expected[row] = value
    assert bytes(table.contiguous().view(torch.uint8).numpy()) == bytes(
        expected.view(torch.uint8).numpy()
    )


def test_rows_of_a_turned_table_are_put_too():
    table, values = torch.zeros(8, 4).t(), torch.arange(16.0).view(8, 2).t()
    write_rows(table, torch.tensor([3, 1]), values)
    assert torch.equal(table[[3, 1]], values)
    assert not table[[0, 2]].any()


def test_a_row_that_could_lie_anywhere_is_put_too():
    table = torch.arange(8.0).view(8, 1).t()  # contiguous, its row's stride being none of its own
    write_rows(table, torch.tensor([0]), torch.ones(1, 8))
    assert torch.equal(table, torch.ones(1, 8))


@pytest.mark.parametrize(("width", "wide"), [(8, True), (6, False)])
def test_numbers_are_put_some_at_a_time(width, wide):
    class Heard(TorchDispatchMode):
        puts: ClassVar[list[torch.dtype]] = []

        def __torch_dispatch__(self, function, types, given=(), named=None):
            if "index_put" in str(function):
                self.puts.append(given[0].dtype)
            return function(*given, **(named or {}))

    with Heard() as heard:
        write_rows(torch.zeros(4, width), torch.tensor([1]), torch.ones(1, width))
    assert heard.puts == [torch.complex128 if wide else torch.float32]
