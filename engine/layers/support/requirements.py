"""What layers ask of the tensors wired to them, asked and refused in the same words everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.core.diagnostic import Fix, require, set_params_fix
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec
from engine.layers.support.insert_fixes import a_sequence

Axes = int | tuple[int, ...]


def _read(count: int | None) -> Callable[[object], Axes]:
    """Return a validator that, unlike a union of types, finds one mistake where there is one."""

    def read(value: object) -> Axes:
        axes = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        if not axes or not all(type(axis) is int for axis in axes):
            raise PydanticCustomError("axes", "Use the number of an axis, or a list of them")
        if isinstance(value, (list, tuple)) and count not in (None, len(axes)):
            raise PydanticCustomError("axes", f"Use the number of an axis, or a list of {count}")
        return axes if isinstance(value, (list, tuple)) else axes[0]

    return read


def _plain(axes: Axes) -> int | list[int]:
    return axes if isinstance(axes, int) else list(axes)


_ONE = {"type": "integer"}
_AS_JSON = PlainSerializer(_plain, when_used="json")  # pydantic warns of lists in such a union

# Numbers of axes: 0 is the batch, -1 the last.
AxesField = Annotated[
    Axes,
    PlainValidator(_read(None)),
    _AS_JSON,
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]}),
]
AxisPairField = Annotated[
    Axes,
    PlainValidator(_read(2)),
    _AS_JSON,
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "prefixItems": [_ONE, _ONE]}]}),
]


def place_of(axis: int, x: TensorSpec, param: str, port: str = "x") -> int:
    """Return where in `x.shape` an axis stands that a person counted with the batch as 0.

    Raises:
        LayerError: if there is no such axis.
    """
    place = axis - 1 if axis > 0 else x.rank + axis
    known = f"1 to {x.rank}, or -{x.rank} to -1" if x.rank else "a tensor with at least one axis"
    last = set_params_fix(f"Set {param} to -1, the last axis.", **{param: -1})
    require(
        0 <= place < x.rank,
        "bad-axis",
        f"there is no axis {axis}" if axis else "axis 0 is the batch, whose rows are kept apart",
        last if x.rank else "Put a Reshape to [1] in front.",
        param=param,
        port=port,
        found=f"axis {axis} on {x}",
        expected=known,
    )
    return place


def fixed_size(x: TensorSpec, place: int, message: str, *fixes: Fix | str) -> int:
    """Return the size of an axis.

    Raises:
        LayerError: with `message`, if the axis is free.
    """
    dim: Dim = x.shape[place]
    require(
        not isinstance(dim, DynamicLength),
        "free-axis",
        message,
        *fixes,
        "Give the Input a fixed length.",
        port="x",
        found=x,
        expected=f"a fixed size on axis {place + 1}",
    )
    assert isinstance(dim, int)
    return dim


def require_measurements(x: TensorSpec, port: str = "x") -> None:
    """Refuse all but real numbers."""
    require(
        x.dtype == "float32",
        "wrong-dtype",
        "needs measurements, and ids are none",
        'Set the Input\'s dtype to "float32", or put an Embedding in front of ids.',
        port=port,
        found=x.dtype,
        expected="float32",
    )


def require_sequence(x: TensorSpec) -> None:
    """Refuse all but (batch, length, channels)."""
    require(
        x.rank == 2,
        "wrong-rank",
        "needs a sequence",
        a_sequence(x),
        port="x",
        found=x,
        expected="(batch, length, channels)",
    )
