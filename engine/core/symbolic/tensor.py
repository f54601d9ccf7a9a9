"""Symbolic tensors: the outputs of layers that are called to define a network.

A tensor refers to the layer call that made it, and a layer call refers to its input tensors.
`Model` follows these references back from its outputs, so layer calls need no global state.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.core.symbolic.operators import OperatorMixin
from engine.core.tensor_spec import TensorSpec

DEFAULT_OUTPUT = ""  # the name of a call's only, or first, output
_call_counter = itertools.count()


@dataclass(eq=False)
class PythonLayerState:
    """The state of a layer that was created in Python, besides its fields.

    Args:
        name: the `name` argument, "" if none was passed.
        input_shape: the shape of one row, for the first layer of a Sequential.
        module: the torch module with the weights, None until it is built; all models that contain
            the layer share this module.
        weight_shapes: the shapes of the weights in `module`.
    """

    name: str = ""
    input_shape: Sequence[int | None] | None = None
    module: Any = None
    weight_shapes: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One call of a layer on symbolic tensors.

    Args:
        layer: the layer; calls of the same object share its weights.
        inputs: the tensor at each input port, by port name; a merging layer has a tuple of tensors
            at its port.
        name: the name of the node, "" for a default name.
        enclosing_models: names of the models that contain the call, outermost first.
        index: a counter that gives the order of calls.
    """

    layer: Any
    inputs: Mapping[str, SymbolicTensor | tuple[SymbolicTensor, ...]]
    name: str = ""
    enclosing_models: tuple[str, ...] = ()
    index: int = field(default_factory=lambda: next(_call_counter))

    def input_tensors(self) -> Iterator[SymbolicTensor]:
        """Yield the input tensors, in the order of the ports."""
        for value in self.inputs.values():
            yield from value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, eq=False, repr=False)
class SymbolicTensor(OperatorMixin):
    """An output of a layer call, with a shape and a dtype but no values. Equal only to itself.

    Args:
        call: the call that made the tensor.
        spec: the shape without the batch axis, and the dtype.
        output: the name of the layer's output, "" for the only or the first one.
    """

    call: LayerCall
    spec: TensorSpec
    output: str = DEFAULT_OUTPUT

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape, with None for the batch axis and for each dynamic axis."""
        return tuple(self.spec.keras_shape())

    @property
    def dtype(self) -> str:
        """The dtype: "float32", "int32" or "bool"."""
        return self.spec.dtype

    @property
    def name(self) -> str:
        """The name: "lstm" for the first output of a layer "lstm", "lstm.state_h" for another."""
        layer_name = display_name(self.call.layer, self.call.name)
        return f"{layer_name}.{self.output}" if self.output else layer_name

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name}, shape={self.shape}, dtype={self.dtype}>"


def default_layer_name(kind: str) -> str:
    """Return Keras' default name for a layer type: "max_pooling1d" for "MaxPooling1D"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W_])(?=[A-Z][a-z])", "_", kind).lower()


def display_name(layer: Any, name: str = "") -> str:
    """Return `name`, else the name that the user gave the layer, else its default name."""
    return name or layer.python_state.name or default_layer_name(layer.kind())
