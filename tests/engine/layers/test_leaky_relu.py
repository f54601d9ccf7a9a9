"""Leaking curves equal Keras in values and gradients, also at zero."""

from __future__ import annotations

import numpy as np
import pytest
from against_keras import agree
from exact import assert_exact

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.leaky_relu import LeakyReLU, PReLU
from tests.double import keras

RANDOM = np.random.default_rng(0)
POSTS = DynamicLength("posts")


def around_zero(*shape):
    values = RANDOM.normal(size=shape)
    values.flat[::5] = 0
    return values


@pytest.mark.parametrize("slope", [0.0, 0.3, 2.0])
def test_leaky_relu_equals_keras(slope):
    agree(LeakyReLU(slope), keras.layers.LeakyReLU(slope, dtype="float64"), around_zero(6, 5, 4))


def test_leaky_relu_starts_from_keras_slope():
    agree(LeakyReLU(), keras.layers.LeakyReLU(dtype="float64"), around_zero(6, 4))


@pytest.mark.parametrize("shared", [None, 1, (1,), (2,), (1, 2)])
def test_prelu_equals_keras(shared):
    twin = keras.layers.PReLU(shared_axes=shared, dtype="float64")
    agree(PReLU(shared_axes=shared), twin, around_zero(6, 5, 4))


def test_a_free_axis_needs_shared_slopes_and_the_fix_shares_them():
    spec = TensorSpec((POSTS, 4), mask=True)
    with pytest.raises(LayerError) as caught:
        PReLU().infer(spec)
    (found,) = caught.value.diagnostics
    assert found.code == "free-axis"
    mended = PReLU.from_params(found.fixes[0].edit["params"])
    assert_exact(mended, spec)
    assert mended.produces_mask(spec)


@pytest.mark.parametrize("axis", [0, -1, 3])
def test_an_axis_that_is_not_there_is_refused(axis):
    with pytest.raises(LayerError) as caught:
        PReLU(shared_axes=axis).infer(TensorSpec((5, 4)))
    assert caught.value.diagnostics[0].code == "bad-axis"


def test_leaky_relu_takes_free_axes():
    assert_exact(LeakyReLU(), TensorSpec((POSTS, 4)))
