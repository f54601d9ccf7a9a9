"""Symbolic tensors: what a layer answers when it is called on the tensors of a network to be.

A tensor knows the call that made it, and a call the tensors it was made on. So a model is found by
going back from its outputs, and nothing is written down anywhere while layers are called.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.symbolic.operators import Signed
from engine.core.tensor_spec import TensorSpec

MAIN = ""  # the name of a call's only, or first, output
_numbers = itertools.count()


@dataclass(eq=False)
class Made:
    """What a layer that was made in Python keeps besides its parameters.

    Args:
        name: what the person called it, "" if nothing.
        input_shape: the shape of a row, for the first layer of a Sequential.
        module: the torch module with its weights, once it was built; every model that holds the
            layer computes with this very module.
        shapes: of the weights in it.
    """

    name: str = ""
    input_shape: Sequence[int | None] | None = None
    module: Any = None
    shapes: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Call:
    """One use of a layer.

    Args:
        layer: which; two calls of the very same one share weights.
        inputs: by port, the tensor or the tensors that it was called on.
        name: what its node is to be called, "" for a name after its kind.
        within: names of the models that it was called as a part of, outermost first.
        number: calls were made in this order.
    """

    layer: Any
    inputs: Mapping[str, SymbolicTensor | tuple[SymbolicTensor, ...]]
    name: str = ""
    within: tuple[str, ...] = ()
    number: int = field(default_factory=lambda: next(_numbers))

    def tensors(self) -> Iterator[SymbolicTensor]:
        """Yield the tensors it was called on, in the order of its ports."""
        for wired in self.inputs.values():
            yield from wired if isinstance(wired, tuple) else (wired,)


@dataclass(frozen=True, eq=False, repr=False)
class SymbolicTensor(Signed):
    """What comes out of a layer, before there is any data. Equal only to itself.

    Args:
        call: what made it.
        spec: its shape without the batch, and its dtype.
        output: which of the layer's outputs, "" for the only or the first one.
    """

    call: Call
    spec: TensorSpec
    output: str = MAIN

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape, None for the batch and for each free axis."""
        return tuple(self.spec.plain())

    @property
    def dtype(self) -> str:
        """The kind of number: "float32", "int32" or "bool"."""
        return self.spec.dtype

    @property
    def name(self) -> str:
        """What the layer that made it is called."""
        own = title(self.call.layer, self.call.name)
        return f"{own}.{self.output}" if self.output else own

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name}, shape={self.shape}, dtype={self.dtype}>"


def snake(kind: str) -> str:
    """Return a kind as Keras spells names of layers: "global_max_pooling1d"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W_])(?=[A-Z][a-z])", "_", kind).lower()


def title(layer: Any, name: str = "") -> str:
    """Return what a layer goes by before its model gives it a name."""
    return name or layer.made.name or snake(layer.kind())
