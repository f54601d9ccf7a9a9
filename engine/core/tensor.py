"""Symbolic tensors: what a layer answers when it is called on the tensors of a network to be.

A tensor knows the call that made it, and a call the tensors it was made on. So a model is found by
going back from its outputs, and nothing is written down anywhere while layers are called.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.core.calling import naming_the_line
from engine.core.diagnostic import Diagnostic, Fix, LayerError, Refused, nearest_word
from engine.core.spec import TensorSpec

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
class SymbolicTensor:
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
    """Answer a kind as Keras spells names of layers: "global_max_pooling1d"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W_])(?=[A-Z][a-z])", "_", kind).lower()


def title(layer: Any, name: str = "") -> str:
    """Answer what a layer goes by before its model gives it a name."""
    return name or layer.made.name or snake(layer.kind())


def applied(
    layer: Any,
    args: tuple[Any, ...],
    named: Mapping[str, Any],
    name: str = "",
    within: tuple[str, ...] = (),
) -> Any:
    """Answer what comes out of a layer that is called on tensors.

    Args:
        layer: which.
        args: a tensor, a list of tensors, or a tensor for each port in order.
        named: tensors by port.
        name, within: see `Call`.

    Returns:
        A tensor, or a list of them from a layer with several outputs.

    Raises:
        RefusedAt: if it can't take them.
    """
    with naming_the_line():
        wired = _wired(layer, args, named)
        call = Call(layer, wired, name or layer.made.name, within)
        outs = _outs(call)
        return outs[0] if len(outs) == 1 else outs


def _wired(
    layer: Any, args: tuple[Any, ...], named: Mapping[str, Any]
) -> dict[str, SymbolicTensor | tuple[SymbolicTensor, ...]]:
    """Answer the tensors by port."""
    given: list[Any] = list(args)
    if len(given) == 1 and isinstance(given[0], list | tuple):
        given = list(given[0])
    ports = layer.ports()
    wired: dict[str, Any] = {}
    if ports and ports[0].many:
        wired[ports[0].name] = tuple(given)
        given = []
    if len(given) > len(ports):
        raise Refused(_too_many(layer, len(given)))
    wired |= zip([port.name for port in ports], given, strict=False)
    for port, tensor in named.items():
        if tensor is not None:
            wired[port] = tensor
            _known(layer, port)
    for port, tensor in wired.items():
        for each in tensor if isinstance(tensor, tuple) else (tensor,):
            _symbolic(layer, port, each)
    for port in ports:
        if port.name not in wired and not port.optional:
            raise Refused(_loose(layer, port.name))
    return {port.name: wired[port.name] for port in ports if port.name in wired}


def _outs(call: Call) -> list[SymbolicTensor]:
    """Answer what comes out, by the layer's own rules of shapes and masks."""
    layer = call.layer
    if not layer.ports():
        return [SymbolicTensor(call, layer.spec(call.name or f"input_{call.number}"))]
    given: list[TensorSpec | None] = [tensor.spec for tensor in call.tensors()]
    fed = [call.inputs.get(port.name) for port in layer.ports()]
    specs = given if layer.ports()[0].many else [_spec(tensor) for tensor in fed]
    try:
        answer = layer.infer(*specs)
    except LayerError as error:
        raise Refused(*(found.at(title(layer, call.name)) for found in error.diagnostics)) from None
    mask = layer.masks(*given)
    if isinstance(answer, TensorSpec):
        return [SymbolicTensor(call, replace(answer, mask=mask))]
    return [
        SymbolicTensor(call, replace(spec, mask=mask and spec.rank > 1), name if place else MAIN)
        for place, (name, spec) in enumerate(answer.items())
    ]


def _spec(tensor: SymbolicTensor | tuple[SymbolicTensor, ...] | None) -> TensorSpec | None:
    return tensor.spec if isinstance(tensor, SymbolicTensor) else None


def _known(layer: Any, port: str) -> None:
    known = [each.name for each in layer.ports()]
    if port in known:
        return
    nearest = nearest_word(port, known)
    raise Refused(
        Diagnostic(
            "no-such-port",
            f'takes no argument "{port}" when it is called',
            node=title(layer),
            port=port,
            found=port,
            expected=", ".join(known),
            fixes=(Fix(f'Call it "{nearest}".' if nearest else f'Remove "{port}".'),),
        )
    )


def _symbolic(layer: Any, port: str, value: object) -> None:
    if isinstance(value, SymbolicTensor):
        return
    raise Refused(
        Diagnostic(
            "source-missing",
            "is called on something that is no tensor of a network",
            node=title(layer),
            port=port,
            found=type(value).__name__,
            expected="what Input, or another layer, answered",
            fixes=(
                Fix("Begin with an Input and call the layer on it."),
                Fix("Feed arrays to a model's fit or predict, not to a layer."),
            ),
        )
    )


def _too_many(layer: Any, count: int) -> Diagnostic:
    names = [port.name for port in layer.ports()]
    return Diagnostic(
        "port-takes-one",
        f"is called on {count} tensors and takes {len(names)}",
        node=title(layer),
        found=f"{count} tensors",
        expected=", ".join(names) or "no tensors",
        fixes=(Fix("Merge them with a Concatenate first."),),
    )


def _loose(layer: Any, port: str) -> Diagnostic:
    return Diagnostic(
        "port-loose",
        f'nothing is given to its input "{port}"',
        node=title(layer),
        port=port,
        found="no tensor",
        expected="a tensor",
        fixes=(Fix("Call it on a tensor."),),
    )
