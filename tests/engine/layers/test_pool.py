"""Poolings: exact lengths, ties, masks, and averages that leave padding out."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer
from engine.layers.conv import Conv1D
from engine.layers.pool import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from tests.engine.layers.against_keras import Ours
from tests.engine.layers.lengths import assert_lengths_are_true
from tests.tiers import cases

SLIDING = (MaxPooling1D, MaxPooling2D, AveragePooling1D, AveragePooling2D)
GLOBAL = (GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalAveragePooling1D, GlobalAveragePooling2D)
DRAWS = cases(15, 200)

every_sliding_kind = pytest.mark.parametrize("cls", SLIDING)
every_kind = pytest.mark.parametrize("cls", SLIDING + GLOBAL)


def draw(cls: type[Layer], rng: random.Random) -> dict[str, Any]:
    """Return random arguments."""

    def sizes(high: int) -> int | tuple[int, int]:
        one, two = rng.randint(1, high), rng.randint(1, high)
        return (one, two) if cls.spatial_rank == 2 and rng.random() < 0.5 else one

    params: dict[str, Any] = {"pool_size": sizes(4), "padding": rng.choice(["valid", "same"])}
    if rng.random() < 0.6:
        params["strides"] = sizes(3)
    return params


def average_of_what_is_there(x: np.ndarray, window: Any) -> np.ndarray:
    """Return "same" averages one place at a time, by their definition."""
    places = [-(-n // s) for n, s in zip(x.shape[1:-1], window.strides, strict=False)]
    out = np.zeros((x.shape[0], *places, x.shape[-1]))
    for place in product(*map(range, places)):
        spans = []
        axes = zip(x.shape[1:-1], places, window.size, window.strides, place, strict=True)
        for n, count, k, s, at in axes:
            before = max(0, (count - 1) * s + k - n) // 2
            spans.append(slice(max(0, at * s - before), min(n, at * s - before + k)))
        there = x[(slice(None), *spans)]
        out[(slice(None), *place)] = there.mean(axis=tuple(range(1, x.ndim - 1)))
    return out


@pytest.mark.parametrize("cls", [AveragePooling1D, AveragePooling2D])
def test_an_average_counts_no_padding(cls):
    """Keras' torch backend counts copies of the edge where padding is uneven; the others don't."""
    for seed in range(DRAWS):
        rng = random.Random(seed)
        layer = cls(**draw(cls, rng) | {"padding": "same"})
        size = [rng.randint(1, 11) for _ in range(cls.spatial_rank)]
        x = np.random.default_rng(seed).normal(size=(2, *size, 3))
        out = Ours(layer, TensorSpec(x.shape[1:]))(torch.from_numpy(x))
        np.testing.assert_allclose(out, average_of_what_is_there(x, layer._window), rtol=1e-12)


@pytest.mark.parametrize("cls", GLOBAL)
def test_global_poolings_take_free_axes(cls):
    free = tuple(DynamicLength("x", axis) for axis in range(cls.spatial_rank))
    assert cls().infer(TensorSpec((*free, 6))).shape == (6,)
    assert cls(True).infer(TensorSpec((*free, 6))).shape == (*(1,) * cls.spatial_rank, 6)


def test_equal_maxima_share_the_gradient():
    x = torch.tensor([[[3.0], [1.0], [3.0]]], requires_grad=True)
    GlobalMaxPooling1D().call(torch, x).sum().backward()
    assert x.grad.flatten().tolist() == [0.5, 0.0, 0.5]


@every_sliding_kind
def test_free_axes_have_torchs_lengths_and_the_true_least(cls):
    for seed in range(DRAWS):
        rng = random.Random(seed)
        layer = cls(**draw(cls, rng))
        shape = rng.choice([(None, None), (None, 9), (9, None)])
        assert_lengths_are_true(layer, *(shape if cls.spatial_rank == 2 else (None,)), 2)


def test_a_row_that_is_all_padding_gives_zeros_and_finite_gradients():
    x = torch.full((1, 4, 2), torch.nan, requires_grad=True)
    out = GlobalAveragePooling1D().call(torch, x, mask=torch.zeros(1, 4, dtype=torch.bool))
    out.sum().backward()
    assert out.tolist() == [[0.0, 0.0]]
    assert x.grad.abs().sum() == 0


@every_kind
def test_no_pooling_carries_a_mask_on(cls):
    spec = TensorSpec((*(6,) * cls.spatial_rank, 3), mask=True)
    layer = cls(2) if cls in SLIDING else cls()
    assert not layer.produces_mask(spec)
    assert not layer.infer(spec).mask


@every_kind
def test_another_number_of_axes_offers_the_sibling(cls):
    other = TensorSpec((*(6,) * (3 - cls.spatial_rank), 3))
    with pytest.raises(LayerError) as error:
        (cls(2) if cls in SLIDING else cls()).infer(other)
    (found,) = error.value.diagnostics
    assert found.code == "wrong-rank"
    edits = [fix.edit for fix in found.fixes if fix.edit]
    kinds = [edit["kind"] for edit in edits if edit["do"] == "set_kind"]
    assert kinds == [cls.other_rank_kind]


@every_sliding_kind
def test_a_window_that_does_not_fit_comes_with_fixes_that_work(cls):
    layer, spec = cls(5, strides=2), TensorSpec((*(4,) * cls.spatial_rank, 3))
    with pytest.raises(LayerError) as error:
        layer.infer(spec)
    (found,) = error.value.diagnostics
    assert (found.code, found.param) == ("window-too-large", "pool_size")
    for fix, change in zip(found.fixes, ({"padding": "same"}, {"pool_size": 4}), strict=False):
        assert fix.edit["params"] == change
        cls.from_params(layer.params() | change).infer(spec)


@pytest.mark.parametrize(("blocks", "least"), [(1, 49), (2, 269)])
def test_the_notebooks_stacks_tell_the_least_input(blocks, least):
    """N6 and N8: posts need at least 49 and 269 steps, and not one more."""

    def stack(x: TensorSpec) -> TensorSpec:
        layers: list[Layer] = [Conv1D(128, 5), MaxPooling1D(5)]
        layers += [Conv1D(256, 5), Conv1D(256, 5), MaxPooling1D(5)] * (blocks - 1)
        for layer in (*layers, Conv1D(256, 5), Conv1D(256, 5)):
            x = layer.infer(x)
        return x

    (length,) = stack(TensorSpec((DynamicLength("posts"), 256))).dynamic_axes
    assert length.minimum_length == least
    stack(TensorSpec((least, 256)))
    with pytest.raises(LayerError, match="window-too-large"):
        stack(TensorSpec((least - 1, 256)))
