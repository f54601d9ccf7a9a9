"""Export of a trained network as PyTorch source and a safetensors file, which need no Layerloom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from engine.compile.torch_source import module_name, to_class_name, torch_source
from engine.core.files.atomic_write import make_folder, write_bytes
from engine.data.encoders import CategoryEncoder, Encoder
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.runtime.checkpoints.tensor_bytes import tensors_to_bytes
from engine.runtime.model.network import Network

_LOAD = '''

def load(path="{file}"):
    """Return the network with its trained weights, ready to predict."""
    from safetensors.torch import load_file

    network = {name}(){cast}
    network.load_state_dict(load_file(path))
    return network.eval()
'''


def export_pytorch(
    network: Network, name: str, folder: Path, fitted: FittedEncoders
) -> tuple[Path, Path]:
    """Write NAME.py and NAME.safetensors to a folder, and return their paths.

    Args:
        name: name of the network; the exported class gets this name in CapWords.
        folder: path of the folder, which is created if it doesn't exist.
        fitted: fitted encoders, which the docstring of the class describes.

    Raises:
        DiagnosticError: if a file can't be written.
    """
    make_folder(folder)
    stem = module_name(name)
    code, weights = folder / f"{stem}.py", folder / f"{stem}.safetensors"
    first = f"{to_class_name(name)}: a network drawn with Layerloom."
    title = "\n".join([first, *_port_descriptions(network, fitted)])
    source = torch_source(network.plan, name, title)
    dtypes = {value.dtype for value in network.state_dict().values()}
    cast = ".double()" if torch.float64 in dtypes else ""
    source += _LOAD.format(file=weights.name, name=to_class_name(name), cast=cast)
    write_bytes(weights, tensors_to_bytes(network.state_dict()))
    write_bytes(code, source.encode())
    return code, weights


def _port_descriptions(network: Network, fitted: FittedEncoders) -> Iterator[str]:
    """Yield lines on the encoding of inputs and outputs for the docstring of the exported class."""
    lines = [_description(port, "takes", encoder) for port, encoder in fitted.inputs.items()]
    for planned in network.plan.heads:
        head = planned.head
        line = _description(head.name, "gives", fitted.targets.get(head.name))
        binary = head.target_form == "binary"
        lines.append(line or _label_order(head.name, "gives", head.labels, binary))
    descriptions = [line for line in lines if line]
    if descriptions:
        yield ""
        yield from descriptions


def _description(port: str, verb: str, encoder: Encoder | None) -> str:
    if isinstance(encoder, CategoryEncoder) and verb == "gives":
        return _label_order(port, verb, encoder.labels, binary=False)
    described = encoder.describe() if encoder else ""
    return f"{port} {verb} {described}." if described else ""


def _label_order(port: str, verb: str, labels: tuple[str, ...], binary: bool) -> str:
    if not labels:
        return ""
    if binary:
        values = ", ".join(f"{class_id} is {label}" for class_id, label in enumerate(labels))
        return f"{port} {verb} one number: {values}."
    return f"{port} {verb} one column per label, in this order: {', '.join(labels)}."
