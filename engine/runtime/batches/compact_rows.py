"""Compact storage of the rows of arrays: integers from 0 to 255 are stored as uint8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.table.chunks import row_blocks

Array = NDArray[Any]
_MIN_COMPACT_BYTES = 1 << 20  # smaller arrays are not worth the check


@dataclass(frozen=True)
class CompactRows:
    """The rows of an array, possibly stored as uint8.

    Args:
        tensor: all rows; uint8 if all values are integers from 0 to 255.
        dtype: dtype of batches.
    """

    tensor: Tensor
    dtype: torch.dtype

    def take(self, indices: slice | Tensor, device: torch.device) -> Tensor:
        """Return the rows at `indices` on `device`, converted to `dtype`; they may be a view."""
        # index_select copies complete rows; `x[indices]` would index element by element.
        x = self.tensor
        rows = x[indices] if isinstance(indices, slice) else x.index_select(0, indices)
        return rows.to(device).to(self.dtype)


def compact_rows(array: Array, dtype: torch.dtype, compact: bool = False) -> CompactRows:
    """Return the rows of an array as `CompactRows`, from which a data loader takes batches.

    Args:
        dtype: the dtype of batches if the array contains floats; other arrays keep their dtype.
        compact: whether to store floats as uint8 if this is lossless. This saves memory only if the
            caller frees `array`.

    Why: as uint8, the values of one-hot columns and images take a quarter of the memory.
    """
    if compact and (compacted := _to_uint8(array)) is not None:
        return CompactRows(torch.from_numpy(compacted), dtype)
    tensor = as_tensor(array, dtype)
    return CompactRows(tensor, tensor.dtype)


def as_tensor(array: Array, dtype: torch.dtype) -> Tensor:
    """Return an array as a tensor, if possible without a copy; only float arrays get `dtype`."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def _to_uint8(array: Array) -> Array | None:
    """Return an array as uint8; None if a value would change, or if the array is small."""
    if array.nbytes < _MIN_COMPACT_BYTES or array.dtype not in (np.float32, np.float64):
        return None
    compacted, bits = np.empty(array.shape, np.uint8), f"u{array.itemsize}"
    for first, chunk in row_blocks(array):
        target = compacted[first : first + len(chunk)]
        with np.errstate(invalid="ignore"):  # values out of range are detected below
            target[...] = chunk
        # Bits are compared instead of values, so that -0.0 is detected too.
        restored, original = target.astype(array.dtype), np.ascontiguousarray(chunk)
        if not np.array_equal(restored.view(bits), original.view(bits)):
            return None
    return compacted
