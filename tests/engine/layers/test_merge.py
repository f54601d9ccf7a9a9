"""Merges equal Keras in values, gradients and masks, and say which tensor does not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from against_keras import Ours, agree
from exact import assert_exact
from hypothesis import given
from hypothesis import strategies as st

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.merge import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
)
from tests.double import keras

RANDOM = np.random.default_rng(0)
MANY = (Add, Average, Multiply, Maximum, Minimum)
POSTS = DynamicLength("posts")
CROPPED = POSTS.with_step(1, -2, 1)


def arrays(*shapes):
    return [RANDOM.normal(size=shape) for shape in shapes]


def theirs(layer, **params):
    return getattr(keras.layers, layer.kind())(dtype="float64", **params)


def refusal(layer, *specs):
    with pytest.raises(LayerError) as caught:
        layer.infer(*specs)
    (found,) = caught.value.diagnostics
    return found


@pytest.mark.parametrize("kind", MANY)
def test_an_axis_of_size_one_is_repeated(kind):
    agree(kind(), theirs(kind()), *arrays((5, 1, 4), (5, 3, 1), (5, 3, 4)))


@pytest.mark.parametrize(("axis", "shapes"), [
    (-1, [(5, 3, 4), (5, 3, 2)]),
    (2, [(5, 3, 4), (5, 3, 2), (5, 3, 1)]),
    (1, [(5, 3, 4), (5, 2, 4)]),
    (-2, [(5, 3, 4), (5, 2, 4)]),
    (1, [(5, 3), (5, 4)]),
])  # fmt: skip
def test_concatenate_equals_keras(axis, shapes):
    layer = Concatenate(axis)
    agree(layer, theirs(layer, axis=axis), *arrays(*shapes))


def masked_pairs():
    """Yield pairs of masks for two tensors of (4, 5) steps, None for an unmasked one."""
    first, second = (torch.from_numpy(RANDOM.random((4, 5)) < 0.5) for _ in range(2))
    return [(first, second), (first, None), (None, second), (None, None)]


@pytest.mark.parametrize("layer", [*(kind() for kind in MANY), Subtract(), Concatenate()], ids=str)
@pytest.mark.parametrize("masks", masked_pairs(), ids=["both", "first", "second", "none"])
def test_masked_values_and_masks_that_come_out_equal_keras(layer, masks):
    inputs = [torch.from_numpy(a) for a in arrays((4, 5, 3), (4, 5, 3))]
    assert_masks_equal(layer, inputs, masks)


@pytest.mark.parametrize("masks", masked_pairs(), ids=["both", "first", "second", "none"])
def test_masks_are_joined_along_the_steps_as_in_keras(masks):
    inputs = [torch.from_numpy(a) for a in arrays((4, 5, 3), (4, 5, 3))]
    assert_masks_equal(Concatenate(axis=1), inputs, masks)


def assert_masks_equal(layer, inputs, masks):
    specs = [TensorSpec((5, 3), mask=mask is not None) for mask in masks]
    twins = [tensor.clone() for tensor in inputs]
    for twin, mask in zip(twins, masks, strict=True):
        if mask is not None:
            keras.src.backend.set_keras_mask(twin, mask)
    params = {"axis": layer.axis} if isinstance(layer, Concatenate) else {}
    expected = theirs(layer, **params)(twins)
    actual = Ours(layer, *specs)(*inputs, mask=tuple(masks))
    np.testing.assert_allclose(actual, expected, rtol=1e-12)
    wanted = keras.src.backend.get_keras_mask(expected)
    if layer.produces_mask(*specs):
        mask = layer.compute_mask(torch, *inputs, masks=tuple(masks))
        assert torch.equal(mask, wanted)
    else:
        # Keras marks every step where one of two joined tensors has no mask: that is no mask.
        assert wanted is None or bool(wanted.all())


@pytest.mark.parametrize("kind", [Multiply, Maximum, Minimum])
@pytest.mark.parametrize("unmasked", [None, 0, 1, 2])
def test_values_and_gradients_of_three_masked_tensors_equal_keras(kind, unmasked):
    random = np.random.default_rng(5)
    masks = tuple(
        None if place == unmasked else torch.from_numpy(random.random((4, 5)) < 0.5)
        for place in range(3)
    )
    values = random.normal(size=(3, 4, 5, 3))
    inputs, twins = ([torch.tensor(v, requires_grad=True) for v in values] for _ in range(2))
    for tensor, mask in zip(twins, masks, strict=True):
        if mask is not None:
            keras.src.backend.set_keras_mask(tensor, mask)
    actual, expected = kind().call(torch, *inputs, mask=masks), theirs(kind())(twins)
    np.testing.assert_allclose(actual.detach(), expected.detach(), rtol=1e-12)
    for out in (actual, expected):
        out.square().sum().backward()
    for mine, wanted in zip(inputs, twins, strict=True):
        np.testing.assert_allclose(mine.grad, wanted.grad, rtol=1e-12, atol=1e-12)


@given(
    kind=st.sampled_from([*MANY, Subtract]),
    base=st.lists(st.sampled_from([1, 2, 3, CROPPED]), min_size=1, max_size=3),
    ones=st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_random_shapes_equal_torchs_also_with_free_axes(kind, base, ones):
    narrow = tuple(1 if one else dim for dim, one in zip(base, ones, strict=False))
    assert_exact(kind(), TensorSpec(tuple(base)), TensorSpec(narrow))


@given(
    sizes=st.lists(st.sampled_from([1, 2, POSTS.with_step(1, -2, 2)]), min_size=2, max_size=4),
    rest=st.sampled_from([3, CROPPED]),
    first=st.booleans(),
)
def test_lengths_that_follow_from_one_input_are_added_exactly(sizes, rest, first):
    shapes = [(size, rest) if first else (rest, size) for size in sizes]
    assert_exact(Concatenate(axis=1 if first else -1), *map(TensorSpec, shapes))


def test_the_larger_least_length_of_equal_free_axes_holds():
    short, long = DynamicLength("posts", minimum_length=3), DynamicLength("posts", minimum_length=7)
    out = Add().infer(TensorSpec((short, 4)), TensorSpec((long, 4)))
    assert out.dynamic_axes[0].minimum_length == 7


def test_features_of_masked_and_unmasked_tensors_carry_no_mask():
    """Keras' mask is True everywhere then, which says as much."""
    masked, unmasked = TensorSpec((5, 3), mask=True), TensorSpec((5, 2))
    assert not Concatenate().produces_mask(masked, unmasked)
    assert Concatenate().produces_mask(masked, masked)


