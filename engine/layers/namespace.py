"""The catalogue under the names that Python code uses: `layers.Dense`, `layers.add`, `a + b`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.symbolic.argument_binding import to_plain_json
from engine.core.symbolic.call_site import unknown_name_error, with_call_site
from engine.core.symbolic.layer_call import call_layer
from engine.core.symbolic.operators import OPERATOR_LAYERS
from engine.core.symbolic.tensor import SymbolicTensor, default_layer_name
from engine.layers.base import Layer
from engine.layers.catalogue import kinds
from engine.layers.io import Input as InputLayer
from engine.layers.merge import Add, Multiply, Subtract

_NO_LAYERS = ("Input", "Output")  # one is a function in Python, the other a model adds itself
_WORDS = {"int64": "int32", "int16": "int32", "float64": "float32", "float16": "float32"}


def names() -> list[str]:
    """Return every name that `found` knows."""
    return ["Input", *(kind for kind in kinds() if kind not in _NO_LAYERS), *_merges()]


def found(name: str) -> Any:
    """Return what `engine.layers` has under a name.

    Raises:
        NoSuchName: with what to write instead.
    """
    if name == "Input":
        return Input
    if name in kinds() and name not in _NO_LAYERS:
        return kinds()[name]
    if name in _merges():
        return _merge(_merges()[name])
    raise unknown_name_error("layers", name, names())


def _merges() -> dict[str, type[Layer]]:
    return {default_layer_name(kind): cls for kind, cls in kinds().items() if cls.family == "merge"}


def _merge(cls: type[Layer]) -> Callable[..., SymbolicTensor]:
    name = default_layer_name(cls.kind())

    def merge(inputs: Sequence[SymbolicTensor] = (), *args: Any, **fields: Any) -> SymbolicTensor:
        if isinstance(inputs, SymbolicTensor):
            raise DiagnosticError(_unlisted(name))
        answer: SymbolicTensor = cls(*args, **fields)(inputs)
        return answer

    merge.__name__ = merge.__qualname__ = name
    merge.__doc__ = cls.__doc__
    return with_call_site(merge)


OPERATOR_LAYERS |= {"+": _merge(Add), "-": _merge(Subtract), "*": _merge(Multiply)}


@with_call_site
def Input(  # noqa: N802 - Keras' spelling
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> SymbolicTensor:
    """Begin a network: a symbolic tensor that one column of the data is fed into.

    Args:
        shape: of one row, None where the length may differ.
        batch_size: left at None; how many rows come at once is said to `fit`.
        dtype: "float32" for measurements, "int32" for ids.
        name: what the column is fed by.

    Raises:
        RefusedAt: if a value does not fit.
    """
    if batch_size is not None:
        raise DiagnosticError(_batch_size(batch_size))
    fields: dict[str, Any] = {}
    if shape is not None:
        fields["shape"] = _shape(shape)
    if dtype is not None:
        word = str(getattr(dtype, "name", None) or getattr(dtype, "__name__", dtype))
        fields["dtype"] = _WORDS.get(word, word)
    layer: Any = InputLayer  # its own arguments, and a name
    answer: SymbolicTensor = call_layer(layer(name=name, **fields), (), {})
    return answer


def _shape(shape: Any) -> list[int | None]:
    """Return the shape of a row as a list; a single size stands for one axis.

    Raises:
        Refused: an axis is neither a size nor None.
    """
    axes = to_plain_json(shape, "shape")
    axes = axes if isinstance(axes, list) else [axes]
    for axis in axes:
        if axis is not None and (not isinstance(axis, int) or isinstance(axis, bool) or axis < 1):
            raise DiagnosticError(_no_shape(shape))
    return axes


def _no_shape(shape: object) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        f'"shape" can\'t be {shape!r:.60}',
        node="Input",
        param="shape",
        found=f"{shape!r:.60}",
        expected="sizes of at least 1, and None where the length may differ, without the batch",
        fixes=(
            Fix("For rows of 64 numbers write shape=(64,), for sequences shape=(None,)."),
            Fix('A name is given by name: Input(shape=(64,), name="points").'),
        ),
    )


def _unlisted(name: str) -> Diagnostic:
    return Diagnostic(
        "port-takes-many",
        "takes its tensors as one list",
        node=name,
        found="a tensor outside a list",
        expected=f"layers.{name}([a, b])",
        fixes=(Fix(f"Put them into a list: layers.{name}([a, b])."),),
    )


def _batch_size(size: int) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        "a batch has no fixed size here",
        node="Input",
        param="batch_size",
        found=str(size),
        expected="None",
        fixes=(Fix(f"Say it to fit: batch_size={size}."),),
    )
