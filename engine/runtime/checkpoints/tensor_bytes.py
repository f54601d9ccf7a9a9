"""Conversion of tensors to and from safetensors bytes; the library is imported on first use."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from torch import Tensor

MAX_HEADER_BYTES = 100 << 20  # limit of the file format


def tensors_to_bytes(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> bytes:
    """Return tensors of any device as the bytes of a safetensors file."""
    from safetensors.torch import save

    on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(on_cpu, None if metadata is None else dict(metadata))


def tensors_from_bytes(data: bytes) -> dict[str, Tensor]:
    """Return the tensors in the bytes of a safetensors file.

    Raises:
        ValueError: if the bytes are not a safetensors file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(data)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def read_metadata(data: bytes) -> dict[str, str]:
    """Return the `__metadata__` in the header of a safetensors file.

    Raises:
        ValueError: if there is no valid header with metadata.
    """
    if len(data) < 8:
        raise ValueError("it is too short")
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(MAX_HEADER_BYTES, len(data) - 8):
        raise ValueError("its header is longer than the file")
    try:
        header = json.loads(data[8 : 8 + length].decode(), object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its header is not valid JSON: {error}") from error
    match header:
        case {"__metadata__": {**metadata}}:
            return {str(key): str(value) for key, value in metadata.items()}
    raise ValueError("its header has no metadata")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a dict; raise ValueError for duplicate keys, which are ambiguous."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value
