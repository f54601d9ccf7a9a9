"""Dropouts and noise: rates and spreads hold, seeds repeat, prediction is left alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.dropout import Dropout, GaussianNoise, SpatialDropout1D
from tests.engine.layers.against_keras import Ours
from tests.engine.layers.exact import assert_exact

SPEC = TensorSpec((40, 25))
ONES = torch.ones(20, 40, 25, dtype=torch.float64)
ALL = [Dropout(0.3), SpatialDropout1D(0.3), GaussianNoise(0.3)]
SEEDED = [Dropout(0.3, seed=7), SpatialDropout1D(0.3, seed=7), GaussianNoise(0.3, seed=7)]


def trained(layer, spec=SPEC):
    ours = Ours(layer, spec)
    ours.module.train()
    return ours


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_rate_of_the_values_is_dropped_and_the_rest_scaled_up(rate, seed):
    out = trained(Dropout(rate, seed=seed))(ONES)
    dropped = (out == 0).double().mean()
    assert abs(dropped - rate) < 5 * np.sqrt(rate * (1 - rate) / out.numel())
    np.testing.assert_allclose(out[out != 0], 1 / (1 - rate))


@pytest.mark.parametrize("layer", [Dropout(0), Dropout(0, seed=1), SpatialDropout1D(0)], ids=str)
def test_rate_0_changes_nothing(layer):
    assert torch.equal(trained(layer)(ONES), ONES)


@pytest.mark.parametrize("layer", [Dropout(1), Dropout(1, seed=1), SpatialDropout1D(1)], ids=str)
def test_rate_1_drops_everything_as_in_keras(layer):
    assert torch.equal(trained(layer)(ONES), ONES * 0)


@pytest.mark.parametrize("seed", [None, 3])
def test_whole_channels_are_dropped(seed):
    out = trained(SpatialDropout1D(0.4, seed=seed))(ONES)
    assert torch.equal(out, out[:, :1].expand_as(out))
    dropped = (out[:, 0] == 0).double().mean()
    assert abs(dropped - 0.4) < 5 * np.sqrt(0.24 / 500)


@pytest.mark.parametrize(("noise_shape", "axes"), [
    ((None, 1, None), [1]), ((None, None, 1), [2]), ((1, None, 25), [0]), ((1, 1, 25), [0, 1]),
])  # fmt: skip
def test_one_draw_holds_along_the_axes_of_size_1(noise_shape, axes):
    out = trained(Dropout(0.5, noise_shape))(ONES)
    first = out
    for axis in axes:
        first = first.narrow(axis, 0, 1)
    assert torch.equal(out, first.expand_as(out))
    assert 0 < int((first == 0).sum()) < first.numel()


@pytest.mark.parametrize("noise_shape", [(), (None,), (None, 1), (32, 1, 25), (None, 7, 25)])
def test_a_draw_that_does_not_fit_is_refused(noise_shape):
    with pytest.raises(LayerError) as caught:
        Dropout(0.5, noise_shape).infer(SPEC)
    (found,) = caught.value.diagnostics
    assert found.code == "noise-shape-unfit"
    assert found.fixes[0].edit == {"do": "set_params", "params": {"noise_shape": None}}


@pytest.mark.parametrize("seed", [None, 3])
def test_noise_has_mean_0_and_the_deviation_asked_for(seed):
    noise = trained(GaussianNoise(0.3, seed=seed))(ONES) - ONES
    assert abs(noise.mean()) < 5 * 0.3 / np.sqrt(noise.numel())
    assert abs(noise.std() / 0.3 - 1) < 5 / np.sqrt(2 * noise.numel())


@pytest.mark.parametrize("layer", [*ALL, *SEEDED], ids=str)
def test_prediction_is_left_alone(layer):
    ours = trained(layer)
    ours.module.eval()
    assert torch.equal(ours(ONES), ONES)


@pytest.mark.parametrize("layer", ALL, ids=str)
def test_without_a_seed_the_draws_follow_torchs_generator(layer):
    def draw():
        torch.manual_seed(5)
        return trained(layer)(ONES)

    assert torch.equal(draw(), draw())


@pytest.mark.parametrize("layer", SEEDED, ids=str)
def test_a_seed_repeats_whatever_torchs_generator_does_and_leaves_it_alone(layer):
    def draws(run_seed):
        torch.manual_seed(run_seed)
        ours = trained(layer)
        return [ours(ONES) for _ in range(3)], torch.rand(1)

    (first, after), (second, _) = draws(1), draws(2)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first[0], first[1])
    torch.manual_seed(1)
    assert torch.equal(after, torch.rand(1))


@pytest.mark.parametrize("layer", SEEDED, ids=str)
def test_another_seed_draws_otherwise(layer):
    other = type(layer).from_params({**layer.params(), "seed": 8})
    assert not torch.equal(trained(layer)(ONES), trained(other)(ONES))


@pytest.mark.parametrize("layer", SEEDED, ids=str)
def test_a_checkpoint_carries_how_far_the_seeded_stream_is(layer):
    through, resumed = trained(layer), trained(layer)
    through(ONES)
    resumed.module.load_state_dict(through.module.state_dict())
    assert torch.equal(through(ONES), resumed(ONES))


@pytest.mark.parametrize("layer", [*ALL, *SEEDED], ids=str)
def test_gradients_flow_through_what_is_kept(layer):
    x = ONES.clone().requires_grad_()
    out = trained(layer)(x)
    out.sum().backward()
    expected = torch.ones_like(x) if isinstance(layer, GaussianNoise) else out.detach()
    np.testing.assert_allclose(x.grad, expected)


@pytest.mark.parametrize("layer", [*ALL, *SEEDED], ids=str)
def test_shapes_stay_also_with_free_axes_and_masks_pass(layer):
    spec = TensorSpec((DynamicLength("posts"), 4), mask=True)
    assert assert_exact(layer, spec).shape == spec.shape
    assert layer.produces_mask(spec)


def test_a_rate_beyond_1_is_one_mistake():
    (found,) = Dropout.try_from_params({"rate": 1.5})
    assert (found.code, found.param) == ("param-invalid", "rate")


def test_ids_are_not_disturbed():
    with pytest.raises(LayerError) as caught:
        Dropout(0.5).infer(TensorSpec((4,), "int32"))
    assert caught.value.diagnostics[0].code == "wrong-dtype"
