"""The catalogue under the names that Python code uses: `layers.Dense`, `layers.add`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.core.calling import naming_the_line
from engine.core.diagnostic import Diagnostic, Fix, Refused, did_you_mean
from engine.core.tensor import SymbolicTensor, applied, snake
from engine.layers.base import Layer
from engine.layers.catalogue import kinds
from engine.layers.io import Input as InputLayer

_NO_LAYERS = ("Input", "Output")  # one is a function in Python, the other a model adds itself
_WORDS = {"int64": "int32", "int16": "int32", "float64": "float32", "float16": "float32"}


def names() -> list[str]:
    """Answer every name that `found` knows."""
    return ["Input", *(kind for kind in kinds() if kind not in _NO_LAYERS), *_merges()]


def found(name: str) -> Any:
    """Answer what `engine.layers` has under a name.

    Raises:
        AttributeError: with the nearest name there is.
    """
    if name == "Input":
        return Input
    if name in kinds() and name not in _NO_LAYERS:
        return kinds()[name]
    if name in _merges():
        return _merge(_merges()[name])
    hint = did_you_mean(name, names())
    raise AttributeError(f"there is no layer called {name!r}" + (f"; {hint}" if hint else ""))


def _merges() -> dict[str, type[Layer]]:
    return {snake(kind): cls for kind, cls in kinds().items() if cls.family == "merge"}


def _merge(cls: type[Layer]) -> Callable[..., SymbolicTensor]:
    def merge(inputs: Sequence[SymbolicTensor], *args: Any, **fields: Any) -> SymbolicTensor:
        answer: SymbolicTensor = cls(*args, **fields)(inputs)
        return answer

    merge.__name__ = merge.__qualname__ = snake(cls.kind())
    merge.__doc__ = cls.__doc__
    return merge


def Input(  # noqa: N802 - Keras' spelling
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    dtype: str | None = None,
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
    with naming_the_line():
        if batch_size is not None:
            raise Refused(_batch_size(batch_size))
        fields: dict[str, Any] = {} if shape is None else {"shape": shape}
        if isinstance(shape, int):
            fields["shape"] = (shape,)
        if dtype is not None:
            fields["dtype"] = _dtype(str(getattr(dtype, "name", dtype)))
        layer: Any = InputLayer  # its own arguments, and a name
        answer: SymbolicTensor = applied(layer(name=name, **fields), (), {})
    return answer


def _dtype(word: str) -> str:
    """Answer the kind of number that a dtype of any width means."""
    return _WORDS.get(word, word)


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
