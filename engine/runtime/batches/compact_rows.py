"""An array of rows as a feed holds it: as it is, or its whole numbers in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.table.chunks import parts

Array = NDArray[Any]
_LARGE = 1 << 20  # bytes, from which on it pays to look


@dataclass(frozen=True)
class Held:
    """Rows, and the dtype in which they are handed out.

    Args:
        tensor: all rows; uint8 where each of their numbers is a whole one from 0 to 255.
        dtype: of a batch.
    """

    tensor: Tensor
    dtype: torch.dtype

    def take(self, rows: slice | Tensor, device: torch.device) -> Tensor:
        """Return some rows, on a device; a slice of rows on the CPU may be a view."""
        # Whole rows are copied, where `tensor[rows]` would look each number up.
        own = self.tensor
        found = own[rows] if isinstance(rows, slice) else own.index_select(0, rows)
        return found.to(device).to(self.dtype)


def hold(array: Array, dtype: torch.dtype, lean: bool = False) -> Held:
    """Return an array as rows to take batches from.

    Args:
        array: rows first.
        dtype: what real numbers become.
        lean: keep them as bytes where that loses nothing, for an array that nobody else holds.

    Why: columns of classes and pictures are zeros and ones, or 0 to 255, and take a quarter so.
    """
    if lean and (small := _in_bytes(array)) is not None:
        return Held(torch.from_numpy(small), dtype)
    tensor = as_tensor(array, dtype)
    return Held(tensor, tensor.dtype)


def as_tensor(array: Array, dtype: torch.dtype) -> Tensor:
    """Return an array as a tensor that shares its memory where it can; real numbers as `dtype`."""
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def _in_bytes(array: Array) -> Array | None:
    """Return the very numbers of a large array as bytes, None if they do not fit."""
    if array.nbytes < _LARGE or array.dtype not in (np.float32, np.float64):
        return None
    small, bits = np.empty(array.shape, np.uint8), f"u{array.itemsize}"
    for first, part in parts(array):
        piece = small[first : first + len(part)]
        with np.errstate(invalid="ignore"):  # what does not fit is found out below
            piece[...] = part
        # Bit for bit, so that a zero keeps its sign.
        again, given = piece.astype(array.dtype), np.ascontiguousarray(part)
        if not np.array_equal(again.view(bits), given.view(bits)):
            return None
    return small
