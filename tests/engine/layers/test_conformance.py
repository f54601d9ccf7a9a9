"""Every layer keeps every promise. A new layer is tested on the day it is written.

The layers are found by looking, none is named in the tests below; only the list of kinds that
must be there names them.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

import numpy as np
import pytest
import torch

from engine.check.report import check
from engine.compile.torch_source import torch_source
from engine.core.diagnostic import LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers import catalogue
from engine.layers.base import Layer
from tests.engine.layers.arguments import draw_layers, draw_params
from tests.engine.layers.around import LENGTH, build, inputs_for
from tests.tiers import cases, noted

PROMISED = """
Input Output Dense Embedding LSTM GRU SimpleRNN Bidirectional Conv1D Conv2D SeparableConv1D
Conv1DTranspose Conv2DTranspose MaxPooling1D MaxPooling2D AveragePooling1D AveragePooling2D
GlobalMaxPooling1D GlobalMaxPooling2D GlobalAveragePooling1D GlobalAveragePooling2D Concatenate Add
Subtract Multiply Average Maximum Minimum Dot BatchNormalization LayerNormalization Activation
LeakyReLU PReLU Dropout SpatialDropout1D GaussianNoise Flatten Reshape Permute RepeatVector
ZeroPadding1D Cropping1D UpSampling1D Masking MultiHeadAttention Attention RandomFlip
RandomTranslation RandomRotation RandomZoom RandomContrast
""".split()
KINDS = dict(catalogue.layer_classes())
WORKING = sorted(KINDS.keys() - {"Input", "Output"})
TRIES = cases(2, 20)

every_family = pytest.mark.parametrize("family", sorted({KINDS[kind].family for kind in WORKING}))


def test_every_promised_kind_is_there():
    assert set(PROMISED) <= set(KINDS)


def test_a_newly_drawn_layer_starts_with_parameters_that_it_can_work_with():
    for kind in sorted(KINDS):
        with noted(kind):
            assert isinstance(catalogue.parse_layer(kind, KINDS[kind].initial_params), Layer)


def drawn(kind: str):
    return draw_layers(KINDS[kind], TRIES)


def drawn_of(family: str):
    """Yield random layers of all kinds of a family."""
    for kind in WORKING:
        if KINDS[kind].family == family:
            yield from drawn(kind)


def test_it_explains_itself():
    for kind in sorted(KINDS):
        with noted(kind):
            check_explanation(kind)


def check_explanation(kind):
    cls = KINDS[kind]
    first, *rest = (cls.__doc__ or "").strip().split("\n", 1)
    assert re.fullmatch(r"[A-Z12][^\n]*[^.]\.", first), "one sentence in the first line"
    assert len(first) <= 100
    assert "Shapes:" in rest[0]
    assert "Source:" in rest[0]
    for name, field in cls.model_fields.items():
        assert field.description, f"{kind}.{name} has no description"
        assert field.description.endswith("."), f"{kind}.{name}: a description is a sentence"


def test_random_parameters_survive_json():
    for kind in WORKING:
        with noted(kind):
            for layer, _ in drawn(kind):
                again = KINDS[kind].from_params(json.loads(json.dumps(layer.params())))
                assert again == layer
                assert again.params() == layer.params()


@every_family
def test_inferred_shapes_are_torchs_and_gradients_are_finite(family):
    for layer, specs in drawn_of(family):
        project, network = build(layer, specs)
        report = check(project, available=2**40)
        answers = network(inputs_for(layer, specs))
        for name, answer in answers.items():
            spec = report.shapes.inputs[name][0]
            expected = [
                d.size_for(LENGTH) if isinstance(d, DynamicLength) else d for d in spec.shape
            ]
            assert list(answer.shape) == [4, *expected], (layer, specs)
        total = sum(answer.double().pow(2).sum() for answer in answers.values())
        if total.requires_grad:
            total.backward()
        for name, parameter in network.named_parameters():
            if parameter.grad is not None:
                assert torch.isfinite(parameter.grad).all(), (layer, name)


# What moves values about and leaves them as they are, or sums and compares them as they are.
TAKES_IDS = """
Embedding Concatenate Add Subtract Multiply Maximum Minimum Flatten Reshape Permute RepeatVector
ZeroPadding1D Cropping1D UpSampling1D Masking
""".split()


def test_ids_are_refused_by_all_that_calculates():
    """As ids are no measurements; what takes them hands ids on, but for the Embedding."""
    for kind in WORKING:
        with noted(kind):
            check_ids(kind)


def check_ids(kind):
    rng = random.Random(kind)
    taken, codes = set(), set()
    for shape in [(6,), (5, 2), (5, 4, 2)] * cases(6, 40):
        layer = KINDS[kind].try_from_params(draw_params(KINDS[kind], rng))
        ports = KINDS[kind].ports()
        try:
            specs = [TensorSpec(shape, "int32")] * (2 if ports[0].many else len(ports))
            taken.add("" if isinstance(layer, list) else layer.infer(*specs).dtype)
        except LayerError as error:
            codes |= {found.code for found in error.diagnostics}
    wanted = set() if kind not in TAKES_IDS else {"float32" if kind == "Embedding" else "int32"}
    assert taken - {""} == wanted
    assert ("wrong-dtype" in codes) == (kind not in TAKES_IDS)


@every_family
def test_weights_tell_every_parameter_of_the_module(family):
    for layer, specs in drawn_of(family):
        _, network = build(layer, specs)
        told = sum(w.size for _, _, ws in network.plan.weights() for w in ws if w.trainable)
        assert told == sum(parameter.numel() for parameter in network.parameters())
        weights = network.get_weights()
        network.set_weights({name: value + 1 for name, value in weights.items()})
        for name, value in network.get_weights().items():
            np.testing.assert_array_equal(value, weights[name] + 1)


@every_family
def test_the_written_source_computes_the_same_bits(family):
    for layer, specs in drawn_of(family):
        _, network = build(layer, specs)
        space: dict[str, Any] = {}
        exec(torch_source(network.plan, "Twin"), space)
        twin = space["Twin"]().double()
        twin.load_state_dict(network.state_dict())
        inputs = inputs_for(layer, specs)
        network.eval(), twin.eval()
        ours, theirs = network(inputs), twin(**inputs)
        assert ours.keys() == theirs.keys()
        for name in ours:
            same = torch.equal(ours[name].nan_to_num(7), theirs[name].nan_to_num(7))
            assert same, (layer, specs)
