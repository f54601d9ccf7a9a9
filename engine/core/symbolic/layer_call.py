"""Calls of layers on symbolic tensors: binding of tensors to input ports, inference of outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.core.diagnostic import DiagnosticError, LayerError, diagnostic_error, nearest_word
from engine.core.symbolic.argument_binding import duplicate_argument
from engine.core.symbolic.call_site import call_site_errors
from engine.core.symbolic.keras_hints import CALL_ARGUMENT_HINTS
from engine.core.symbolic.tensor import DEFAULT_OUTPUT, LayerCall, SymbolicTensor, display_name
from engine.core.tensor_spec import TensorSpec

_INPUTS = "inputs"  # Keras' name for the first argument of a layer call


def call_layer(
    layer: Any,
    args: tuple[Any, ...],
    named: Mapping[str, Any],
    name: str = "",
    within: tuple[str, ...] = (),
) -> Any:
    """Return the outputs of a layer that is called on symbolic tensors.

    Args:
        args: one tensor, a list of tensors, or one tensor for each input port in order.
        named: tensors by the name of the input port.
        name, within: the `name` and `enclosing_models` of the `LayerCall`.

    Returns:
        A tensor, or a list of tensors if the layer has several outputs.

    Raises:
        CallSiteError: the tensors don't fit the layer.
    """
    with call_site_errors():
        inputs = _bind_inputs(layer, args, named)
        call = LayerCall(layer, inputs, name or layer.python_state.name, within)
        outputs = _outputs(call)
        return outputs[0] if len(outputs) == 1 else outputs


def _bind_inputs(
    layer: Any, args: tuple[Any, ...], named: Mapping[str, Any]
) -> dict[str, SymbolicTensor | tuple[SymbolicTensor, ...]]:
    ports = layer.ports()
    bound: dict[str, Any] = _bind_positional(layer, _positional(args, named))
    for port, tensor in named.items():
        if tensor is None or (port == _INPUTS and not args):
            continue
        _require_known(layer, port)
        if port in bound:
            raise DiagnosticError(duplicate_argument(display_name(layer), port))
        bound[port] = tensor
    for port, value in bound.items():
        for tensor in value if isinstance(value, tuple) else (value,):
            _require_symbolic(layer, port, tensor)
    for port in ports:
        if port.name not in bound and not port.optional:
            raise diagnostic_error(
                "port-loose",
                f'its input "{port.name}" is missing',
                "Call the layer on a tensor.",
                node=display_name(layer),
                port=port.name,
                found="no tensor",
                expected="a tensor",
            )
    return {port.name: bound[port.name] for port in ports if port.name in bound}


def _positional(args: tuple[Any, ...], named: Mapping[str, Any]) -> list[Any]:
    """Return the tensors in `args`, or in the named argument `inputs` if `args` is empty."""
    tensors = list(args) or [named[name] for name in named if name == _INPUTS]
    is_list = len(tensors) == 1 and isinstance(tensors[0], list | tuple)
    return list(tensors[0]) if is_list else tensors


def _bind_positional(layer: Any, tensors: list[Any]) -> dict[str, Any]:
    ports = layer.ports()
    if ports and ports[0].many:
        return {ports[0].name: tuple(tensors)}
    names = [port.name for port in ports]
    if len(tensors) > len(names):
        raise diagnostic_error(
            "port-takes-one",
            f"is called on {len(tensors)} tensors, but takes {len(names)}",
            "Merge them with a Concatenate first.",
            node=display_name(layer),
            found=f"{len(tensors)} tensors",
            expected=", ".join(names) or "no tensors",
        )
    return dict(zip(names, tensors, strict=False))


def _outputs(call: LayerCall) -> list[SymbolicTensor]:
    """Return the output tensors of a call, with the shapes and masks that the layer infers."""
    layer = call.layer
    if not layer.ports():
        return [SymbolicTensor(call, layer.output_spec(call.name or f"input_{call.index}"))]
    inputs: list[TensorSpec | None] = [tensor.spec for tensor in call.input_tensors()]
    by_port = [call.inputs.get(port.name) for port in layer.ports()]
    specs = [item.spec if isinstance(item, SymbolicTensor) else None for item in by_port]
    try:
        outputs = layer.infer(*(inputs if layer.ports()[0].many else specs))
    except LayerError as error:
        name = display_name(layer, call.name)
        raise DiagnosticError(*(item.at_node(name) for item in error.diagnostics)) from None
    mask = layer.produces_mask(*inputs)
    if isinstance(outputs, TensorSpec):
        return [SymbolicTensor(call, replace(outputs, mask=mask))]
    return [
        SymbolicTensor(
            call, replace(spec, mask=mask and spec.rank > 1), name if index else DEFAULT_OUTPUT
        )
        for index, (name, spec) in enumerate(outputs.items())
    ]


def _require_known(layer: Any, port: str) -> None:
    known = [known_port.name for known_port in layer.ports()]
    if port in known:
        return
    nearest = nearest_word(port, known)
    rename = f'Call it "{nearest}".' if nearest else f'Remove "{port}".'
    advice = CALL_ARGUMENT_HINTS.get(port) or rename
    raise diagnostic_error(
        "no-such-port",
        f'its call has no argument "{port}"',
        advice,
        node=display_name(layer),
        port=port,
        found=port,
        expected=", ".join(known),
    )


def _require_symbolic(layer: Any, port: str, value: object) -> None:
    if isinstance(value, SymbolicTensor):
        return
    raise diagnostic_error(
        "source-missing",
        "is called on an object that is not a symbolic tensor",
        "Start with an Input and call the layer on it.",
        "Pass arrays to a model's fit or predict, not to a layer.",
        node=display_name(layer),
        port=port,
        found=type(value).__name__,
        expected="the output of Input or of another layer",
    )
