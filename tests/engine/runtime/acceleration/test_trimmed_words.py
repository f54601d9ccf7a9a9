"""A convolution that its pooling computes, whoever it is that computes it."""

import pytest
import torch
from torch import nn

from engine.check.report import check
from engine.compile.plan import build_plan
from engine.runtime.acceleration import accelerate
from engine.runtime.acceleration.conv_pool import DeferredConv, PoolWindow
from engine.runtime.acceleration.embedding import Words
from engine.runtime.acceleration.kernel_build import unavailable_reason
from engine.runtime.model.network import Network
from engine.runtime.training.non_finite import NonFiniteNode, first_non_finite_output
from engine.runtime.training.training import build_optimizer
from tests.engine.runtime import small

PARTS = [
    pytest.param(
        True, id="native",
        marks=pytest.mark.skipif(unavailable_reason() != "", reason=unavailable_reason()),
    ),
    pytest.param(False, id="torch alone"),
]  # fmt: skip
ROWS, TAIL = 300, 20  # rows of the table, of which the last stand at the ends of sequences alone


def network(steps, native):
    """Return a network that pools what a convolution along words says, ready to be trained."""
    given = small.project(
        small.node("x", "Input", shape=[steps], dtype="int32"),
        small.node("words", "Embedding", "x", input_dim=ROWS, output_dim=16),
        small.node("conv", "Conv1D", "words", filters=16, kernel_size=3, activation="relu"),
        small.node("pool", "MaxPooling1D", "conv", pool_size=4),
        small.node("all", "GlobalAveragePooling1D", "pool"),
        small.node("head", "Dense", "all", units=1),
        small.node("y", "Output", "head", loss="mse"),
    )
    report = check(given)
    made = Network(build_plan(given.graph, report), 1)
    accelerate(made, build_optimizer(made, report.recipe), report.recipe, native)
    return made


def learned(made, ids):
    """Return what a network makes of ids, and the gradients of all its weights."""
    answer = made({"x": ids})["y"]
    named = dict(made.named_parameters())
    found = torch.autograd.grad((answer * torch.arange(1, 7).view(-1, 1)).sum(), named.values())
    return {"answer": answer, **dict(zip(named, found, strict=True))}


def batch(steps):
    """Return ids of six rows, whose last three words stand nowhere else."""
    torch.manual_seed(steps)
    ids = torch.randint(0, ROWS - TAIL, (6, steps), dtype=torch.int32)
    ids[:, -3:] = torch.randint(ROWS - TAIL, ROWS, (6, 3), dtype=torch.int32)
    return ids


@pytest.mark.parametrize("native", PARTS)
@pytest.mark.parametrize("steps", [6, 9, 23])
def test_a_network_learns_what_it_does_with_every_word_looked_up(steps, native, monkeypatch):
    made, ids = network(steps, native), batch(steps)
    found = learned(made, ids)
    monkeypatch.setattr(DeferredConv, "trim", lambda given, window: given)
    for name, expected in learned(made, ids).items():
        one, other = (
            each.to_dense() if each.is_sparse else each for each in (found[name], expected)
        )
        near = 1e-6 * other.abs().max().item()
        torch.testing.assert_close(one, other, rtol=1e-5, atol=near, msg=name)


@pytest.mark.parametrize("native", PARTS)
def test_a_network_looks_up_what_its_pooling_meets(native):
    ids = batch(9)
    d_table = learned(network(9, native), ids)["words.weight"].coalesce()
    assert torch.equal(d_table.indices()[0], ids[:, :6].long().unique())


@pytest.mark.parametrize(
    ("steps", "window", "kernel", "read"),
    [
        (100, (5, 5), {}, 97),  # 98 places are 19 windows, and three that nobody pools
        (97, (5, 5), {}, 97),
        (9, (4, 4), {}, 6),
        (9, (3, 2), {}, 9),  # windows that overlap
        (10, (3, 2), {}, 9),
        (12, (4, 4), {"dilation": 3}, 10),
        (5, (4, 4), {}, 5),  # too short for any window, which the pooling will say
        (12, (), {}, 12),  # all of a sequence
        (12, (4, 4), {"padding": 1}, 12),
        (12, (4, 4), {"stride": 2}, 12),
    ],
)
def test_words_that_no_window_meets_are_left_out(steps, window, kernel, read):
    given = DeferredConv(
        nn.Conv1d(16, 16, 3, **kernel),
        Words(torch.randn(9, 16), torch.zeros(2, steps, dtype=torch.int32), False, False),
    )
    assert given.trim(PoolWindow(*window)).x.ids.shape == (2, read)


def test_numbers_stay_as_they_are():
    given = DeferredConv(nn.Conv1d(16, 16, 3), torch.randn(2, 9, 16))
    assert given.trim(PoolWindow(4, 4)) is given


@pytest.mark.parametrize("native", PARTS)
def test_a_convolution_that_spoils_numbers_is_found_and_not_its_pooling(native):
    made, ids = network(10, native), batch(10)
    for name in ("words.weight", "conv.weight"):
        made.get_parameter(name).data.fill_(3e38)
    assert first_non_finite_output(made, {"x": ids}) == NonFiniteNode("conv", "its output")
