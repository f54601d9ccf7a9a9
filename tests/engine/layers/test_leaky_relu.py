"""Leaking curves equal Keras in values and gradients, also at zero."""

from __future__ import annotations

import pytest

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.leaky_relu import LeakyReLU, PReLU
from tests.engine.layers.against_keras import Pair
from tests.engine.layers.exact import assert_exact

POSTS = DynamicLength("posts")


@pytest.mark.parametrize(
    "layer", [LeakyReLU(), LeakyReLU(0.0), PReLU(), PReLU(shared_axes=(1, 2))], ids=str
)
def test_values_and_gradients_are_keras_also_at_zero(layer):
    Pair(layer, (TensorSpec((5, 4), mask=True),)).agree()  # masked steps are zeros


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
