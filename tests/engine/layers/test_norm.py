"""Normalizations equal Keras in values, gradients, masked statistics and moving statistics."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.norm import BatchNormalization, LayerNormalization
from tests.engine.layers.against_keras import Ours
from tests.engine.layers.exact import assert_exact

RANDOM = np.random.default_rng(0)
LEARNED = [(True, True), (True, False), (False, True), (False, False)]
POSTS = DynamicLength("posts")


def refusal(layer, spec):
    with pytest.raises(LayerError) as caught:
        layer.infer(spec)
    return caught.value.diagnostics[0]


def test_what_is_masked_does_not_count():
    ours = Ours(BatchNormalization(momentum=0.0), TensorSpec((5, 4), mask=True))
    ours.module.train()
    x = torch.from_numpy(RANDOM.normal(size=(6, 5, 4)))
    mask = torch.ones(6, 5, dtype=torch.bool)
    mask[:, 3:] = False
    x[:, 3:] = 1e6
    ours(x, mask=mask)
    mean, variance = ours.get_weights()[2:]
    np.testing.assert_allclose(mean, x[:, :3].mean((0, 1)), rtol=1e-6)
    np.testing.assert_allclose(variance, x[:, :3].var((0, 1), correction=0), rtol=1e-6)


def test_a_batch_whose_steps_are_all_masked_leaves_numbers():
    ours = Ours(BatchNormalization(), TensorSpec((5, 4), mask=True))
    ours.module.train()
    out = ours(torch.ones(6, 5, 4).double(), mask=torch.zeros(6, 5, dtype=torch.bool))
    assert torch.isfinite(out).all()


def test_half_precision_is_measured_in_full():
    module = Ours(BatchNormalization(), TensorSpec((4,))).module.float().train()
    x = torch.full((8, 4), 300.0).half()  # its square is beyond half precision
    out = module(x)
    assert out.dtype == torch.half
    assert torch.isfinite(out).all()
    assert torch.isfinite(module.moving_variance).all()


def test_a_mask_is_used_and_carried_on():
    assert BatchNormalization().produces_mask(TensorSpec((5, 4), mask=True))
    assert not BatchNormalization().produces_mask(TensorSpec((5, 4)))
    assert LayerNormalization().produces_mask(TensorSpec((5, 4), mask=True))


@pytest.mark.parametrize(("center", "scale"), LEARNED)
def test_an_axis_before_the_last_follows_the_formula(center, scale):
    """On torch, Keras hands a lone inner axis to a kernel that only knows last ones, and fails."""
    layer = LayerNormalization(1, center=center, scale=scale)
    ours = Ours(layer, TensorSpec((5, 4)))
    gamma, beta = RANDOM.normal(size=(2, 5))
    ours.set_weights([*([gamma] if scale else []), *([beta] if center else [])])
    x = RANDOM.normal(2, 3, size=(6, 5, 4))
    expected = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-3)
    expected = expected * (gamma[:, None] if scale else 1) + (beta[:, None] if center else 0)
    np.testing.assert_allclose(ours(torch.from_numpy(x)).detach(), expected, rtol=1e-9, atol=1e-9)


@given(
    dims=st.lists(st.sampled_from([2, 3, POSTS]), min_size=1, max_size=3),
    axis=st.integers(-3, 3),
    learned=st.sampled_from(LEARNED),
    kind=st.sampled_from([BatchNormalization, LayerNormalization]),
)
def test_random_shapes_are_torchs_or_refused_by_name(dims, axis, learned, kind):
    center, scale = learned
    layer, spec = kind(axis=axis, center=center, scale=scale), TensorSpec(tuple(dims))
    place = axis - 1 if axis > 0 else len(dims) + axis
    if axis == 0 or not 0 <= place < len(dims):
        assert refusal(layer, spec).code == "bad-axis"
    elif dims[place] == POSTS and (kind is BatchNormalization or center or scale):
        assert refusal(layer, spec).code == "free-axis"
    else:
        assert_exact(layer, spec, upto=3)


def test_free_features_are_refused():
    found = refusal(BatchNormalization(1), TensorSpec((POSTS, 4)))
    assert found.code == "free-axis"
    assert found.fixes[0].edit == {"do": "set_params", "params": {"axis": -1}}


def test_a_free_axis_is_measured_where_nothing_is_learned_along_it():
    found = refusal(LayerNormalization(1), TensorSpec((POSTS, 4)))
    without = LayerNormalization.from_params({"axis": 1, **found.fixes[0].edit["params"]})
    assert_exact(without, TensorSpec((POSTS, 4)))


def test_an_axis_named_twice_is_refused_with_the_list_that_fits():
    found = refusal(LayerNormalization((1, 2, -1)), TensorSpec((5, 4)))
    assert found.code == "bad-axis"
    assert found.fixes[0].edit == {"do": "set_params", "params": {"axis": [1, 2]}}


def test_ids_are_not_normalised():
    assert refusal(BatchNormalization(), TensorSpec((4,), "int32")).code == "wrong-dtype"
