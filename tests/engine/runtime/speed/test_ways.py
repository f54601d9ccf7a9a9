"""A convolution that its pooling computes, whoever it is that computes it."""

import pytest
import torch
from torch import nn

from engine.check.report import check
from engine.compile.passes import quickened
from engine.compile.plan import plan
from engine.runtime.device import make_place
from engine.runtime.module import Network
from engine.runtime.speed import winners
from engine.runtime.speed.choice import FAST, Speed
from engine.runtime.speed.words import Words
from engine.runtime.spoiled import Spoiled, spoiled_answers
from engine.runtime.training import optimizer_of
from tests.engine.runtime import small

PARTS = {"native": FAST, "torch alone": Speed(native=False)}


def network(steps, speed=FAST, **pooling):
    """Answer a network that pools what a convolution along words says, ready to be trained."""
    given = small.project(
        small.node("x", "Input", shape=[steps], dtype="int32"),
        small.node("words", "Embedding", "x", input_dim=30, output_dim=16),
        small.node("conv", "Conv1D", "words", filters=16, kernel_size=3, activation="relu"),
        small.node("pool", "MaxPooling1D", "conv", **pooling),
        small.node("all", "GlobalAveragePooling1D", "pool"),
        small.node("head", "Dense", "all", units=1),
        small.node("y", "Output", "head", loss="mse"),
    )
    report = check(given)
    made = Network(quickened(plan(given.graph, report)), 1)
    optimizer_of(made, report.recipe, make_place("cpu", "float32"), speed)
    return made


def learned(made, ids):
    """Answer what a network makes of ids, and the gradients of all its weights."""
    answer = made({"x": ids})["y"]
    named = dict(made.named_parameters())
    found = torch.autograd.grad((answer * torch.arange(1, 7).view(-1, 1)).sum(), named.values())
    dense = (one.to_dense() if one.is_sparse else one for one in found)
    return {"answer": answer, **dict(zip(named, dense, strict=True))}


def batch(steps):
    """Answer ids of six rows, of which the last columns hold words that stand nowhere else."""
    torch.manual_seed(steps)
    ids = torch.randint(0, 20, (6, steps), dtype=torch.int32)
    ids[:, -3:] += torch.arange(7, 10, dtype=torch.int32)
    return ids


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("steps", [6, 7, 8, 9, 10, 14, 23])
def test_a_network_learns_what_it_does_with_every_word_looked_up(steps, part, monkeypatch):
    made, ids = network(steps, PARTS[part], pool_size=4), batch(steps)
    found = learned(made, ids)
    monkeypatch.setattr(winners.Unpooled, "within", lambda given, window: given)
    for name, whole in learned(made, ids).items():
        near = 1e-6 * whole.abs().max().item()
        torch.testing.assert_close(found[name], whole, rtol=1e-5, atol=near, msg=name)


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
    given = winners.Unpooled(
        nn.Conv1d(16, 16, 3, **kernel),
        Words(torch.randn(9, 16), torch.zeros(2, steps, dtype=torch.int32), False),
    )
    assert given.within(winners.Window(*window)).x.ids.shape == (2, read)


def test_numbers_stay_as_they_are():
    given = winners.Unpooled(nn.Conv1d(16, 16, 3), torch.randn(2, 9, 16))
    assert given.within(winners.Window(4, 4)) is given


@pytest.mark.parametrize("part", PARTS)
def test_a_convolution_that_spoils_numbers_is_found_and_not_its_pooling(part):
    made, ids = network(10, PARTS[part], pool_size=4), batch(10)
    for name in ("words.weight", "conv.weight"):
        made.get_parameter(name).data.fill_(3e38)
    assert spoiled_answers(made, {"x": ids}) == Spoiled("conv", "what it answers")
