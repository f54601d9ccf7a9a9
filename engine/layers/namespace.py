"""The Python namespace `engine.layers`: layer classes, merge functions such as `add`, Input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.core.diagnostic import diagnostic_error
from engine.core.symbolic.argument_binding import invalid_argument, to_plain_json
from engine.core.symbolic.call_site import unknown_name_error, with_call_site
from engine.core.symbolic.layer_call import call_layer
from engine.core.symbolic.operators import OPERATOR_LAYERS
from engine.core.symbolic.tensor import SymbolicTensor, default_layer_name
from engine.layers.base import Layer
from engine.layers.catalogue import layer_classes
from engine.layers.io import Input as InputLayer
from engine.layers.merge import Add, Multiply, Subtract

_EXCLUDED = ("Input", "Output")  # Input is a function in Python; a model adds its Outputs
_DTYPE_ALIASES = {"int64": "int32", "int16": "int32", "float64": "float32", "float16": "float32"}


def public_names() -> list[str]:
    """Return the names of the layer classes and functions that `lookup` can return."""
    kinds = (kind for kind in layer_classes() if kind not in _EXCLUDED)
    return ["Input", *kinds, *_merge_classes()]


def lookup(name: str) -> Any:
    """Return the attribute of `engine.layers` with this name.

    Raises:
        UnknownNameError: the name is unknown; the error says what to use instead.
    """
    if name == "Input":
        return Input
    if name in layer_classes() and name not in _EXCLUDED:
        return layer_classes()[name]
    if name in _merge_classes():
        return _merge_function(_merge_classes()[name])
    raise unknown_name_error("layers", name, public_names())


def _merge_classes() -> dict[str, type[Layer]]:
    merges = (cls for cls in layer_classes().values() if cls.family == "merge")
    return {default_layer_name(cls.kind()): cls for cls in merges}


def _merge_function(cls: type[Layer]) -> Callable[..., SymbolicTensor]:
    name = default_layer_name(cls.kind())

    def merge(inputs: Sequence[SymbolicTensor] = (), *args: Any, **fields: Any) -> SymbolicTensor:
        if isinstance(inputs, SymbolicTensor):
            raise diagnostic_error(
                "port-takes-many",
                "takes its tensors as one list",
                f"Put them into a list: layers.{name}([a, b]).",
                node=name,
                found="a tensor outside a list",
                expected=f"layers.{name}([a, b])",
            )
        output: SymbolicTensor = cls(*args, **fields)(inputs)
        return output

    merge.__name__ = merge.__qualname__ = name
    merge.__doc__ = cls.__doc__
    return with_call_site(merge)


_OPERATORS: dict[str, type[Layer]] = {"+": Add, "-": Subtract, "*": Multiply}
OPERATOR_LAYERS |= {sign: _merge_function(cls) for sign, cls in _OPERATORS.items()}


@with_call_site
def Input(  # noqa: N802 - Keras' spelling
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> SymbolicTensor:
    """Return a symbolic tensor for an input of the network.

    Args:
        shape: shape of one row, None for a dynamic axis.
        batch_size: must be None, because the batch size is an argument of `fit`.
        dtype: "float32" for float values, "int32" for ids.
        name: name of the input.

    Raises:
        CallSiteError: if a value is invalid.
    """
    if batch_size is not None:
        raise diagnostic_error(
            "param-invalid",
            "the batch size is not fixed here",
            f"Pass it to fit: batch_size={batch_size}.",
            node="Input",
            param="batch_size",
            found=str(batch_size),
            expected="None",
        )
    fields: dict[str, Any] = {}
    if shape is not None:
        fields["shape"] = _row_shape(shape)
    if dtype is not None:
        dtype_name = str(getattr(dtype, "name", None) or getattr(dtype, "__name__", dtype))
        fields["dtype"] = _DTYPE_ALIASES.get(dtype_name, dtype_name)
    layer: Any = InputLayer
    output: SymbolicTensor = call_layer(layer(name=name, **fields), (), {})
    return output


def _row_shape(shape: Any) -> list[int | None]:
    axes = to_plain_json(shape, "shape")
    axes = axes if isinstance(axes, list) else [axes]
    for axis in axes:
        if axis is not None and (not isinstance(axis, int) or isinstance(axis, bool) or axis < 1):
            raise invalid_argument(
                shape,
                "shape",
                "sizes of at least 1, and None where the length may differ, without the batch",
                "For rows of 64 numbers write shape=(64,), for sequences shape=(None,).",
                'Pass a name as a keyword: Input(shape=(64,), name="points").',
                node="Input",
            )
    return axes
