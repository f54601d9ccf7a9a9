"""One use of a layer: tensors brought to its ports, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, LayerError, Refused, nearest_word
from engine.core.symbolic.argument_binding import given_twice
from engine.core.symbolic.call_site import naming_the_line
from engine.core.symbolic.keras_hints import call_advice
from engine.core.symbolic.tensor import MAIN, Call, SymbolicTensor, title
from engine.core.tensor_spec import TensorSpec

_INPUTS = "inputs"  # Keras' name of what a layer is called on


def applied(
    layer: Any,
    args: tuple[Any, ...],
    named: Mapping[str, Any],
    name: str = "",
    within: tuple[str, ...] = (),
) -> Any:
    """Return what comes out of a layer that is called on tensors.

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
    """Return the tensors by port."""
    ports = layer.ports()
    wired: dict[str, Any] = _by_place(layer, _listed(args, named))
    for port, tensor in named.items():
        if tensor is None or (port == _INPUTS and not args):
            continue
        _require_known(layer, port)
        if port in wired:
            raise Refused(given_twice(title(layer), port))
        wired[port] = tensor
    for port, tensor in wired.items():
        for each in tensor if isinstance(tensor, tuple) else (tensor,):
            _require_symbolic(layer, port, each)
    for port in ports:
        if port.name not in wired and not port.optional:
            raise Refused(_loose(layer, port.name))
    return {port.name: wired[port.name] for port in ports if port.name in wired}


def _listed(args: tuple[Any, ...], named: Mapping[str, Any]) -> list[Any]:
    """Return what comes by place; Keras' keyword for it, whatever the port is called, too."""
    given = list(args) or [named[name] for name in named if name == _INPUTS]
    return list(given[0]) if len(given) == 1 and isinstance(given[0], list | tuple) else given


def _by_place(layer: Any, given: list[Any]) -> dict[str, Any]:
    ports = layer.ports()
    if ports and ports[0].many:
        return {ports[0].name: tuple(given)}
    if len(given) > len(ports):
        raise Refused(_too_many(layer, len(given)))
    return dict(zip([port.name for port in ports], given, strict=False))


def _outs(call: Call) -> list[SymbolicTensor]:
    """Return what comes out, by the layer's own rules of shapes and masks."""
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


def _require_known(layer: Any, port: str) -> None:
    known = [each.name for each in layer.ports()]
    if port in known:
        return
    nearest = nearest_word(port, known)
    advice = call_advice(port) or (f'Call it "{nearest}".' if nearest else f'Remove "{port}".')
    raise Refused(
        Diagnostic(
            "no-such-port",
            f'takes no argument "{port}" when it is called',
            node=title(layer),
            port=port,
            found=port,
            expected=", ".join(known),
            fixes=(Fix(advice),),
        )
    )


def _require_symbolic(layer: Any, port: str, value: object) -> None:
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
