"""Keras on its torch backend in real float64: `from tests.double import keras`.

On that backend Keras' type promotion turns float64 into float32 (its table says so for every
backend but TensorFlow's), which hides differences below 1e-7. The table gets TensorFlow's entry.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
from keras.src.backend import get_keras_mask
from keras.src.backend.common import dtypes

from engine.core.schema import Schema
from engine.layers.base import Layer
from engine.layers.initializer import Initializer
from engine.layers.regularizer import Regularizer

dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

__all__ = ["WITHOUT_A_TWIN", "call", "floatx", "get_keras_mask", "keras", "twin"]

# Layers that Keras does not have, and why they are here.
WITHOUT_A_TWIN = {
    "Output": "ends a head and holds its loss; in Keras that is said to compile",
    "PeriodicEmbedding": "numbers of tables; compared with NumPy in test_numeric_embeddings.py",
    "PiecewiseLinearEncoding": "as PeriodicEmbedding",
    "FeatureTokenizer": "as PeriodicEmbedding",
}

_CALLED = "use_causal_mask"  # a field here, an argument of the call in Keras


@contextmanager
def floatx(precision: str) -> Iterator[None]:
    """Let Keras make layers, optimizers and metrics in one precision.

    The policy of layers follows floatx only until the first layer was made.
    """
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(precision)
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


def twin(layer: Layer, **more: Any) -> keras.layers.Layer:
    """Return Keras' layer of the same kind, with the same arguments and `more`."""
    fields = {name: _keras(getattr(layer, name)) for name in type(layer).model_fields}
    given = {
        name: value
        for name, value in fields.items()
        if name != _CALLED and (value is not None or name == "merge_mode")
    }
    return getattr(keras.layers, layer.kind())(**given, **more)


def call(theirs: keras.layers.Layer, layer: Layer, tensors: list[Any]) -> Any:
    """Return what Keras' twin of `layer` makes of tensors, one for each port."""
    known = {_CALLED: True} if getattr(layer, _CALLED, False) else {}
    if isinstance(theirs, keras.layers.MultiHeadAttention):
        return theirs(*tensors, **known)
    return theirs(tensors if layer.has_multiple_inputs() else tensors[0], **known)


def _keras(value: Any) -> Any:
    """Return a field's value as Keras takes it."""
    if isinstance(value, Layer):
        return twin(value)
    if isinstance(value, Initializer | Regularizer):
        assert isinstance(value, Schema)
        room = keras.initializers if isinstance(value, Initializer) else keras.regularizers
        return getattr(room, type(value).__name__)(**value.model_dump())
    return value
