"""One of our layers by itself, and one in a network of ours beside its twin in Keras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from engine.core.tensor_spec import TensorSpec
from engine.layers.activation import apply_activation
from engine.layers.base import Layer
from engine.runtime.model.keras_weight_layout import (
    get_weight,
    module_tensors,
    set_weight,
    to_keras_layout,
)
from engine.runtime.model.nn_namespace import NN_NAMESPACE
from tests.double import call, get_keras_mask, keras, twin
from tests.engine.layers.around import build, inputs_for
from tests.engine.layers.departures import SYMBOLIC, departures

CLOSE = 1e-9
MOST = 1e6  # what is larger in Keras, or no number, has run away and judges nothing
# Nothing but chance depends on these.
CHANCES = ("rate", "dropout", "recurrent_dropout", "stddev")
# What they do by chance is compared in test_augment.py, with equal draws.
RANDOM = ("RandomFlip", "RandomTranslation", "RandomRotation", "RandomZoom", "RandomContrast")


class Ours:
    """One of our layers, built on float64 torch, for inputs of the given specs."""

    def __init__(self, layer: Layer, *specs: TensorSpec) -> None:
        self.layer = layer
        self.specs = specs
        self.weights = layer.weights(*specs)
        self.module = None if layer.build is None else layer.build(NN_NAMESPACE, *specs).double()

    def set_weights(self, values: Sequence[np.ndarray]) -> None:
        """Take weights in Keras' layout and order."""
        assert len(values) == len(self.weights), [weight.name for weight in self.weights]
        for weight, value in zip(self.weights, values, strict=True):
            set_weight(self.module, weight, np.asarray(value, dtype=np.float64))

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights in Keras' layout and order."""
        return [get_weight(self.module, weight) for weight in self.weights]

    def __call__(self, *inputs: Any, mask: Any = None) -> Any:
        """Return what comes out, the outgoing activation applied, as the plan would do."""
        known = {"mask": mask} if self.layer.mask_rule == "use" else {}
        module = () if self.module is None else (self.module,)
        out = self.layer.call(torch, *module, *inputs, **known)
        return (
            out
            if isinstance(out, Mapping)
            else apply_activation(torch, self.layer.output_activation(), out)
        )


def by_chance(layer: Layer) -> bool:
    """Return whether the layer does something else each time it is trained."""
    if layer.kind() in RANDOM:
        return True
    inner = [getattr(layer, name, None) for name in ("layer", "backward_layer")]
    return any(getattr(each, name, 0) for each in (layer, *inner) for name in CHANCES)


