"""Checks of the inputs of layers, and pydantic types for fields that hold axis numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, WithJsonSchema

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec
from engine.layers.support.insert_fixes import sequence_fix

# Axis numbers: 0 is the batch, -1 the last axis.
Axes = int | Annotated[tuple[int, ...], Field(min_length=1)]
_AXIS = {"type": "integer"}
# This schema is older than the type; scripts may read it from `engine layers --json`.
AxisPair = Annotated[
    int | tuple[int, int],
    WithJsonSchema({"anyOf": [_AXIS, {"type": "array", "prefixItems": [_AXIS, _AXIS]}]}),
]


def axis_index(axis: int, x: TensorSpec, param: str, port: str = "x") -> int:
    """Return the index in `x.shape` of the axis number `axis`; 0 is the batch, not in `x.shape`.

    `param`, the field that holds `axis`, and `port`, the port of `x`, are for the error message.

    Raises:
        LayerError: if there is no such axis.
    """
    index = axis - 1 if axis > 0 else x.rank + axis
    valid = f"1 to {x.rank}, or -{x.rank} to -1" if x.rank else "a tensor with at least one axis"
    use_last = set_params_fix(f"Set {param} to -1, the last axis.", **{param: -1})
    require(
        0 <= index < x.rank,
        "bad-axis",
        f"there is no axis {axis}" if axis else "axis 0 is the batch, which can't be used here",
        use_last if x.rank else "Insert a Reshape to [1] before it.",
        param=param,
        port=port,
        found=f"axis {axis} on {x}",
        expected=valid,
    )
    return index


def fixed_size(x: TensorSpec, index: int, message: str, *fixes: Fix | str) -> int:
    """Return `x.shape[index]`, the size of an axis.

    Raises:
        LayerError: with `message` and `fixes`, if the axis is dynamic.
    """
    dim: Dim = x.shape[index]
    require(
        not isinstance(dim, DynamicLength),
        "free-axis",
        message,
        *fixes,
        "Give the Input a fixed length.",
        port="x",
        found=x,
        expected=f"a fixed size on axis {index + 1}",
    )
    assert isinstance(dim, int)
    return dim


def require_float(x: TensorSpec, port: str = "x") -> None:
    """Raise LayerError unless the dtype is float32."""
    require(
        x.dtype == "float32",
        "wrong-dtype",
        "expects float values, got integer ids",
        'Set the Input\'s dtype to "float32", or insert an Embedding after an Input of ids.',
        port=port,
        found=x.dtype,
        expected="float32",
    )


def require_vectors(x: TensorSpec, port: str = "x") -> None:
    """Raise LayerError unless `x` is a sequence of float vectors of a fixed size."""
    where, step = ("", "each step") if port == "x" else (f" as {port}", f"a step of {port}")
    require(
        x.rank == 2,
        "wrong-rank",
        f"needs a sequence of vectors{where}",
        sequence_fix(x, port),
        port=port,
        found=x,
        expected="(batch, steps, features)",
    )
    require(
        not isinstance(x.shape[-1], DynamicLength),
        "free-axis",
        f"needs a fixed number of features in {step}",
        "Give the last axis of the Input a fixed size.",
        port=port,
        found=x,
        expected="a fixed number of features",
    )
    require_float(x, port)


def require_sequence(x: TensorSpec) -> None:
    """Raise LayerError unless the shape is (batch, length, channels)."""
    require(
        x.rank == 2,
        "wrong-rank",
        "needs a sequence",
        sequence_fix(x),
        port="x",
        found=x,
        expected="(batch, length, channels)",
    )
