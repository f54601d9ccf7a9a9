"""A trained network as a readable .py and a safetensors file that need nothing of Layerloom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save

from engine.compile.torch_source import class_case, module_name, torch_source
from engine.core.atomic import make_folder, write_bytes
from engine.data.encoders import Category, Number
from engine.data.fitted import Fitted
from engine.runtime.module import Network

_LOAD = '''

def load(path="{file}"):
    """Answer the network with its trained weights, ready to predict."""
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
        Refused: if a file can't be written.
    """
    make_folder(folder)
    stem = module_name(name)
    code, weights = folder / f"{stem}.py", folder / f"{stem}.safetensors"
    title = "\n".join([f"{class_case(name)}: a network drawn with Layerloom.", *_units(fitted)])
    source = torch_source(network.plan, name, title)
    state = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    wide = ".double()" if any(value.dtype == torch.float64 for value in state.values()) else ""
    source += _LOAD.format(file=weights.name, name=class_case(name), wide=wide)
    write_bytes(weights, save(state))
    write_bytes(code, source.encode())
    return code, weights


def _units(fitted: Fitted) -> Iterator[str]:
    """Say how raw values become what the network takes and gives."""
    lines = []
    for side, verb in (("inputs", "takes"), ("targets", "gives")):
        for port, encoder in (fitted.inputs if side == "inputs" else fitted.targets).items():
            if isinstance(encoder, Number) and encoder.mean:
                mean = ", ".join(f"{value:.9g}" for value in encoder.mean)
                deviation = ", ".join(f"{value:.9g}" for value in encoder.deviation)
                lines.append(f"{port} {verb} (value - [{mean}]) / [{deviation}].")
            elif isinstance(encoder, Category):
                lines.append(f"{port} {verb} classes in this order: {', '.join(encoder.labels)}.")
    if lines:
        yield ""
        yield from lines
