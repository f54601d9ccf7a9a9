"""What every layer is: frozen parameters, a shape rule, weights, and two lines of torch."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import prod
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from engine.core.schema import Schema
from engine.core.symbolic.argument_binding import build_from_arguments, require_name
from engine.core.symbolic.call_site import (
    UnknownNameError,
    call_site,
    call_site_errors,
    unknown_name_error,
)
from engine.core.symbolic.keras_hints import name_hint, read_only_attribute
from engine.core.symbolic.layer_call import call_layer
from engine.core.symbolic.tensor import PythonLayerState, display_name
from engine.core.tensor_spec import TensorSpec
from engine.layers.initializer import Initializer

# What build and call are handed: torch at run time, a recorder while source is written.
Torch = Any
Nn = Any
Module = Any
Tensor = Any
_MADE = "_made"  # its key beside the fields, where pydantic does not look
MaskRule = Literal["pass", "use", "drop"]
Specs = TensorSpec | Mapping[str, TensorSpec]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a weight in Keras' layout stands in the torch module.

    Args:
        param: dotted name of the torch parameter or buffer, as in `state_dict()`.
        axes: `keras.transpose(axes)` gives torch's order of axes.
        blocks: order of the equal blocks along torch's axis 0 (a GRU's gates), () if unchanged.
        row: take only this index of Keras' axis 0 first (a GRU's two biases), None for all.

    Last of all the values are reshaped to the torch parameter's shape.
    """

    param: str
    axes: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """One array that a layer owns, named and laid out as in Keras.

    Args:
        name: Keras' name, such as "kernel" or "forward_lstm/recurrent_kernel".
        shape: Keras' shape.
        initializer: how it starts.
        layouts: where it goes in torch; several if torch splits it.
        trainable: False for running statistics.
        regularizer: a penalty on it, added to the total as a term of its own.
    """

    name: str
    shape: tuple[int, ...]
    initializer: Initializer
    layouts: tuple[Layout, ...]
    trainable: bool = True
    regularizer: Any = None

    @property
    def size(self) -> int:
        """Number of values."""
        return prod(self.shape)


Weights = tuple[Weight, ...]


