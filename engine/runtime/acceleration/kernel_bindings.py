"""ctypes bindings of the compiled kernels: loading the library, converting arguments."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from engine.runtime.acceleration.buffer_pool import BufferPool

Library = ctypes.CDLL
WIDE = 16  # elements of a vector register: the kernels need axes that are a multiple of it
OFF = "LAYERLOOM_NATIVE"  # environment variable; "0" disables the native kernels
TILE = 32  # channels that a kernel processes at a time
_RESULT_TYPES = {  # by name of the kernel
    "lstm_forward": None, "lstm_backward": None, "winners_weight": None, "winners_input": None,
    "distinct": ctypes.c_int64, "rows_add": None, "rows_move": None,
}  # fmt: skip


@dataclass(frozen=True)
class Kernels:
    """The compiled kernels, and the memory that they use in a network.

    Args:
        spare: pool of buffers, which each backward pass returns; None if a backward pass may run
            more than once (`retain_graph`), so that its buffers have to be kept.
    """

    library: Library
    spare: BufferPool | None = field(default_factory=BufferPool)

    def rest(self) -> None:
        """Release the memory of the buffer pool."""
        if self.spare is not None:
            self.spare.clear()


def refuse_second() -> None:
    """Raise RuntimeError if a backward pass runs with `create_graph`: kernels record no graph."""
    if torch.is_grad_enabled():
        raise RuntimeError(f"native kernels have no second derivatives; {OFF}=0 disables them")


def load(file: Path) -> Library:
    """Return the library in a file.

    Raises:
        OSError: if the file is not a library.
        AttributeError: if it lacks one of the kernels.
    """
    library = Library(str(file))
    for name, result_type in _RESULT_TYPES.items():
        getattr(library, name).restype = result_type
    return library


class _Address(ctypes.c_void_p):
    """A pointer to the elements of a tensor, which it keeps alive: it may be a temporary one."""

    tensor: Tensor | None = None


def address(tensor: Tensor | None) -> _Address:
    """Return a pointer to the elements of a tensor, valid while it is referenced; null for None."""
    pointer = _Address(0 if tensor is None else tensor.data_ptr())
    pointer.tensor = tensor
    return pointer


def whole(*numbers: int) -> tuple[ctypes.c_int64, ...]:
    """Return integers as int64 arguments of a kernel."""
    return tuple(map(ctypes.c_int64, numbers))


def single(number: float) -> ctypes.c_float:
    """Return a number as a single-precision argument of a kernel."""
    return ctypes.c_float(number)


def double(number: float) -> ctypes.c_double:
    """Return a number as a double-precision argument of a kernel."""
    return ctypes.c_double(number)
