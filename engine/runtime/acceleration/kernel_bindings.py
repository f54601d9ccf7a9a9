"""ctypes bindings of the compiled kernels: loading of the library, conversion of arguments."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from engine.runtime.acceleration.buffer_pool import BufferPool

Library = ctypes.CDLL
VECTOR_SIZE = 16  # elements of a vector register; some axes must be multiples of this size
ENV_NAME = "LAYERLOOM_NATIVE"  # environment variable; "0" disables the native kernels
TILE = 32  # channels that a kernel processes at a time
_RESULT_TYPES = {  # by kernel name
    "lstm_forward": None, "lstm_backward": None, "winners_weight": None, "winners_input": None,
    "distinct": ctypes.c_int64, "rows_add": None, "rows_move": None,
}  # fmt: skip


@dataclass(frozen=True)
class Kernels:
    """The compiled kernels, and the memory that they use for a network.

    Args:
        library: library of the kernels.
        pool: unused buffers; each backward pass returns its buffers to the pool. None if a backward
            pass may run more than once (`retain_graph`), so that it must keep its buffers.
    """

    library: Library
    pool: BufferPool | None = field(default_factory=BufferPool)

    def clear_buffers(self) -> None:
        """Release the memory of the buffer pool."""
        if self.pool is not None:
            self.pool.clear()


def require_first_derivative() -> None:
    """Raise RuntimeError in a backward pass with `create_graph`, since kernels record no graph."""
    if torch.is_grad_enabled():
        raise RuntimeError(f"native kernels have no second derivatives; {ENV_NAME}=0 disables them")


def load(file: Path) -> Library:
    """Load the library in a file.

    Raises:
        OSError: if the file is not a library.
        AttributeError: if the library lacks one of the kernels.
    """
    library = Library(str(file))
    for name, result_type in _RESULT_TYPES.items():
        getattr(library, name).restype = result_type
    return library


class _Address(ctypes.c_void_p):
    """A pointer to the elements of a tensor, which keeps a reference to the tensor."""

    tensor: Tensor | None = None


def address(tensor: Tensor | None) -> _Address:
    """Return a pointer to the elements of a tensor (null for None) that keeps the tensor alive."""
    pointer = _Address(0 if tensor is None else tensor.data_ptr())
    pointer.tensor = tensor
    return pointer


def int64s(*numbers: int) -> tuple[ctypes.c_int64, ...]:
    """Return integers as int64 arguments of a kernel."""
    return tuple(map(ctypes.c_int64, numbers))


def single(number: float) -> ctypes.c_float:
    """Return a number as a single-precision argument of a kernel."""
    return ctypes.c_float(number)


def double(number: float) -> ctypes.c_double:
    """Return a number as a double-precision argument of a kernel."""
    return ctypes.c_double(number)
