"""Gradients of a convolution that are products of matrices are those that torch finds."""

from dataclasses import replace
from functools import partial

import pytest
import torch
from torch.nn import functional

from engine.runtime.acceleration import conv1d_backward
from engine.runtime.acceleration.channels_last import conv1d
from engine.runtime.acceleration.options import PLAIN
from tests.engine.runtime.acceleration.test_tricks import losses


@pytest.fixture
def everywhere(monkeypatch):
    """Let it compute on any processor."""
    monkeypatch.setattr(conv1d_backward, "IS_FASTER", True)


@pytest.fixture
def broad(monkeypatch):
    """Let few channels count as many."""
    monkeypatch.setattr(conv1d_backward, "_MIN_CHANNELS", 1)


def heard(calls, function, *given):
    """Call a function, and note that it was called."""
    calls.add(function.__name__)
    return function(*given)


def given(batch, length, channels, filters, window):
    x = torch.randn(batch, length, channels, requires_grad=True)
    weight = torch.randn(filters, window, channels).mT.requires_grad_()
    return x, weight, torch.randn(filters, requires_grad=True)


def same_gradients(ours, theirs, given):
    d = torch.randn_like(ours)
    pairs = (torch.autograd.grad(one, given, d) for one in (ours, theirs))
    for own, other in zip(*pairs, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-5, atol=1e-4)


@pytest.fixture
def ways(monkeypatch):
    """The ways back to sequences that were taken."""
    calls = set()
    for name in ("_sequence_gradient", "_transposed_convolution"):
        monkeypatch.setattr(
            conv1d_backward, name, partial(heard, calls, getattr(conv1d_backward, name))
        )
    return calls


@pytest.mark.parametrize(("padding", "dilation"), [(0, 1), (2, 1), (0, 2), (3, 2)])
@pytest.mark.parametrize("window", [1, 2, 5])
@pytest.mark.parametrize("long", [0, 200])
def test_gradients_are_those_of_torch(
    everywhere, broad, long, window, padding, dilation, monkeypatch
):
    monkeypatch.setattr(conv1d_backward, "_MAX_POSITIONS", long)
    x, weight, bias = given(3, 12, 8, 16, window)
    ours = conv1d(weight, bias, x, 1, padding, dilation)
    theirs = functional.conv1d(x.mT, weight, bias, 1, padding, dilation).mT
    torch.testing.assert_close(ours, theirs)
    assert "MatmulConv1d" in str(ours.grad_fn.next_functions[0][0].next_functions[0][0])
    same_gradients(ours, theirs, (x, weight, bias))


@pytest.mark.parametrize(
    ("length", "window", "padding", "dilation", "way"),
    [
        (60, 3, 0, 1, "_transposed_convolution"),
        (60, 3, 1, 1, "_transposed_convolution"),
        (80, 3, 0, 2, "_transposed_convolution"),
        (60, 3, 2, 2, "_transposed_convolution"),
        (200, 5, 10, 5, "_transposed_convolution"),
        (60, 1, 0, 1, ""),
        (60, 3, 0, 2, ""),
        (60, 3, 10, 10, ""),
        (60, 3, 3, 1, ""),
        (240, 3, 1, 1, ""),
        (20, 5, 0, 1, "_sequence_gradient"),
    ],
)
def test_the_way_back_is_the_quickest_for_the_size(
    everywhere, broad, ways, length, window, padding, dilation, way
):
    x, weight, bias = given(2, length, 8, 16, window)
    ours = conv1d(weight, bias, x, 1, padding, dilation)
    theirs = functional.conv1d(x.mT, weight, bias, 1, padding, dilation).mT
    same_gradients(ours, theirs, (x, weight, bias))
    assert ways == ({way} if way else set())


@pytest.mark.parametrize("length", [7, 60])  # ends that are much of a sequence, or little
def test_so_they_are_where_only_some_have_room(everywhere, broad, length, monkeypatch):
    x, weight, _ = given(7, length, 8, 16, 4)
    d = torch.randn(7, length - 3, 16)
    theirs = torch.autograd.grad(functional.conv1d(x.mT, weight).mT, (x, weight), d)
    # A place at a time, three, two rows, all.
    for max_elements in (1, 3 * 4 * 8, 2 * (length - 3) * 4 * 8, 1 << 20):
        monkeypatch.setattr(conv1d_backward, "_MAX_ELEMENTS", max_elements)
        ours = torch.autograd.grad(conv1d(weight, None, x), (x, weight), d)
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("length", "long", "way"),
    [(6, 200, "_sequence_gradient"), (40, 200, "_transposed_convolution"), (40, 20, "")],
)
def test_it_can_be_differentiated_twice(broad, ways, length, long, way, monkeypatch):
    monkeypatch.setattr(conv1d_backward, "_MAX_ELEMENTS", 2 * 3 * 3)  # two places at a time
    monkeypatch.setattr(conv1d_backward, "_MAX_POSITIONS", long)
    shape = (2, length, 3, 2, 3)
    x, weight, bias = (one.detach().double().requires_grad_() for one in given(*shape))

    def call(x, weight, bias):
        return conv1d_backward.MatmulConv1d.apply(
            x.unsqueeze(1).movedim(-1, 1), weight.unsqueeze(2), bias, 0, 1
        )

    assert torch.autograd.gradcheck(call, (x, weight, bias))
    assert torch.autograd.gradgradcheck(call, (x, weight, bias))
    assert ways == ({way} if way else set())


@pytest.mark.parametrize("options", [{"stride": 2}, {"groups": 2}])
def test_what_it_does_not_know_is_left_to_torch(everywhere, options):
    x, weight, _ = given(2, 9, 8, 4, 3)
    weight = weight[:, :: options.get("groups", 1)]
    answer = conv1d(weight, None, x, **options)
    theirs = functional.conv1d(x.mT, weight, None, **options).mT
    torch.testing.assert_close(answer, theirs)


def test_what_is_compiled_stays_in_one_piece(everywhere):
    x, weight, bias = given(2, 9, 8, 4, 3)
    expected = torch.compile(conv1d, fullgraph=True, backend="eager")
    torch.testing.assert_close(expected(weight, bias, x), conv1d(weight, bias, x))


@pytest.mark.parametrize("max_elements", [1000, 1 << 20])
def test_a_network_learns_the_same(everywhere, broad, max_elements, monkeypatch):
    monkeypatch.setattr(conv1d_backward, "_MAX_ELEMENTS", max_elements)
    found = losses(replace(PLAIN, optimized_plan=True))
    torch.testing.assert_close(
        torch.tensor(found[:50]), torch.tensor(losses(PLAIN)[:50]), rtol=1e-5, atol=0
    )
