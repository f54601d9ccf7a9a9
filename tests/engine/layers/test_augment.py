"""Pictures are changed in training only, by what was drawn, as Keras changes them by as much."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.augment import (
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
)
from tests.double import keras
from tests.engine.layers.against_keras import Ours
from tests.tiers import noted

ROWS, HEIGHT, WIDTH, CHANNELS = 5, 9, 8, 3
SPEC = TensorSpec((HEIGHT, WIDTH, CHANNELS))
RNG = np.random.default_rng(0)
PICTURES = torch.from_numpy(RNG.normal(size=(ROWS, HEIGHT, WIDTH, CHANNELS)))
DRAWN = torch.from_numpy(RNG.random((ROWS, 2)))
ALL = [
    RandomFlip(),
    RandomTranslation(0.2, 0.3),
    RandomRotation(0.1),
    RandomZoom(0.2),
    RandomContrast(0.3),
]
FILLS = [
    {"fill_mode": fill, "interpolation": between, "fill_value": 0.7}
    for fill in ("reflect", "wrap", "nearest", "constant")
    for between in ("bilinear", "nearest")
]


def trained(layer, spec=SPEC):
    ours = Ours(layer, spec)
    ours.module.train()
    return ours


def changed(layer, drawn, x=PICTURES):
    """Return what a layer makes of pictures for which these numbers from 0 to 1 were drawn."""
    ours = trained(layer, TensorSpec(tuple(x.shape[1:])))
    ours.module.drawn = drawn
    return ours(x)


def theirs(kind, *args, transformation, **fields):
    """Return what Keras' layer makes of the pictures, changed by as much as is said."""
    layer = getattr(keras.layers, kind)(*args, dtype="float64", **fields)
    return layer.transform_images(PICTURES, transformation, training=True)


def close(ours, expected):
    # Keras keeps shifts and zooms in single precision.
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=3e-6)


@pytest.mark.parametrize(("mode", "axes"), [("horizontal", [2]), ("vertical", [1])])
def test_a_flip_is_that_of_numpy_and_of_keras_where_less_than_half_was_drawn(mode, axes):
    out = changed(RandomFlip(mode), DRAWN[:, :1])
    flips = DRAWN[:, 0].numpy() < 0.5
    assert 0 < flips.sum() < ROWS
    for row, flip in enumerate(flips):
        own = PICTURES[row].numpy()
        np.testing.assert_array_equal(out[row], np.flip(own, axes[0] - 1) if flip else own)
    told = {"flips": torch.from_numpy(flips).view(-1, 1, 1, 1), "input_shape": PICTURES.shape}
    close(out, theirs("RandomFlip", mode, transformation=told))


def test_both_flips_are_drawn_apart_so_that_a_picture_is_seen_in_four_ways():
    both = torch.tensor([[0.0, 0.0], [0.0, 0.9], [0.9, 0.0], [0.9, 0.9]])
    out = changed(RandomFlip(), both, PICTURES[:1].expand(4, -1, -1, -1))
    for row, axes in enumerate([(1, 0), (1,), (0,), ()]):
        np.testing.assert_array_equal(out[row], np.flip(PICTURES[0].numpy(), axes))


def test_a_translation_is_keras_by_any_amount():
    amounts = (DRAWN - 0.5).numpy()
    shifts = np.stack([amounts[:, 1] * WIDTH, amounts[:, 0] * HEIGHT], 1)
    told = {"translations": torch.from_numpy(shifts).float(), "input_shape": PICTURES.shape}
    for fill in FILLS:
        with noted(fill):
            expected = theirs("RandomTranslation", 0.5, 0.5, transformation=told, **fill)
            close(changed(RandomTranslation(0.5, 0.5, **fill), DRAWN), expected)


def test_a_translation_by_whole_pixels_moves_down_and_to_the_right():
    layer = RandomTranslation((0, 1), (0, 1), fill_mode="wrap")
    drawn = torch.tensor([[2 / HEIGHT, 3 / WIDTH]] * ROWS, dtype=torch.float64)
    expected = torch.roll(PICTURES, (2, 3), (1, 2))
    np.testing.assert_allclose(changed(layer, drawn), expected, atol=1e-12)


def test_a_rotation_is_keras_by_any_angle():
    one, none = (torch.full((ROWS,), value, dtype=torch.float64) for value in (1, 0))
    angle = (DRAWN[:, 0] - 0.5) * 360
    for fill in FILLS:
        with noted(fill):
            layer = keras.layers.RandomRotation(0.5, dtype="float64", **fill)
            matrix = layer._compute_affine_matrix(
                0.5, 0.5, angle, none, none, one, none, none, HEIGHT, WIDTH
            )
            expected = layer.transform_images(PICTURES, {"rotation_matrix": matrix}, training=True)
            close(changed(RandomRotation(0.5, **fill), DRAWN[:, :1]), expected)


def test_a_quarter_of_a_turn_is_counterclockwise():
    square = PICTURES[:, :WIDTH]
    out = changed(RandomRotation((0, 1)), torch.full((ROWS, 1), 0.25, dtype=torch.float64), square)
    np.testing.assert_allclose(out, torch.rot90(square, 1, (1, 2)), atol=1e-12)


@pytest.mark.parametrize("alike", [True, False])
def test_a_zoom_is_keras_by_any_amount(alike):
    zooms = DRAWN[:, [0, 0]] if alike else DRAWN
    told = {"height_zoom": 0.5 + zooms[:, :1], "width_zoom": 0.5 + zooms[:, 1:]}
    for fill in FILLS:
        with noted(fill):
            expected = theirs("RandomZoom", 0.5, 0.5, transformation=told, **fill)
            layer = RandomZoom(0.5, None if alike else 0.5, **fill)
            close(changed(layer, DRAWN[:, :1] if alike else DRAWN), expected)