def test_ids_and_measurements_make_measurements():
    ids, measured = TensorSpec((3,), "int32"), TensorSpec((3,))
    assert Add().infer(ids, measured).dtype == "float32"
    assert Concatenate().infer(ids, ids).dtype == "int32"
    assert Average().infer(ids, measured).dtype == "float32"
    assert refusal(Average(), ids, ids).code == "wrong-dtype"


def test_another_size_is_told_with_the_input_the_axis_and_a_way_out():
    found = refusal(Add(), *(TensorSpec((96, units)) for units in (128, 128, 64)))
    assert found.code == "shapes-differ"
    assert found.message == "input 3 has 64 on axis 2, input 1 has 128"
    assert found.fixes[0].edit == {"do": "set_kind", "kind": "Concatenate"}
    assert "Dense with 128 units" in found.fixes[1].text
    assert refusal(Subtract(), TensorSpec((4,)), TensorSpec((5,))).port == "b"


def test_another_length_is_told_with_the_cut_that_mends_it():
    found = refusal(Add(), TensorSpec((96, 8)), TensorSpec((92, 8)))
    assert "cropping [0, 4] between input 1" in found.fixes[0].text


def test_free_axes_of_another_form_are_refused():
    found = refusal(Add(), TensorSpec((POSTS, 8)), TensorSpec((POSTS.with_step(1, -4, 1), 8)))
    assert found.message == "input 2 has posts - 4 on axis 1, input 1 has posts"
    assert found.fixes


def test_another_number_of_axes_is_refused_with_the_reshape_that_mends_it():
    found = refusal(Add(), TensorSpec((96, 8)), TensorSpec((8,)))
    assert found.code == "shapes-differ"
    assert "Reshape to [1, 8] between input 2" in found.fixes[0].text


def test_concatenate_offers_the_axis_that_fits():
    found = refusal(Concatenate(), TensorSpec((96, 8)), TensorSpec((92, 8)))
    assert found.fixes[0].edit == {"do": "set_params", "params": {"axis": 1}}
    Concatenate(axis=1).infer(TensorSpec((96, 8)), TensorSpec((92, 8)))


@pytest.mark.parametrize("axis", [0, 3, -3])
def test_an_axis_that_is_not_there_is_refused(axis):
    spec = TensorSpec((96, 8))
    assert refusal(Concatenate(axis), spec, spec).code == "bad-axis"


def test_lengths_of_two_inputs_are_not_added_up():
    found = refusal(
        Concatenate(1), TensorSpec((POSTS, 8)), TensorSpec((DynamicLength("titles"), 8))
    )
    assert found.code == "free-axis"


@pytest.mark.parametrize("kind", [*MANY, Concatenate])
def test_one_tensor_is_not_merged(kind):
    assert refusal(kind(), TensorSpec((3,))).code == "too-few-inputs"


def test_flags_are_not_calculated_with():
    flag = TensorSpec((3,), "bool")
    assert refusal(Add(), flag, flag).code == "wrong-dtype"
