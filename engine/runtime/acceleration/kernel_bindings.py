"""How Python hands tensors to a compiled library."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from engine.runtime.acceleration.buffer_pool import Spare

Library = ctypes.CDLL
WIDE = 16  # numbers in a vector: axes that the kernels go along are multiples of it
OFF = "LAYERLOOM_NATIVE"  # "0" leaves the native part out
TILE = 32  # channels that are taken at a time
_KERNELS = {
    "lstm_forward": None, "lstm_backward": None, "winners_weight": None, "winners_input": None,
    "distinct": ctypes.c_int64, "rows_add": None, "rows_move": None,
}  # fmt: skip


@dataclass(frozen=True)
class Kernels:
    """The kernels, and how a network calls them.

    Args:
        library: that holds them.
        spare: memory for what is gone back through once; None where it may be more than once.
    """

    library: Library
    spare: Spare | None = field(default_factory=Spare)

    def rest(self) -> None:
        """Let go of all memory that is spare."""
        if self.spare is not None:
            self.spare.clear()


def refuse_second() -> None:
    """Refuse to answer a gradient that is to be differentiated again; kernels keep no graph.

    Raises:
        RuntimeError: it is.
    """
    if torch.is_grad_enabled():
        raise RuntimeError(f"the native part has no second derivatives; {OFF}=0 leaves it out")


def load(file: Path) -> Library:
    """Return the library in a file.

    Raises:
        OSError, AttributeError: it is none, or none of these kernels.
    """
    library = Library(str(file))
    for name, answer in _KERNELS.items():
        getattr(library, name).restype = answer
    return library


class _Address(ctypes.c_void_p):
    """Where a tensor's numbers begin; it keeps the tensor, which may be a passing one."""

    tensor: Tensor | None = None


def address(tensor: Tensor | None) -> _Address:
    """Return where a tensor's numbers begin, null for None; good while the answer is kept."""
    found = _Address(0 if tensor is None else tensor.data_ptr())
    found.tensor = tensor
    return found


def whole(*numbers: int) -> tuple[ctypes.c_int64, ...]:
    """Return whole numbers as the kernels take them."""
    return tuple(map(ctypes.c_int64, numbers))


def single(number: float) -> ctypes.c_float:
    """Return a number in single precision."""
    return ctypes.c_float(number)


def double(number: float) -> ctypes.c_double:
    """Return a number in double precision."""
    return ctypes.c_double(number)
