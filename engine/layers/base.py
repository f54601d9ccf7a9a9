"""Base class of all layers: immutable fields, shape inference, weights, torch module and call."""

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

# Arguments of `build` and `call`: torch at run time, a recorder during source export.
Torch = Any
Nn = Any
Module = Any
Tensor = Any
_PYTHON_STATE = "_python_state"  # key in the instance dictionary; pydantic ignores it
MaskRule = Literal["pass", "use", "drop"]
Specs = TensorSpec | Mapping[str, TensorSpec]


@dataclass(frozen=True, slots=True)
class Layout:
    """The position of a weight in the torch module, and how Keras' layout maps to torch's.

    Args:
        param: dotted name of the torch parameter or buffer, as in `state_dict()`.
        axes: `keras_array.transpose(axes)` gives torch's order of axes.
        blocks: for each of torch's equal blocks along axis 0 (a GRU's gates), the index of this
            block in Keras; () if the order is the same.
        row: the index on Keras' axis 0 of the part that torch stores as `param` (one of a GRU's two
            biases). None if torch stores the whole array as `param`.

    Finally the values are reshaped to the torch parameter's shape.
    """

    param: str
    axes: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight array of a layer, with Keras' name and layout.

    Args:
        name: Keras' name, such as "kernel" or "forward_lstm/recurrent_kernel".
        shape: Keras' shape.
        layouts: the torch parameters that hold the weight; several if torch splits the weight.
        trainable: False for running statistics.
        regularizer: a penalty that is added to the total loss, or None.
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
    """An input port of a layer.

    Args:
        name: the name of an argument of `infer`.
        many: True if the port takes any number of wires, in order.
        optional: True if the port may stay unwired. The layer's methods then get None for it.
    """

    name: str
    many: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of the forward pass of one row.

    multiply_adds: the number of multiply-add operations.
    activations: the number of values that are kept for the backward pass.
    """

    multiply_adds: int = 0
    activations: int = 0


def _no_weights(layer: Layer, *specs: TensorSpec) -> Weights:
    return ()


def _default_produces_mask(layer: Layer, *specs: TensorSpec) -> bool:
    """Return True if an input of `layer` has a mask, and `layer` passes masks on to its output."""
    return layer.mask_rule == "pass" and any(spec.mask for spec in specs)


def _default_compute_mask(
    layer: Layer, torch: Torch, *inputs: Tensor, masks: tuple[Tensor | None, ...]
) -> Tensor:
    """Return the mask of the output, (batch, steps), which is True for steps that are not padding.

    Called only if `produces_mask()` is true. `masks` has one entry per input, None if unmasked.
    """
    return next(mask for mask in masks if mask is not None)


def _default_activity_penalties(layer: Layer) -> Mapping[str, Any]:
    """Return the regularizers of the outputs of submodules, by submodule name.

    The names are those of torch's `named_modules()`; "" is the layer's module itself.
    """
    regularizer = getattr(layer, "activity_regularizer", None)
    return {} if regularizer is None else {"": regularizer}


def _default_cost(layer: Layer, *specs: TensorSpec) -> Cost:
    return kernel_cost(layer.weights(*specs), layer.infer(*specs))


def kernel_cost(weights: Weights, outputs: Specs) -> Cost:
    """Return the cost of a row: a multiply-add per kernel value, an activation per output value."""
    kernels = sum(weight.size for weight in weights if len(weight.shape) > 1)
    return Cost(multiply_adds=kernels, activations=value_count(outputs))


class Layer(Schema):
    """Base class of all layers. A subclass is the complete definition of a layer type.

    A subclass declares its fields and these methods; only `infer` and `call` are required:

    infer(self, x) -> TensorSpec: shape inference. Its arguments are the input ports: `x`; `a, b`;
        or `*xs` for any number of wires. A port with a default (`key=None`) may stay unwired.
        Raises LayerError (by `require`). A layer with several outputs returns a mapping from
        output names to specs, the main output first.
    weights(self, x) -> Weights: the layer's weights, with Keras' names and layout.
    build(self, nn, x) -> Module: the torch module; `nn` is torch.nn plus runtime/nn_extras/.
    call(self, torch, module, x) -> Tensor: the forward pass. `module` is passed if `build` exists.
        With `mask_rule` "use", `call` also takes the keyword `mask`: the mask of `x` or None, or a
        tuple of masks for several ports. The network applies the field `activation`.
    produces_mask(self, x) -> bool: see `_default_produces_mask`.
    compute_mask(self, torch, x, masks=...) -> Tensor: see `_default_compute_mask`.
    cost(self, x) -> Cost: the cost of one row; `x` has no dynamic axes here.
    activity_penalties(self): see `_default_activity_penalties`.

    initial_params: fields of a newly added node, mainly fields without a default.
    mask_rule: "pass" passes a mask on, "use" reads it in `call`, "drop" removes it with a warning.
    mask_reads_input: whether `compute_mask` reads `x`; if not, it may get None for `x`.
    """

    family: ClassVar[str] = ""
    words: ClassVar[tuple[str, ...]] = ()
    mask_rule: ClassVar[MaskRule] = "drop"
    mask_reads_input: ClassVar[bool] = False
    initial_params: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    infer: ClassVar[Callable[..., Specs]]
    build: ClassVar[Callable[..., Module] | None] = None
    call: ClassVar[Callable[..., Any]]
    weights: ClassVar[Callable[..., Weights]] = _no_weights
    produces_mask: ClassVar[Callable[..., bool]] = _default_produces_mask
    compute_mask: ClassVar[Callable[..., Tensor]] = _default_compute_mask
    cost: ClassVar[Callable[..., Cost]] = _default_cost
    activity_penalties: ClassVar[Callable[..., Mapping[str, Any]]] = _default_activity_penalties

    def __init__(
        self,
        *args: Any,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        **fields: Any,
    ) -> None:
        """Create a layer from the arguments of the Keras layer, positional or by keyword.

        Args:
            name: name of the layer's node.
            input_shape: shape of a row, for the first layer of a Sequential. Keras' input_dim is
                accepted too.

        Raises:
            CallSiteError: with a diagnostic for each invalid value.
        """
        if "input_dim" in fields and "input_dim" not in type(self).model_fields:
            input_shape = (fields.pop("input_dim"),)
        with call_site_errors():
            display_name = require_name(name)
            layer = build_from_arguments(type(self), args, fields)
        for slot in ("__dict__", "__pydantic_fields_set__"):
            object.__setattr__(self, slot, getattr(layer, slot))
        object.__setattr__(self, "__pydantic_extra__", None)
        object.__setattr__(self, "__pydantic_private__", None)
        vars(self)[_PYTHON_STATE] = PythonLayerState(display_name, input_shape)

    # Otherwise pydantic passes parsed JSON to __init__, and strict mode rejects a list for a tuple.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @property
    def python_state(self) -> PythonLayerState:
        """The attributes that are not fields: name argument, input shape, torch module.

        For a layer from a file, these attributes are empty at first.
        """
        state: PythonLayerState = vars(self).setdefault(_PYTHON_STATE, PythonLayerState())
        return state

    @property
    def name(self) -> str:
        """The name given by the user, else the default name. A model may append a number."""
        return display_name(self)

    def __getattr__(self, name: str) -> Any:
        if name_hint(name):
            raise unknown_name_error(f"a {self.kind()}", name, type(self).model_fields)
        return super().__getattr__(name)  # type: ignore[misc]  # defined by pydantic

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise UnknownNameError(call_site(), read_only_attribute(f"a {self.kind()}", name))
        super().__setattr__(name, value)

    def __call__(self, *tensors: Any, name: str = "", **ports: Any) -> Any:
        """Return the output of this layer for symbolic tensors.

        Args:
            tensors: one tensor for each port in order, or one list of tensors.
            name: name of the node of this call. A shared layer has a node per call.
            ports: tensors by port name.
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
    def has_multiple_inputs(cls) -> bool:
        """Return whether `call` may get several tensors. If so, its argument `mask` is a tuple."""
        return len(cls.ports()) > 1 or any(port.many for port in cls.ports())

    def output_activation(self) -> str:
        """Return the activation that the network applies after `call`, or folds into the loss."""
        return str(getattr(self, "activation", "linear"))

    def make_weight(
        self, name: str, shape: tuple[int, ...], *layouts: Layout, field: str = ""
    ) -> Weight:
        """Return a weight with the initializer and regularizer that two fields of the layer hold.

        `layouts` are the torch parameters that hold the weight. `field` is the prefix of the two
        fields, such as "kernel" for `kernel_initializer`; if it is "", the prefix is `name`.
        """
        initializer = getattr(self, f"{field or name}_initializer")
        regularizer = getattr(self, f"{field or name}_regularizer")
        return Weight(name, shape, initializer, layouts, regularizer=regularizer)


def value_count(specs: Specs) -> int:
    """Return the number of values in one row of these tensors."""
    tensors = [specs] if isinstance(specs, TensorSpec) else list(specs.values())
    return sum(spec.size or 0 for spec in tensors)


@cache
def docstring_summary(cls: type) -> str:
    """Return the first line of a class docstring, which is shown as help."""
    return (inspect.getdoc(cls) or "").split("\n", 1)[0]
