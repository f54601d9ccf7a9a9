"""Doubles are what a tuple of floats is, and reach numpy without being copied."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.float_array import PackedFloats, pack_float_lists


@given(st.lists(st.floats(allow_nan=False)).map(tuple), st.data())
def test_doubles_are_as_a_tuple(values, data):
    doubles = PackedFloats.from_values(values)
    assert doubles == values
    assert values == doubles
    assert tuple(doubles) == values
    assert (len(doubles), hash(doubles), repr(doubles)) == (len(values), hash(values), repr(values))
    assert doubles == copy.deepcopy(doubles) == pickle.loads(pickle.dumps(doubles))
    part = data.draw(st.slices(len(values)))
    assert doubles[part] == values[part]
    for place in range(-len(values), len(values)):
        assert doubles[place] == values[place]
    with pytest.raises(IndexError):
        doubles[len(values)]
    assert doubles != (*values, 1.0)
    assert doubles != list(values)


def test_doubles_keep_every_bit():
    doubles = PackedFloats.from_values((-0.0, math.nan, math.inf))
    assert math.copysign(1, doubles[0]) == -1
    assert doubles[1] != doubles[1]
    assert repr(doubles) == "(-0.0, nan, inf)"


def test_doubles_with_what_is_no_number_are_themselves_only():
    doubles = PackedFloats.from_values((1.0, math.nan))
    other = PackedFloats.from_values((1.0, math.nan))
    assert doubles == doubles
    assert {doubles: "found"}[doubles] == "found"
    assert doubles != other
    assert doubles != tuple(doubles)


def test_doubles_offer_nothing_that_can_be_set():
    doubles = PackedFloats.from_values((1.0, 2.0))
    for name in (name for name in dir(doubles) if not name.startswith("_")):
        with pytest.raises(AttributeError):
            setattr(doubles, name, b"")
    with pytest.raises(TypeError):
        doubles[0] = 3.0
    assert doubles == (1.0, 2.0)


@pytest.mark.parametrize("said", [[1.0, "NaN"], [True, 0.5], [0.0, False], [10**400], [], "12", 1])
def test_what_holds_something_else_than_numbers_stays_as_it_is(said):
    assert pack_float_lists(said) is said
    assert pack_float_lists({"a": said, "b": [1, 0.0]}) == {"a": said, "b": (1.0, 0.0)}


def test_an_array_of_doubles_is_no_copy_and_can_not_be_written():
    doubles = PackedFloats.from_values((1.0, 2.0))
    array = np.asarray(doubles, dtype=np.float64)
    assert array.tolist() == [1.0, 2.0]
    assert np.shares_memory(array, np.asarray(doubles))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 3.0
    assert np.array(doubles).flags.writeable
    assert np.asarray(doubles, dtype=np.float32).dtype == np.float32
