"""Files of weights. The weights are named "node/weight" and have Keras' layout."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from torch import Tensor

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.files.atomic_write import file_error, printable_path, write_bytes
from engine.runtime.checkpoints import tensor_bytes


def write_weights(
    path: Path, weights: Mapping[str, Tensor], metadata: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write weights, their checksum and other metadata to a file.

    Without other metadata, equal weights give equal bytes: safetensors writes the entries of
    metadata in a random order.

    Raises:
        DiagnosticError: if the file can't be written.
    """
    header = {**metadata, "sha256": weights_digest(weights)}
    write_bytes(path, tensor_bytes.tensors_to_bytes(weights, header))


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Return the weights, by name, from a file that `write_weights` wrote.

    Raises:
        DiagnosticError: if the file can't be read, or its checksum doesn't match.
    """
    try:
        data = path.read_bytes()
        checksum = tensor_bytes.read_metadata(data).get("sha256")
        weights = tensor_bytes.tensors_from_bytes(data)
    except OSError as error:
        raise file_error(error, path, "read") from error
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    if checksum != weights_digest(weights):
        raise _damaged(path, "its checksum has changed since it was written")
    return weights


def weights_digest(weights: Mapping[str, Tensor]) -> str:
    """Return the sha256 of the names, dtypes, shapes and values of weights."""
    sha256 = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        values = tensor.contiguous().numpy()
        sha256.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
        sha256.update(values.reshape(-1).view("uint8").data)
    return sha256.hexdigest()


def _damaged(path: Path, found: str) -> DiagnosticError:
    return diagnostic_error(
        "checkpoint-lost",
        "the weights of the run are damaged",
        "Use the weights of the best epoch: --weights best.",
        place=printable_path(path),
        found=found,
        expected="the final weights of the run",
    )
