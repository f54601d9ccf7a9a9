"""Many small tensors side by side in one piece of memory, so that one operation serves all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

# Larger ones gain nothing: their arithmetic takes longer than the call, and copying a gradient
# that lies elsewhere would cost another pass.
SMALL = 1 << 19  # numbers
_LINE = 16  # numbers between two starts, so that each begins as memory for vectors should
ROW = 1 << 10  # numbers that are moved at once, where the whole is moved as a table of rows


class Pack:
    """Parameters that lie side by side, and their gradients beside each other, too.

    The parameters stay the same objects; only where their numbers lie changes.

    Args:
        parameters: by name; of one dtype, on one device.

    Why: a network has dozens of small arrays, and a step a handful of operations on each. On one
        flat array it is that handful, whatever the number of layers.
    """

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self.parameters = dict(parameters)
        first = next(iter(parameters.values()))
        self._rooms = [-(-tensor.numel() // _LINE) * _LINE for tensor in parameters.values()]
        self.whole = first.new_zeros(-(-sum(self._rooms) // ROW) * ROW, requires_grad=False)
        self.gradient = torch.zeros_like(self.whole)
        self._gradients = self.views(self.gradient)
        self._homes = self.views(self.whole)
        self._addresses = [home.data_ptr() for home in self._homes]
        self._settle()

    def views(self, flat: Tensor) -> list[Tensor]:
        """Return the part of a flat tensor that belongs to each parameter, laid out like it."""
        rooms = torch.split(flat[: sum(self._rooms)], self._rooms)
        pieces = zip(rooms, self.parameters.values(), strict=True)
        return [laid_like(own, piece) for piece, own in pieces]

    def gather(self) -> bool:
        """Lay the gradients side by side, where they stay until they are forgotten.

        Returns:
            False if some parameter has none, or lies where it can't be brought back from; then
            each is to be moved by itself.
        """
        own = list(self.parameters.values())
        found = [tensor.grad for tensor in own if tensor.grad is not None]
        if len(found) < len(own) or any(one.dtype != self.whole.dtype for one in found):
            return False
        if [tensor.data_ptr() for tensor in own] != self._addresses and not self._settle():
            return False
        strays = [
            (tensor, view, one)
            for tensor, view, one in zip(own, self._gradients, found, strict=True)
            if one is not view
        ]
        if strays:
            torch._foreach_copy_([view for _, view, _ in strays], [one for _, _, one in strays])
            for tensor, view, _ in strays:
                tensor.grad = view
        return True

    @torch.no_grad()
    def _settle(self) -> bool:
        """Bring the parameters here; another optimizer may have taken them to its own memory."""
        for tensor, home in zip(self.parameters.values(), self._homes, strict=True):
            if tensor.dtype != home.dtype or tensor.device != home.device:
                return False
            if tensor.data_ptr() != home.data_ptr():
                home.copy_(tensor)
                tensor.data = home
        return True


def packs(parameters: Mapping[str, Tensor]) -> Iterator[Pack]:
    """Yield packs of those parameters that gain from it; the others stay alone."""
    kinds: dict[tuple[torch.dtype, torch.device], dict[str, Tensor]] = {}
    for name, tensor in parameters.items():
        if tensor.numel() <= SMALL and _has_no_gaps(tensor) and tensor.device.type == "cpu":
            kinds.setdefault((tensor.dtype, tensor.device), {})[name] = tensor
    for alike in kinds.values():
        if len(alike) > 1 and not _shared(list(alike.values())):
            yield Pack(alike)


def laid_like(own: Tensor, flat: Tensor) -> Tensor:
    """Return the first numbers of a flat tensor in the shape of another, and in its order, too."""
    return flat.as_strided(own.shape, own.stride(), flat.storage_offset())


def _has_no_gaps(tensor: Tensor) -> bool:
    return tensor.is_contiguous() or (tensor.dim() > 1 and tensor.mT.is_contiguous())


def _shared(tensors: Sequence[Tensor]) -> bool:
    """True if one tensor stands under two names; it would be moved twice."""
    return len({id(tensor) for tensor in tensors}) < len(tensors)
