"""Every layer, with random arguments, computes what Keras' layer of that name computes.

A layer or an argument that no case compares fails a test, unless a table here says why.
"""

from __future__ import annotations

from typing import get_args

import pytest

from engine.core.tensor_spec import TensorSpec
from engine.layers import catalogue
from engine.layers.activation import ActivationName
from engine.layers.base import Layer
from tests.double import WITHOUT_A_TWIN, keras
from tests.engine.layers.against_keras import Pair
from tests.engine.layers.arguments import away, draw_away, draw_layers
from tests.engine.layers.departures import SYMBOLIC, departures
from tests.tiers import cases, noted

KINDS = dict(catalogue.layer_classes())
TRIES = cases(3, 20, 300)

# Arguments that no case compares, and why.
NOT_COMPARED = {
    ("SimpleRNN", "activity_regularizer"): "Keras 3 takes it and forgets it",
}

pytestmark = [
    pytest.mark.soak,
    # Our check says so, too (mask-dropped).
    pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask"),
    pytest.mark.filterwarnings("ignore:(?s).*You are using a softmax over axis -1 .* size 1"),
]

every_kind = pytest.mark.parametrize(
    "kind", sorted(KINDS.keys() - WITHOUT_A_TWIN.keys() - {"Input"})
)


def test_every_layer_has_a_twin_in_keras_or_a_reason():
    without = {kind for kind in KINDS if kind != "Input" and not hasattr(keras.layers, kind)}
    assert without == WITHOUT_A_TWIN.keys()


@every_kind
def test_random_layers_compute_and_learn_what_keras_does(kind: str):
    for layer, specs in draw_layers(KINDS[kind], TRIES):
        if not departs(layer, specs):
            Pair(layer, specs).agree()


@every_kind
def test_every_argument_away_from_its_default_is_keras(kind: str):
    """A layer covers all arguments that it has away from their defaults."""
    left = {field for field in KINDS[kind].model_fields if (kind, field) not in NOT_COMPARED}
    while left:
        drawn = draw_away(KINDS[kind], min(left))
        layer, specs = next(case for case in drawn if not departs(*case))
        Pair(layer, specs).agree()
        left -= away(layer)


def test_every_curve_is_keras():
    for curve in get_args(ActivationName):
        with noted(curve):
            layer = KINDS["Activation"](curve)
            for spec in (TensorSpec((12,)), TensorSpec((5, 6), mask=True)):
                Pair(layer, (spec,)).agree()


def test_factors_over_axes_that_are_not_neighbours_are_judged_as_the_matrix_they_are_in_keras():
    layer = KINDS["LayerNormalization"]((1, 3), gamma_regularizer="orthogonal_regularizer")
    Pair(layer, (TensorSpec((3, 2, 4)),)).agree()


def test_the_two_biases_of_a_gru_are_judged_as_the_one_matrix_they_are_in_keras():
    layer = KINDS["GRU"](3, bias_regularizer="orthogonal_regularizer")
    Pair(layer, (TensorSpec((5, 2)),)).agree()


def departs(layer: Layer, specs: tuple[TensorSpec, ...]) -> bool:
    """Return whether the layer departs from Keras in more than what Keras says of its shape."""
    return any(row != SYMBOLIC for row in departures(layer, specs))
