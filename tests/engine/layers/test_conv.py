"""Convolutions: exact lengths, numbers worked by hand, and a way out of every mistake."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from engine.compile.recorder import RecordedExpression, RecordedModules
from engine.core.diagnostic import Diagnostic, LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Cost, Layer
from engine.layers.conv import Conv1D, Conv2D, SeparableConv1D
from engine.layers.conv_transpose import Conv1DTranspose, Conv2DTranspose
from engine.runtime.model.nn_namespace import NN_NAMESPACE
from tests.engine.layers.lengths import assert_lengths_are_true
from tests.tiers import cases

KINDS = (Conv1D, Conv2D, SeparableConv1D, Conv1DTranspose, Conv2DTranspose)
DRAWS = cases(20, 200)

every_kind = pytest.mark.parametrize("cls", KINDS)


def draw(cls: type[Layer], rng: random.Random) -> dict[str, Any]:
    """Return random arguments that Keras takes too, channels being 4."""

    def sizes(low: int, high: int) -> int | tuple[int, int]:
        one, two = rng.randint(low, high), rng.randint(low, high)
        return (one, two) if cls.spatial_rank == 2 and rng.random() < 0.5 else one

    params: dict[str, Any] = {"filters": rng.choice([2, 4, 6]), "kernel_size": sizes(1, 4)}
    params["padding"] = rng.choice(
        ["valid", "same", "causal"] if cls is Conv1D else ["valid", "same"]
    )
    params["use_bias"] = rng.random() < 0.7
    params["activation"] = rng.choice(["linear", "tanh"])
    params[rng.choice(["strides", "dilation_rate"])] = sizes(1, 3)
    if "groups" in cls.model_fields:
        params["groups"] = rng.choice([1, 2])
    if "depth_multiplier" in cls.model_fields:
        params["depth_multiplier"] = rng.randint(1, 3)
    if "output_padding" in cls.model_fields and rng.random() < 0.5:
        strides = params.get("strides", 1)
        params["output_padding"] = rng.randrange(min(np.atleast_1d(strides)))
    return params


@every_kind
def test_free_axes_have_torchs_lengths_and_the_true_least(cls):
    for seed in range(DRAWS):
        rng = random.Random(seed)
        layer = cls(**draw(cls, rng))
        shape = rng.choice([(None, None), (None, 14), (14, None)])
        assert_lengths_are_true(layer, *(shape if cls.spatial_rank == 2 else (None,)), 4)


def test_causal_outputs_never_see_a_later_step():
    for size, dilation in product([2, 5], [1, 2]):
        layer = Conv1D(3, size, padding="causal", dilation_rate=dilation)
        conv = layer.build(NN_NAMESPACE, TensorSpec((12, 2)))
        x = torch.randn(1, 12, 2, requires_grad=True)
        layer.call(torch, conv, x)[0, 5].sum().backward()
        assert x.grad[0, :6].abs().sum() > 0
        assert x.grad[0, 6:].abs().sum() == 0


def test_strides_of_a_kernel_of_size_1_neither_crash_nor_change_gradients():
    """torch's convolution crashed, or returned wrong gradients, for channels-last inputs."""
    command = [sys.executable, "-m", "tests.engine.layers.strided_kernels"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


@every_kind
def test_a_flat_vector_gets_a_way_out(cls):
    with pytest.raises(LayerError) as error:
        cls(2, 3).infer(TensorSpec((32,)))
    (found,) = error.value.diagnostics
    assert (found.code, found.port) == ("wrong-rank", "x")
    assert found.fixes


def test_ids_are_sent_through_an_embedding():
    with pytest.raises(LayerError) as error:
        Conv1D(2, 3).infer(TensorSpec((DynamicLength("posts"),), "int32"))
    assert "Embedding" in error.value.diagnostics[0].fixes[0].text
    with pytest.raises(LayerError, match="wrong-dtype"):
        Conv1D(2, 3).infer(TensorSpec((DynamicLength("posts"), 8), "int32"))


def test_an_image_without_channels_gets_them():
    with pytest.raises(LayerError) as error:
        Conv2D(2, 3).infer(TensorSpec((28, 28)))
    first, second, *_ = error.value.diagnostics[0].fixes
    assert "[28, 28, 1]" in first.text
    assert second.edit == {"do": "set_kind", "kind": "Conv1D"}


def test_a_pair_of_sizes_is_not_offered_to_the_sibling_as_an_edit():
    with pytest.raises(LayerError) as error:
        Conv2D(2, (3, 3)).infer(TensorSpec((28, 28)))
    edits = [fix.edit for fix in error.value.diagnostics[0].fixes if fix.edit]
    assert "set_kind" not in [edit["do"] for edit in edits]


@every_kind
def test_free_channels_are_refused(cls):
    places = (16,) * cls.spatial_rank
    with pytest.raises(LayerError, match="free-axis"):
        cls(2, 3).infer(TensorSpec((*places, DynamicLength("x", cls.spatial_rank))))


@pytest.mark.parametrize(
    ("layer", "shape", "smaller"),
    [
        (Conv1D(2, 5), (4, 3), 4),
        (Conv1D(2, 5, dilation_rate=3), (8, 3), 3),
        (SeparableConv1D(2, 5), (4, 3), 4),
        (Conv2D(2, 5), (9, 4, 3), 4),
        (Conv2D(2, (5, 7)), (3, 9, 3), [3, 7]),
        (Conv2D(2, (5, 7)), (DynamicLength("x"), 6, 3), [5, 6]),
    ],
)
def test_a_window_that_does_not_fit_comes_with_fixes_that_work(layer, shape, smaller):
    with pytest.raises(LayerError) as error:
        layer.infer(TensorSpec(shape))
    (found,) = error.value.diagnostics
    assert (found.code, found.param) == ("window-too-large", "kernel_size")
    same, small, longer = found.fixes
    assert same.edit["params"] == {"padding": "same"}
    assert small.edit["params"] == {"kernel_size": smaller}
    assert "at least" in longer.text
    for fix in (same, small):
        type(layer).from_params(layer.params() | fix.edit["params"]).infer(TensorSpec(shape))


@pytest.mark.parametrize(
    ("layer", "code", "param"),
    [
        (Conv1D(4, 3, strides=2, dilation_rate=2), "params-clash", "dilation_rate"),
        (Conv2D(4, 3, strides=(1, 2), dilation_rate=(2, 1)), "params-clash", "dilation_rate"),
        (Conv1DTranspose(4, 3, output_padding=1), "params-clash", "output_padding"),
        (Conv2DTranspose(4, 3, strides=(3, 2), output_padding=2), "params-clash", "output_padding"),
        (Conv1D(4, 3, groups=4), "groups-uneven", "groups"),
        (Conv1D(4, 3, groups=3), "groups-uneven", "groups"),
        (Conv1DTranspose(4, 2, padding="same", output_padding=0), "window-too-large", None),
    ],
)
def test_arguments_that_keras_refuses_are_refused_with_a_fix_that_works(layer, code, param):
    spec = TensorSpec((*(1 if code == "window-too-large" else 9,) * layer.spatial_rank, 6))
    found = finding(layer, spec)
    assert found.code == code
    assert param is None or found.param == param
    for _ in range(2):  # filters and channels may each need a smaller groups
        if found := finding(layer, spec):
            layer = type(layer).from_params(layer.params() | found.fixes[0].edit["params"])
    layer.infer(spec)


def finding(layer: Layer, spec: TensorSpec) -> Diagnostic | None:
    try:
        layer.infer(spec)
    except LayerError as error:
        return error.diagnostics[0]
    return None


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3", [3], [3, 0], [3, 3, 3]])
def test_a_bad_size_of_a_window_is_one_finding(value):
    found = Conv2D.try_from_params({"filters": 2, "kernel_size": value})
    assert [(each.code, each.param) for each in found] == [("param-invalid", "kernel_size")]
    assert found[0].expected == "an integer of at least 1 or a list of 2"


def test_cost_counts_a_multiply_add_per_kernel_value_and_place():
    assert Conv1D(8, 3).cost(TensorSpec((10, 4))) == Cost(3 * 4 * 8 * 8, 8 * 8)
    assert Conv2D(8, 3, groups=2).cost(TensorSpec((6, 5, 4))) == Cost(9 * 2 * 8 * 12, 12 * 8)
    assert Conv1DTranspose(8, 3, 2).cost(TensorSpec((10, 4))) == Cost(3 * 4 * 8 * 10, 21 * 8)
    assert SeparableConv1D(8, 3).cost(TensorSpec((10, 4))) == Cost((12 + 32) * 8, 64 + 32)
    assert Conv1D(8, 3).cost(TensorSpec((DynamicLength("x"), 4))).multiply_adds == 3 * 4 * 8


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        (Conv1D(128, 5), "nn.Conv1d(4, 128, 5)"),
        (Conv1D(8, 5, padding="same"), 'nn.Conv1d(4, 8, 5, padding="same")'),
        (
            Conv1D(8, 5, 2, "same", use_bias=False),
            "nn.Sequential(SamePad((5,), (2,)), nn.Conv1d(4, 8, 5, stride=2, bias=False))",
        ),
        (Conv1D(8, 1, 2), "nn.StridedConv1d(4, 8, 1, stride=2)"),
        (
            Conv1D(8, 3, padding="causal"),
            "nn.Sequential(nn.ZeroPad1d((2, 0)), nn.Conv1d(4, 8, 3))",
        ),
        (
            Conv1DTranspose(8, 3, 2, "same"),
            "nn.Sequential(nn.ConvTranspose1d(4, 8, 3, stride=2), nn.ZeroPad1d((0, -1)))",
        ),
    ],
)
def test_the_written_source_says_no_more_than_needed(layer, source):
    nn = RecordedModules(frozenset({"SamePad"}))
    assert str(layer.build(nn, TensorSpec((10, 4)))) == source
    called = layer.call(
        RecordedExpression("torch"), RecordedExpression("conv"), RecordedExpression("x")
    )
    assert str(called) == "conv(x.mT).mT"