@dataclass(frozen=True, slots=True)
class Port:
    """One place on a node where a wire may end.

    Args:
        name: an argument of `infer`.
        many: takes any number of wires, in order.
        optional: may stay unwired; the layer's methods are then handed None.
    """

    name: str
    many: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What one row costs in a forward pass.

    Units: multiply-adds; numbers kept for the backward pass.
    """

    multiply_adds: int = 0
    activations: int = 0


def _no_weights(layer: Layer, *specs: TensorSpec) -> Weights:
    """Return the arrays this layer owns when fed with `specs`."""
    return ()


def _passes_mask(layer: Layer, *specs: TensorSpec) -> bool:
    """Return whether what comes out carries a mask."""
    return layer.mask_rule == "pass" and any(spec.mask for spec in specs)


def _first_mask(
    layer: Layer, torch: Torch, *inputs: Tensor, masks: tuple[Tensor | None, ...]
) -> Tensor:
    """Return the mask of what comes out, (batch, steps), True where a step counts.

    Called only where `masks()` is true; `masks` holds one entry per input, None if unmasked.
    """
    return next(mask for mask in masks if mask is not None)


def _activities(layer: Layer) -> Mapping[str, Any]:
    """Return penalties on outputs by the part of the module that they come from, "" for the whole.

    Values are regularisers; a part is a dotted name, as in `named_modules()`.
    """
    penalty = getattr(layer, "activity_regularizer", None)
    return {} if penalty is None else {"": penalty}


def _usual_cost(layer: Layer, *specs: TensorSpec) -> Cost:
    """Return what one row costs: one multiply-add per weight, and every value that comes out."""
    kernels = sum(w.size for w in layer.weights(*specs) if len(w.shape) > 1)
    return Cost(multiply_adds=kernels, activations=values_in(layer.infer(*specs)))


class Layer(Schema):
    """Base of all layers. A subclass is everything that the program knows of its kind.

    A subclass declares its fields and these methods, all but `infer` and `call` as far as needed:

    infer(self, x) -> TensorSpec: the shape rule. Its arguments are the input ports: `x`; `a, b`;
        or `*xs` for as many as are wired. One with a default (`key=None`) may stay unwired.
        Raises LayerError (through `require`). A layer with several outputs answers a mapping of
        output names, the main one first.
    weights(self, x) -> Weights: the arrays it owns, in Keras' names and layout.
    build(self, nn, x) -> Module: made of `nn`, which is torch.nn plus engine/runtime/nn_extras/.
    call(self, torch, module, x) -> Tensor: one line of torch. `module` is there if `build` is.
        With `mask_rule` "use" it also takes the keyword `mask`: the mask of `x` or None; with
        several ports the tuple of their masks. The `activation` field is left to the plan.
    masks(self, x) -> bool, mask_of(self, torch, x, masks=...): see `_passes_mask`, `_first_mask`.
    cost(self, x) -> Cost: of one row; free axes have been given a length.
    activities(self): see `_activities`.

    starts: parameters that a newly drawn node is given, above all those that have no default.
    mask_rule: "pass" carries a mask on, "use" reads it in `call`, "drop" loses it (a warning).
    """

    family: ClassVar[str] = ""
    words: ClassVar[tuple[str, ...]] = ()
    mask_rule: ClassVar[MaskRule] = "drop"
    starts: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    infer: ClassVar[Callable[..., Specs]]
    build: ClassVar[Callable[..., Module] | None] = None
    call: ClassVar[Callable[..., Any]]
    weights: ClassVar[Callable[..., Weights]] = _no_weights
    masks: ClassVar[Callable[..., bool]] = _passes_mask
    mask_of: ClassVar[Callable[..., Tensor]] = _first_mask
    cost: ClassVar[Callable[..., Cost]] = _usual_cost
    activities: ClassVar[Callable[..., Mapping[str, Any]]] = _activities

    def __init__(
        self,
        *args: Any,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        **fields: Any,
    ) -> None:
        """Take parameters as Keras does, by position in its order or by name.

        Args:
            args, fields: the parameters.
            name: what to call its node.
            input_shape: the shape of a row, for the first layer of a Sequential; Keras' input_dim
                is understood too.

        Raises:
            RefusedAt: with a finding for each value that does not fit.
        """
        if "input_dim" in fields and "input_dim" not in type(self).model_fields:
            input_shape = (fields.pop("input_dim"),)
        with call_site_errors():
            display_name = require_name(name)
            read = build_from_arguments(type(self), args, fields)
        for slot in ("__dict__", "__pydantic_fields_set__"):
            object.__setattr__(self, slot, getattr(read, slot))
        object.__setattr__(self, "__pydantic_extra__", None)
        object.__setattr__(self, "__pydantic_private__", None)
        vars(self)[_MADE] = PythonLayerState(display_name, input_shape)

    # As for Schema: a layer that is read from a file does not come this way.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def made(self) -> PythonLayerState:
        """What it keeps besides its parameters; a layer of a file begins with nothing."""
        kept: PythonLayerState = vars(self).setdefault(_MADE, PythonLayerState())
        return kept

    @property
    def name(self) -> str:
        """What it was called, or what its kind is called by; a model may add a number."""
        return display_name(self)

    def __getattr__(self, name: str) -> Any:
        if name_hint(name):
            raise unknown_name_error(f"a {self.kind()}", name, type(self).model_fields)
        return super().__getattr__(name)  # type: ignore[misc]  # pydantic hides it from checkers

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise UnknownNameError(call_site(), read_only_attribute(f"a {self.kind()}", name))
        super().__setattr__(name, value)

    def __call__(self, *tensors: Any, name: str = "", **ports: Any) -> Any:
        """Return what comes out of this layer, called on symbolic tensors.

        Args:
            tensors: one for each port in order, or one list of them.
            name: what to call the node of this use; a shared layer has several.
            ports: tensors by port.
        """
        return call_layer(self, tensors, ports, name)

    @classmethod
    @cache
    def ports(cls) -> tuple[Port, ...]:
        """Return the input ports, read from the arguments of `infer`."""
        arguments = list(inspect.signature(cls.infer).parameters.values())[1:]
        return tuple(
            Port(arg.name, arg.kind is arg.VAR_POSITIONAL, arg.default is not arg.empty)
            for arg in arguments
        )

    @classmethod
    def takes_several(cls) -> bool:
        """True if `call` gets more than one tensor, and so a tuple of masks."""
        return len(cls.ports()) > 1 or any(port.many for port in cls.ports())

    def curve(self) -> str:
        """Return the activation applied to what comes out; left to the plan, which may fold it."""
        return str(getattr(self, "activation", "linear"))


def values_in(specs: Specs) -> int:
    """Return how many numbers one row of these tensors holds."""
    each = [specs] if isinstance(specs, TensorSpec) else list(specs.values())
    return sum(spec.size or 0 for spec in each)


def first_line(cls: type) -> str:
    """Return the one-sentence help of a class."""
    return (inspect.getdoc(cls) or "").split("\n", 1)[0]
