"""Flat parameter buffers: many small parameters in one tensor, updated by one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from engine.runtime.acceleration.updates.lazy_state import LazyRowState, Memory

# Elements of a parameter that is packed. Larger ones would not gain: their arithmetic takes longer
# than the call of an operation, and copying their gradient to the buffer costs another pass.
SMALL = 1 << 19
_ALIGNMENT = 16  # elements: each parameter starts at a multiple, aligned for vector instructions
ROW = 1 << 10  # elements of a row, where a kernel updates a buffer as a table of rows


class ParameterSlice(NamedTuple):
    """A parameter, or a flat buffer of parameters, with everything that its update needs.

    Args:
        parameter, gradient: of the same shape, unless `rows` is given.
        memory: optimizer state by slot, such as the velocity.
        rows: indices of the rows of an embedding that the gradient has.
        lag: the steps that the rows of a lazily updated embedding are behind.
    """

    parameter: Tensor
    gradient: Tensor
    memory: Memory
    rows: Tensor | None = None
    lag: LazyRowState | None = None


class FlatParameters:
    """A flat buffer of parameters, and one of their gradients.

    1. Each parameter gets a slice of the buffer, padded to the alignment; its storage is replaced
       by a view of that slice. It stays the same object.
    2. After a backward pass, `gather` copies gradients to the second buffer, and makes them views
       of it; later backward passes accumulate there until gradients are reset.
    3. The optimizer updates the whole buffer at once.

    Args:
        parameters: by name; of one dtype, on one device.

    Why: a network has dozens of small parameters, and an update some operations on each. On a flat
        buffer the number of operations does not depend on the number of layers.
    """

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self.parameters = dict(parameters)
        first = next(iter(parameters.values()))
        self._sizes = [-(-p.numel() // _ALIGNMENT) * _ALIGNMENT for p in parameters.values()]
        self.whole = first.new_zeros(-(-sum(self._sizes) // ROW) * ROW, requires_grad=False)
        self.gradient = torch.zeros_like(self.whole)
        self._gradient_views = self.views(self.gradient)
        self._parameter_views = self.views(self.whole)
        self._addresses = [view.data_ptr() for view in self._parameter_views]
        self._attach()

    def views(self, flat: Tensor) -> list[Tensor]:
        """Return views of a flat tensor with the shapes and strides of the parameters."""
        slices = torch.split(flat[: sum(self._sizes)], self._sizes)
        pairs = zip(slices, self.parameters.values(), strict=True)
        return [laid_like(parameter, flat_slice) for flat_slice, parameter in pairs]

    def gather(self) -> bool:
        """Copy the gradients to their buffer, where they stay until they are reset.

        Returns:
            False if a parameter has no gradient, or was moved to another dtype or device; then
            the parameters have to be updated one by one.
        """
        parameters = list(self.parameters.values())
        gradients = [tensor.grad for tensor in parameters if tensor.grad is not None]
        if len(gradients) < len(parameters):
            return False
        if any(gradient.dtype != self.whole.dtype for gradient in gradients):
            return False
        is_attached = [tensor.data_ptr() for tensor in parameters] == self._addresses
        if not is_attached and not self._attach():
            return False
        triples = zip(parameters, self._gradient_views, gradients, strict=True)
        outside = [(p, view, gradient) for p, view, gradient in triples if gradient is not view]
        if outside:
            views, values = [view for _, view, _ in outside], [value for *_, value in outside]
            torch._foreach_copy_(views, values)
            for parameter, view, _ in outside:
                parameter.grad = view
        return True

    @torch.no_grad()
    def _attach(self) -> bool:
        """Move the parameters to the buffer; another optimizer may have moved them to its own."""
        for tensor, view in zip(self.parameters.values(), self._parameter_views, strict=True):
            if tensor.dtype != view.dtype or tensor.device != view.device:
                return False
            if tensor.data_ptr() != view.data_ptr():
                view.copy_(tensor)
                tensor.data = view
        return True


def packs(parameters: Mapping[str, Tensor]) -> Iterator[FlatParameters]:
    """Yield a flat buffer for the small parameters of each dtype and device."""
    groups: dict[tuple[torch.dtype, torch.device], dict[str, Tensor]] = {}
    for name, tensor in parameters.items():
        if tensor.numel() <= SMALL and _is_dense(tensor) and tensor.device.type == "cpu":
            groups.setdefault((tensor.dtype, tensor.device), {})[name] = tensor
    for group in groups.values():
        # A tensor with two names would be updated twice.
        if len({id(tensor) for tensor in group.values()}) == len(group) > 1:
            yield FlatParameters(group)


def laid_like(own: Tensor, flat: Tensor) -> Tensor:
    """Return a view of the start of a flat tensor with the shape and strides of another tensor."""
    return flat.as_strided(own.shape, own.stride(), flat.storage_offset())


def _is_dense(tensor: Tensor) -> bool:
    return tensor.is_contiguous() or (tensor.dim() > 1 and tensor.mT.is_contiguous())