class Pair:
    """One layer in a network of ours, and its twin in a model of Keras', with equal weights."""

    def __init__(self, layer: Layer, specs: tuple[TensorSpec, ...]) -> None:
        self.layer, self.specs = layer, specs
        self.project, self.ours = build(layer, specs)
        self.theirs, self.twin = keras_model(layer, specs)
        self.variables = [v for v in self.twin.weights if "seed" not in v.path]
        self.weights = layer.weights(*specs)
        if SYMBOLIC not in departures(layer, specs):
            inferred = layer.infer(*specs)
            own = [inferred] if isinstance(inferred, TensorSpec) else list(inferred.values())
            shapes = [list(out.shape) for out in self.theirs.outputs]
            assert [spec.keras_shape() for spec in own] == shapes, (layer, specs)
        rng = np.random.default_rng(5)
        values = self.ours.get_weights()
        for weight, variable in zip(self.weights, self.variables, strict=True):
            assert weight.name.rpartition("/")[2] == variable.name
            assert weight.shape == tuple(variable.shape)
            value = np.asarray(rng.uniform(0.05, 0.5, weight.shape))
            values[f"subject/{weight.name}"] = value
            with torch.no_grad():  # assign() would pass by way of float32
                variable.value.copy_(torch.from_numpy(value))
        self.ours.set_weights(values)

    def __repr__(self) -> str:
        return f"{self.layer!r} on {self.specs}"

    def agree(self) -> None:
        """Assert that outputs, masks, penalties, gradients and moving statistics are equal."""
        self._agree(training=False)
        if not by_chance(self.layer):
            self._agree(training=True)
            for (name, own), other in zip(self._own(), self.variables, strict=True):
                self.close(own, other.value, name)

    def _own(self) -> Iterator[tuple[str, Any]]:
        values = self.ours.get_weights()
        return ((w.name, torch.from_numpy(values[f"subject/{w.name}"])) for w in self.weights)

    def _agree(self, training: bool) -> None:
        inputs, twins = (inputs_for(self.layer, self.specs) for _ in range(2))
        fed = [[side[f"x{at}"] for at in range(len(self.specs))] for side in (inputs, twins)]
        for tensor in (*fed[0], *fed[1]):
            tensor.requires_grad_(tensor.is_floating_point())
        for parameter in (*self.ours.parameters(), *(v.value for v in self.variables)):
            parameter.grad = None
        self.ours.train(training)
        raw = self.ours.forward_output(inputs)
        outs = self.ours.apply_activations(raw)
        del outs["trained"]
        expected = self.theirs(fed[1], training=training)
        expected = [*expected] if isinstance(expected, list | tuple) else [expected]
        for (name, out), other in zip(outs.items(), expected, strict=True):
            self.close(out, other, name)
            mask, mask_of_keras = raw.masks.get(name), get_keras_mask(other)
            assert (mask is None) == (mask_of_keras is None), (self, name)
            if mask is not None:
                assert torch.equal(mask.bool(), mask_of_keras.bool()), (self, name)
        penalties = [*self.ours.penalties().values(), *raw.penalties.values()]
        ours, theirs = sum(penalties), sum(self.theirs.losses)
        self.close(torch.as_tensor(ours), torch.as_tensor(theirs), "penalties")
        pulled(list(outs.values()), ours)
        pulled(expected, theirs)
        for own, other in zip(*fed, strict=True):
            self.same_gradient(own.grad, other.grad, "input")
        self._same_gradients_of_weights()

    def _same_gradients_of_weights(self) -> None:
        tensors = module_tensors(self.ours.get_submodule("subject")) if self.weights else {}
        grads = {name: tensor.grad for name, tensor in tensors.items()}
        for weight, variable in zip(self.weights, self.variables, strict=True):
            own = [grads.get(layout.param) for layout in weight.layouts]
            if any(grad is None for grad in own):
                self.same_gradient(None, variable.value.grad, weight.name)
            else:
                mine = torch.from_numpy(to_keras_layout(weight, grads))
                self.same_gradient(mine, variable.value.grad, weight.name)

    def same_gradient(self, own: Any, other: Any, what: str) -> None:
        """Assert that gradients are equal; none at all is as good as zeros."""
        some = own if own is not None else other
        if some is not None:
            zeros = torch.zeros_like(some)
            self.close(zeros if own is None else own, zeros if other is None else other, what)

    def close(self, own: Any, other: Any, what: str) -> None:
        """Assert that two tensors are equal, relative to the largest value in them."""
        own, other = own.detach().double().numpy(), other.detach().double().numpy()
        if not np.abs(other).max(initial=0.0) < MOST:
            return
        least = CLOSE * max(np.abs(other).max(initial=0.0), 1e-3)
        np.testing.assert_allclose(own, other, rtol=CLOSE, atol=least, err_msg=f"{self}: {what}")


def keras_model(layer: Layer, specs: tuple[TensorSpec, ...]) -> tuple[keras.Model, Any]:
    """Return Keras' network around the twin of a layer, and the twin."""
    inputs, fed = [], []
    for spec in specs:
        shape = [dim if isinstance(dim, int) else None for dim in spec.shape]
        x = keras.Input(shape, dtype="int32" if spec.dtype == "int32" else "float64")
        inputs.append(x)
        fed.append(keras.layers.Masking()(x) if spec.mask else x)
    theirs = twin(layer)
    outs = call(theirs, layer, fed)
    return keras.Model(inputs, list(outs) if isinstance(outs, list | tuple) else outs), theirs


def pulled(outs: list[Any], penalties: Any) -> None:
    """Let gradients flow from every output, each value pulling with another strength."""
    rng = np.random.default_rng(1)
    pulls = [torch.from_numpy(rng.normal(size=tuple(out.shape))) for out in outs]
    total = sum((out * pull).sum() for out, pull in zip(outs, pulls, strict=True)) + penalties
    if total.requires_grad:
        total.backward()
