"""Keras on its torch backend in real float64: `from tests.double import keras`.

On that backend Keras' type promotion turns float64 into float32 (its table says so for every
backend but TensorFlow's), which hides differences below 1e-7. The table gets TensorFlow's entry.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
from keras.src.backend.common import dtypes

dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"

__all__ = ["keras"]
