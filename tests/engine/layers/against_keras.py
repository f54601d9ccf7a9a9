"""Runs one of our layers and one of Keras' with the same weights, and compares all they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from tests.double import keras


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


def spec_of(array: np.ndarray, mask: bool = False) -> TensorSpec:
    """Return the spec of an array whose axis 0 is the batch."""
    dtype = "int32" if np.issubdtype(array.dtype, np.integer) else "float32"
    return TensorSpec(tuple(array.shape[1:]), dtype, mask)


def tensor(array: np.ndarray, grad: bool = True) -> torch.Tensor:
    """Return an array as a float64 leaf (ids stay whole numbers)."""
    if np.issubdtype(array.dtype, np.integer) or array.dtype == bool:
        return torch.from_numpy(array)
    return torch.tensor(array, dtype=torch.float64, requires_grad=grad)


def agree(
    layer: Layer,
    theirs: keras.layers.Layer,
    *arrays: np.ndarray,
    mask: Any = None,
    keras_mask: Mapping[str, Any] | None = None,
    training: bool = False,
    rtol: float = 1e-9,
    seed: int = 0,
) -> tuple[list[np.ndarray], Ours]:
    """Assert that shapes, weights, outputs, input gradients and weight gradients are equal.

    Args:
        layer, theirs: ours and Keras', the latter built with dtype="float64".
        arrays: one per port, batch axis first.
        mask: handed to our `call` (a torch bool tensor, or a tuple of them for several ports).
        keras_mask: keyword arguments of Keras' call that carry the same mask.
        training: run both in training mode.
    """
    ours = Ours(layer, *(spec_of(array) for array in arrays))
    inputs, twins = [tensor(a) for a in arrays], [tensor(a) for a in arrays]
    known = dict(keras_mask or {})
    fed = twins[0] if len(twins) == 1 else twins
    theirs(fed, **known)  # builds it
    random = np.random.default_rng(seed)
    shapes = [tuple(w.shape) for w in theirs.weights if "seed" not in w.path]
    assert [w.shape for w in ours.weights] == shapes
    values = [np.asarray(random.uniform(0.1, 1.0, shape) * 0.5) for shape in shapes]
    if values:
        for variable, value in zip(
            [w for w in theirs.weights if "seed" not in w.path], values, strict=True
        ):
            with torch.no_grad():  # assign() would pass by way of float32
                variable.value.copy_(torch.from_numpy(value))
        ours.set_weights(values)
    if ours.module is not None:
        ours.module.train(training)
    accepts = "training" in getattr(theirs, "_call_signature", theirs._call_signature).parameters
    expected = theirs(fed, **({"training": training} if accepts else {}), **known)
    actual = ours(*inputs, mask=mask)
    outs = list(actual.values()) if isinstance(actual, Mapping) else [actual]
    wanted = list(expected) if isinstance(expected, (list, tuple)) else [expected]
    for got, want in zip(outs, wanted, strict=True):
        assert tuple(got.shape) == tuple(want.shape)
        np.testing.assert_allclose(got.detach(), want.detach(), rtol=rtol, atol=rtol)
    _same_gradients(ours, theirs, inputs, twins, outs, wanted, rtol)
    return [out.detach().numpy() for out in outs], ours


def _same_gradients(ours, theirs, inputs, twins, outs, wanted, rtol):
    random = np.random.default_rng(1)
    pulls = [torch.from_numpy(random.normal(size=tuple(out.shape))) for out in outs]
    pairs = [(ours.module.parameters() if ours.module else (), inputs, outs), ((), twins, wanted)]
    for _, _, results in pairs:
        total = sum((out * pull).sum() for out, pull in zip(results, pulls, strict=True))
        if total.requires_grad:
            total.backward()
    for x, twin in zip(inputs, twins, strict=True):
        if x.is_floating_point() and twin.grad is not None:
            np.testing.assert_allclose(x.grad, twin.grad, rtol=rtol, atol=rtol)
    if ours.module is None:
        return
    grads = {n: p.grad for n, p in module_tensors(ours.module).items() if p.grad is not None}
    trainable = [w for w in ours.weights if w.trainable]
    for weight, variable in zip(trainable, theirs.trainable_weights, strict=True):
        if all(layout.param in grads for layout in weight.layouts):
            mine = to_keras_layout(weight, grads)
            np.testing.assert_allclose(
                mine, variable.value.grad, rtol=rtol, atol=rtol, err_msg=weight.name
            )