@pytest.mark.parametrize("value_range", [None, (-0.5, 1.0)])
def test_contrast_is_keras_formula(value_range):
    factor = (0.7 + 0.6 * DRAWN[:, 0]).view(-1, 1, 1, 1)
    mean = PICTURES.mean((1, 2), keepdim=True)
    plain = (PICTURES - mean) * factor + mean
    out = changed(RandomContrast(0.3, value_range), DRAWN[:, :1])
    close(out, plain if value_range is None else plain.clamp(-0.5, 1.0))
    given = {"value_range": value_range or (-99.0, 99.0)}
    close(out, theirs("RandomContrast", 0.3, transformation={"contrast_factor": factor}, **given))


@pytest.mark.parametrize(
    ("layer", "ranges"),
    [
        (RandomRotation(0.2), [(-0.2, 0.2)]),
        (RandomRotation((-0.1, 0.3)), [(-0.1, 0.3)]),
        (RandomRotation((0.3, -0.1)), [(-0.1, 0.3)]),
        (RandomTranslation(0, (-0.5, -0.25)), [(0, 0), (-0.5, -0.25)]),
        (RandomZoom(0.5), [(-0.5, 0.5)]),
        (RandomZoom((-0.3, -0.1), 0.2), [(-0.3, -0.1), (-0.2, 0.2)]),
        (RandomContrast(0.25), [(0.75, 1.25)]),
        (RandomContrast((0.5, 0.125)), [(0.5, 1.125)]),
    ],
    ids=str,
)
def test_amounts_are_drawn_evenly_from_the_range_that_was_asked(layer, ranges):
    torch.manual_seed(1)
    count = 20_000
    drawn = [amounts.numpy() for amounts in trained(layer).module.amounts(count)]
    assert len(drawn) == len(ranges)
    for amounts, (low, high) in zip(drawn, ranges, strict=True):
        assert low <= amounts.min() <= amounts.max() <= high
        shares, _ = np.histogram(amounts, 10, (low, high if high > low else low + 1))
        if high > low:
            assert abs(shares - count / 10).max() < 5 * math.sqrt(count * 0.09)


def test_every_other_picture_is_flipped():
    torch.manual_seed(1)
    rows = 20_000
    out = trained(RandomFlip("horizontal"), TensorSpec((1, 2, 1)))(
        torch.tensor([0.0, 1.0], dtype=torch.float64).view(1, 1, 2, 1).expand(rows, -1, -1, -1)
    )
    assert abs(out[:, 0, 0, 0].mean() - 0.5) < 5 * math.sqrt(0.25 / rows)


@pytest.mark.parametrize(
    "layer",
    [RandomTranslation(0, 0), RandomRotation(0), RandomZoom(0, 0), RandomContrast(0)],
    ids=str,
)
def test_amounts_of_0_change_nothing(layer):
    np.testing.assert_allclose(trained(layer)(PICTURES), PICTURES, atol=1e-12)


@pytest.mark.parametrize("layer", ALL, ids=str)
def test_evaluation_and_prediction_are_left_alone(layer):
    ours = trained(layer)
    ours.module.drawn = DRAWN
    ours.module.eval()
    assert torch.equal(ours(PICTURES), PICTURES)


@pytest.mark.parametrize("layer", ALL, ids=str)
def test_where_nobody_hands_draws_in_they_follow_torchs_generator(layer):
    def draw():
        torch.manual_seed(5)
        return trained(layer)(PICTURES)

    assert torch.equal(draw(), draw())
    assert not torch.equal(draw(), PICTURES)


@pytest.mark.parametrize("layer", ALL, ids=str)
def test_short_numbers_stay_short_and_are_looked_up_as_precisely(layer):
    drawn = DRAWN[:, : len(trained(layer).module.ranges)]
    out = changed(layer, drawn, PICTURES.to(torch.bfloat16))
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.double(), changed(layer, drawn), atol=0.03, rtol=0.02)


@pytest.mark.parametrize("layer", ALL, ids=str)
def test_shapes_stay_also_with_free_axes(layer):
    free = TensorSpec((DynamicLength("high"), DynamicLength("wide"), 3))
    assert layer.infer(free) == TensorSpec(free.shape)


@pytest.mark.parametrize("spec", [TensorSpec((9, 8)), TensorSpec((9, 8, 3), "int32")])
def test_what_is_no_picture_is_refused(spec):
    with pytest.raises(LayerError) as caught:
        RandomFlip().infer(spec)
    assert caught.value.diagnostics[0].code in ("wrong-rank", "wrong-dtype")


@pytest.mark.parametrize("value", [-0.1, 1.5, True, "much", [0.1], [0.1, 0.2, 0.3], [-2, 0], None])
def test_what_is_no_amount_is_one_mistake(value):
    (found,) = RandomRotation.try_from_params({"factor": value})
    assert (found.code, found.param) == ("param-invalid", "factor")
    assert found.expected == "a number of at least 0 and at most 1 or a list of 2"


@pytest.mark.parametrize(("value", "fixes"), [((1.0, 0.0), 2), ((0.5, 0.5), 1)])
def test_a_range_that_holds_no_value_is_refused(value, fixes):
    with pytest.raises(LayerError) as caught:
        RandomContrast(0.1, value).infer(SPEC)
    (found,) = caught.value.diagnostics
    assert (found.code, found.param, len(found.fixes)) == ("param-invalid", "value_range", fixes)
    for fix in found.fixes:
        mended = RandomContrast.from_params({"factor": 0.1, **fix.edit["params"]})
        assert mended.infer(SPEC) == SPEC
