"""Merges equal Keras in values, gradients and masks, and say which tensor does not fit."""

from __future__ import annotations

import pytest
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
from tests.engine.layers.against_keras import Pair
from tests.engine.layers.exact import assert_exact
from tests.tiers import noted

MANY = (Add, Average, Multiply, Maximum, Minimum)
POSTS = DynamicLength("posts")
CROPPED = POSTS.with_step(1, -2, 1)


def refusal(layer, *specs):
    with pytest.raises(LayerError) as caught:
        layer.infer(*specs)
    (found,) = caught.value.diagnostics
    return found


@pytest.mark.parametrize("kind", MANY)
def test_an_axis_of_size_one_is_repeated(kind):
    Pair(kind(), tuple(map(TensorSpec, [(1, 4), (3, 1), (3, 4)]))).agree()


def test_concatenate_equals_keras():
    for axis, *shapes in (
        (2, (3, 4), (3, 2), (3, 1)), (1, (3, 4), (2, 4)), (-2, (3, 4), (2, 4)), (1, (3,), (4,)),
    ):  # fmt: skip
        with noted(axis, shapes):
            Pair(Concatenate(axis), tuple(map(TensorSpec, shapes))).agree()


@pytest.mark.parametrize("layer", [*(kind() for kind in MANY), Subtract(), Concatenate(1)], ids=str)
def test_masks_of_some_inputs_or_of_all_are_combined_as_in_keras(layer):
    several = () if isinstance(layer, Subtract) else ((True, True, True), (True, False, True))
    for masked in ((True, True), (True, False), (False, True), *several):
        with noted(masked):
            Pair(layer, tuple(TensorSpec((5, 3), mask=each) for each in masked)).agree()


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
    assert found.message == "input 3 has size 64 on axis 2, input 1 has size 128"
    assert found.fixes[0].edit == {"do": "set_kind", "kind": "Concatenate"}
    assert "Dense with 128 units" in found.fixes[1].text
    assert refusal(Subtract(), TensorSpec((4,)), TensorSpec((5,))).port == "b"


def test_another_length_is_told_with_the_cut_that_mends_it():
    found = refusal(Add(), TensorSpec((96, 8)), TensorSpec((92, 8)))
    assert "cropping [0, 4] between input 1" in found.fixes[0].text


def test_free_axes_of_another_form_are_refused():
    found = refusal(Add(), TensorSpec((POSTS, 8)), TensorSpec((POSTS.with_step(1, -4, 1), 8)))
    assert found.message == (
        'input 2 has the length of "posts - 4" on axis 1, input 1 has the length of "posts"'
    )
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
