"""Layers that move values equal Keras, are exact on free axes, and refuse what can't be exact."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.shape import (
    Cropping1D,
    Flatten,
    Masking,
    Permute,
    RepeatVector,
    Reshape,
    UpSampling1D,
    ZeroPadding1D,
)
from tests.double import keras
from tests.engine.layers.exact import assert_exact
from tests.tiers import noted

RANDOM = np.random.default_rng(0)
POSTS = DynamicLength("posts")
POOLED = POSTS.with_step(1, -2, 3)


def refusal(layer, spec):
    with pytest.raises(LayerError) as caught:
        layer.infer(spec)
    (found,) = caught.value.diagnostics
    return found


ends = st.one_of(st.integers(0, 4), st.tuples(st.integers(0, 4), st.integers(0, 4)))


@given(
    layer=st.one_of(
        st.builds(ZeroPadding1D, ends),
        st.builds(Cropping1D, ends),
        st.builds(UpSampling1D, st.integers(1, 4)),
        st.just(Permute((2, 1))),
    ),
    length=st.sampled_from([9, POSTS, POOLED]),
)
def test_shapes_and_least_lengths_are_torchs_for_every_length(layer, length):
    assert_exact(layer, TensorSpec((length, 4)))


@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3), data=st.data())
def test_an_open_axis_takes_what_is_left(sizes, data):
    target = data.draw(st.permutations(sizes))
    place = data.draw(st.integers(0, len(sizes) - 1))
    target[place] = -1
    out = assert_exact(Reshape(tuple(target)), TensorSpec(tuple(sizes)))
    assert prod(out.shape) == prod(sizes)


@given(
    fixed=st.sampled_from([1, 2, 6, 12]),
    target=st.lists(st.sampled_from([1, 2, 3, -1]), min_size=1, max_size=3),
    length=st.sampled_from([POSTS, POOLED]),
)
def test_a_free_axis_is_reshaped_exactly_or_refused(fixed, target, length):
    layer, spec = Reshape(tuple(target)), TensorSpec((length, fixed))
    sizes = [size for size in target if size != -1]
    if target.count(-1) == 1 and fixed % prod(sizes) == 0:
        assert_exact(layer, spec)
    else:
        assert refusal(layer, spec).code in ("free-axis", "params-clash")


def test_two_free_axes_are_not_reshaped():
    assert (
        refusal(Reshape((-1,)), TensorSpec((POSTS, DynamicLength("posts", 1)))).code == "free-axis"
    )


def test_a_refused_reshape_of_a_free_axis_offers_one_that_works():
    spec = TensorSpec((POSTS, 6))
    found = refusal(Reshape((-1, 4)), spec)
    assert_exact(Reshape.from_params(found.fixes[0].edit["params"]), spec)


@pytest.mark.parametrize("target", [(5, 5), (-1, 5), (24, 1, 2), (7,)])
def test_values_that_do_not_fit_are_refused_with_axes_that_do(target):
    spec = TensorSpec((6, 4))
    found = refusal(Reshape(target), spec)
    assert found.code == "size-mismatch"
    assert_exact(Reshape.from_params(found.fixes[0].edit["params"]), spec)


@pytest.mark.parametrize("target", [(-1, -1), (0, 4)])
def test_two_open_axes_or_an_empty_one_are_refused(target):
    assert refusal(Reshape(target), TensorSpec((4,))).code == "params-clash"


@pytest.mark.parametrize("dims", [(1,), (1, 1), (1, 3), (1, 2, 3)])
def test_an_order_that_does_not_name_each_axis_once_is_refused(dims):
    found = refusal(Permute(dims), TensorSpec((3, 4)))
    assert found.code == "bad-axis"
    Permute.from_params(found.fixes[0].edit["params"]).infer(TensorSpec((3, 4)))


def test_a_free_axis_is_not_flattened():
    found = refusal(Flatten(), TensorSpec((POSTS, 4)))
    assert found.code == "free-axis"
    assert found.fixes[0].edit == {"do": "set_kind", "kind": "GlobalAveragePooling1D"}
    assert len(found.fixes) == 2


@pytest.mark.parametrize("cropping", [3, (6, 0), (0, 9), (5, 4)])
def test_a_cut_that_leaves_nothing_is_refused_with_one_that_leaves_a_step(cropping):
    spec = TensorSpec((6, 4))
    found = refusal(Cropping1D(cropping), spec)
    assert found.code == "crop-too-large"
    mended = Cropping1D.from_params(found.fixes[0].edit["params"])
    assert mended.infer(spec).shape == (1, 4)


def test_a_crop_works_the_least_length_back_to_the_input():
    assert (
        Cropping1D((2, 3)).infer(TensorSpec((POOLED, 4))).dynamic_axes[0].minimum_length
        == 2 + 3 * 6
    )


@pytest.mark.parametrize("layer", [ZeroPadding1D(), Cropping1D(), UpSampling1D()], ids=str)
def test_what_is_no_sequence_is_refused(layer):
    assert refusal(layer, TensorSpec((4,))).code == "wrong-rank"
    assert refusal(layer, TensorSpec((4, 4, 4))).code == "wrong-rank"


@pytest.mark.parametrize("value", [0.0, 1.5])
def test_the_mask_and_what_is_left_equal_keras(value):
    x = torch.from_numpy(RANDOM.normal(size=(6, 5, 4)))
    x[:, 3:] = value
    x[0, 1, 2] = value
    twin = keras.layers.Masking(value, dtype="float64")
    layer, spec = Masking(value), TensorSpec((5, 4))
    assert layer.produces_mask(spec)
    assert torch.equal(layer.compute_mask(torch, x, masks=(None,)), twin.compute_mask(x))
    assert torch.equal(layer.call(torch, x), twin(x))


def test_a_mask_ends_where_the_steps_are_moved():
    moving = (
        Flatten(), Reshape((12,)), Permute((2, 1)), ZeroPadding1D(), Cropping1D(), UpSampling1D(),
    )  # fmt: skip
    for layer in moving:
        with noted(layer):
            assert not layer.produces_mask(TensorSpec((3, 4), mask=True))


def test_vectors_have_no_steps_to_mask():
    assert refusal(Masking(), TensorSpec((4,))).code == "wrong-rank"
    assert refusal(RepeatVector(2), TensorSpec((3, 4))).code == "wrong-rank"
