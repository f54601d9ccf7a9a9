"""A trained network as a readable .py and a safetensors file that need nothing of Layerloom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch

from engine.compile.torch_source import class_case, module_name, torch_source
from engine.core.files.atomic_write import make_folder, write_bytes
from engine.data.encoders import Category, Encoder
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.runtime.checkpoints.tensor_bytes import tensors_to_bytes
from engine.runtime.model.network import Network

_LOAD = '''

def load(path="{file}"):
    """Return the network with its trained weights, ready to predict."""
    from safetensors.torch import load_file

    network = {name}(){wide}
    network.load_state_dict(load_file(path))
    return network.eval()
'''


def export_pytorch(network: Network, name: str, folder: Path, fitted: Fitted) -> tuple[Path, Path]:
    """Write NAME.py and NAME.safetensors into a folder.

    Args:
        network: trained.
        name: the network's name; its class gets it in Python's spelling.
        folder: made if it is not there.
        fitted: the encoders that predictions have to be read with; told in the docstring.

    Raises:
        DiagnosticError: if a file can't be written.
    """
    make_folder(folder)
    stem = module_name(name)
    code, weights = folder / f"{stem}.py", folder / f"{stem}.safetensors"
    first = f"{class_case(name)}: a network drawn with Layerloom."
    title = "\n".join([first, *_units(network, fitted)])
    source = torch_source(network.plan, name, title)
    kinds = {value.dtype for value in network.state_dict().values()}
    wide = ".double()" if torch.float64 in kinds else ""
    source += _LOAD.format(file=weights.name, name=class_case(name), wide=wide)
    write_bytes(weights, tensors_to_bytes(network.state_dict()))
    write_bytes(code, source.encode())
    return code, weights


def _units(network: Network, fitted: Fitted) -> Iterator[str]:
    """Say how raw values become what the network takes and gives."""
    lines = [_unit(port, "takes", encoder) for port, encoder in fitted.inputs.items()]
    for planned in network.plan.heads:
        head = planned.head
        line = _unit(head.name, "gives", fitted.targets.get(head.name))
        lines.append(line or _labelled(head.name, "gives", head.labels, head.form == "binary"))
    told = [line for line in lines if line]
    if told:
        yield ""
        yield from told


def _unit(port: str, verb: str, encoder: Encoder | None) -> str:
    if isinstance(encoder, Category) and verb == "gives":
        return _labelled(port, verb, encoder.labels, binary=False)
    described = encoder.describe() if encoder else ""
    return f"{port} {verb} {described}." if described else ""


def _labelled(port: str, verb: str, labels: tuple[str, ...], binary: bool) -> str:
    if not labels:
        return ""
    if binary:
        return f"{port} {verb} one number: {_counted(labels)}."
    return f"{port} {verb} one column per label, in this order: {', '.join(labels)}."


def _counted(labels: tuple[str, ...]) -> str:
    return ", ".join(f"{number} is {label}" for number, label in enumerate(labels))
