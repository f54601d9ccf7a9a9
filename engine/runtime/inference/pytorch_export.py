"""Export of a trained network as PyTorch source and a safetensors file, which need no Layerloom."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.compile.torch_source import module_name, to_class_name, torch_source
from engine.core.files.atomic_write import make_folder, write_bytes
from engine.data.encoders import CategoryEncoder, Encoder
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.objectives.head import Head
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


def _port_descriptions(network: Network, fitted: FittedEncoders) -> list[str]:
    """Return lines on the encoding of inputs and outputs for the docstring of the source file."""
    texts = [(port, "takes", encoder.describe()) for port, encoder in fitted.inputs.items()]
    for head in (planned.head for planned in network.plan.heads):
        texts.append((head.name, "gives", _describe(head, fitted.targets.get(head.name))))
    lines = [f"{port} {verb} {text}." for port, verb, text in texts if text]
    return ["", *lines] if lines else []


def _describe(head: Head, encoder: Encoder | None) -> str:
    """Return what an output gives, "" if it has neither an encoder nor labels."""
    labels, is_binary = head.labels, head.target_form == "binary"
    if isinstance(encoder, CategoryEncoder):
        labels, is_binary = encoder.labels, False
    elif encoder is not None and (described := encoder.describe()):
        return described
    if is_binary and labels:
        return "one number: " + ", ".join(f"{id} is {label}" for id, label in enumerate(labels))
    return f"one column per label, in this order: {', '.join(labels)}" if labels else ""
