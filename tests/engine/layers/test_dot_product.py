"""Dot equals Keras' for every pair of axes, with and without normalising."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.dot_product import Dot
from tests.engine.layers.against_keras import Pair
from tests.engine.layers.exact import assert_exact
from tests.tiers import noted

CASES = [
    (1, (4,), (4,)),
    (-1, (4,), (4,)),
    (2, (3, 4), (5, 4)),
    (1, (4, 3), (4, 5)),
    ((1, 2), (4, 3), (5, 4)),
    ((2, 1), (3, 4), (4,)),
    ((1, 2), (4,), (3, 4)),
    ((2, 2), (3, 4, 2), (5, 4)),
    ((1, 3), (4, 2), (3, 2, 4)),
]


@pytest.mark.slow
def test_values_and_gradients_equal_keras():
    for (axes, a, b), normalize in product(CASES, (False, True)):
        with noted(axes, a, b, normalize):
            Pair(Dot(axes, normalize), (TensorSpec(a), TensorSpec(b))).agree()


@given(
    a=st.lists(st.sampled_from([2, 3, DynamicLength("posts")]), max_size=2),
    b=st.lists(st.sampled_from([2, 3, DynamicLength("posts")]), max_size=2),
    summed=st.sampled_from([4, DynamicLength("posts")]),
    data=st.data(),
)
def test_random_shapes_equal_torchs_also_with_free_axes(a, b, summed, data):
    at, other = data.draw(st.integers(0, len(a))), data.draw(st.integers(0, len(b)))
    first = TensorSpec((*a[:at], summed, *a[at:]))
    second = TensorSpec((*b[:other], summed, *b[other:]))
    assert_exact(Dot((at + 1, other + 1)), first, second, upto=3)


def test_other_sizes_are_refused_with_the_axes_that_fit():
    with pytest.raises(LayerError) as caught:
        Dot(1).infer(TensorSpec((3, 4)), TensorSpec((5, 4)))
    (found,) = caught.value.diagnostics
    assert found.code == "shapes-differ"
    assert found.message == "axis 1 of a has 3, axis 1 of b has 5"
    assert found.fixes[0].edit == {"do": "set_params", "params": {"axes": [2, 2]}}
    Dot((2, 2)).infer(TensorSpec((3, 4)), TensorSpec((5, 4)))


def test_the_batch_is_not_summed_over():
    with pytest.raises(LayerError) as caught:
        Dot(0).infer(TensorSpec((4,)), TensorSpec((4,)))
    assert caught.value.diagnostics[0].code == "bad-axis"


def test_cost_counts_every_product():
    assert Dot(-1).cost(TensorSpec((3, 4)), TensorSpec((5, 4))).multiply_adds == 3 * 5 * 4


def test_a_list_of_three_axes_is_one_mistake():
    (found,) = Dot.try_from_params({"axes": [1, 2, 3]})
    assert found.code == "param-invalid"
    assert found.param == "axes"
