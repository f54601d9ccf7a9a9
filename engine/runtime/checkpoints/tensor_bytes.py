"""Tensors as the bytes of a safetensors file, whose library is loaded once there are some."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from torch import Tensor

LONGEST_HEADER = 100 << 20  # what the format itself allows


def tensors_to_bytes(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> bytes:
    """Return tensors as the bytes of a safetensors file, wherever they lie in memory."""
    from safetensors.torch import save

    own = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(own, None if metadata is None else dict(metadata))


def tensors_from_bytes(data: bytes) -> dict[str, Tensor]:
    """Return the tensors in the bytes of a safetensors file.

    Raises:
        ValueError: if they are none.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(data)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def metadata_of(data: bytes) -> dict[str, str]:
    """Return the `__metadata__` of the bytes of a safetensors file.

    Raises:
        ValueError: if they have no such header.
    """
    if len(data) < 8:
        raise ValueError("it is too short")
    (length,) = struct.unpack("<Q", data[:8])
    if length > min(LONGEST_HEADER, len(data) - 8):
        raise ValueError("its header is longer than the file")
    try:
        header = json.loads(data[8 : 8 + length].decode(), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"its header is no JSON: {error}") from error
    match header:
        case {"__metadata__": {**metadata}}:
            return {str(key): str(value) for key, value in metadata.items()}
    raise ValueError("its header has no metadata")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice: readers disagree about which one counts."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice")
    return value
