"""Flat parameter buffers: many small parameters in one tensor, updated by one operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from engine.runtime.acceleration.updates.lazy_state import LazyRowState, State

# Maximum number of elements of a parameter that is packed. Larger ones would not gain: their
# arithmetic takes longer than the call of an operation, and their gradient has to be copied.
MAX_PACKED_SIZE = 1 << 19
_ALIGNMENT = 16  # parameters start at multiples of this number of elements (vector instructions)
ROW = 1 << 10  # elements per row, if a kernel updates a flat buffer as if it were a table


class ParameterSlice(NamedTuple):
    """A parameter, or a flat buffer of parameters, with the gradient and state for its update.

    Args:
        parameter, gradient: tensors of the same shape, unless `indices` is given.
        state: tensors of the optimizer state by name, such as the velocity.
        indices: indices of the embedding rows for which `gradient` has values; None for all rows.
        lazy_state: state of the embedding rows, if these are updated lazily, else None.
    """

    parameter: Tensor
    gradient: Tensor
    state: State
    indices: Tensor | None = None
    lazy_state: LazyRowState | None = None


class FlatParameters:
    """Two flat buffers: one for the values of parameters, and one for their gradients.

    1. Each parameter object gets a slice of the first buffer as its storage. Slices are padded to
       the alignment.
    2. After a backward pass, `gather` copies the gradients to the second buffer, and replaces each
       gradient by a view of it. Later backward passes add to the buffer, until gradients are reset.
    3. The optimizer updates the first buffer as a single tensor.

    Args:
        parameters: parameters by name, all with the same dtype and device.

    Why: a network has dozens of small parameters, and each update consists of several operations.
        With a flat buffer, the number of operations does not depend on the number of layers.
    """

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self.parameters = dict(parameters)
        first = next(iter(parameters.values()))
        self._sizes = [-(-p.numel() // _ALIGNMENT) * _ALIGNMENT for p in parameters.values()]
        self.flat = first.new_zeros(-(-sum(self._sizes) // ROW) * ROW, requires_grad=False)
        self.gradient = torch.zeros_like(self.flat)
        self._gradient_views = self.views(self.gradient)
        self._parameter_views = self.views(self.flat)
        self._addresses = [view.data_ptr() for view in self._parameter_views]
        self._attach()

    def views(self, flat: Tensor) -> list[Tensor]:
        """Return views of a flat tensor with the shapes and strides of the parameters."""
        slices = torch.split(flat[: sum(self._sizes)], self._sizes)
        pairs = zip(slices, self.parameters.values(), strict=True)
        return [view_as(parameter, flat_slice) for flat_slice, parameter in pairs]

    def gather(self) -> bool:
        """Copy the gradients to the gradient buffer, and replace each gradient by a view of it.

        Returns:
            False if a parameter has no gradient, or was moved to another dtype or device. In this
            case, the parameters have to be updated one by one.
        """
        parameters = list(self.parameters.values())
        gradients = [tensor.grad for tensor in parameters if tensor.grad is not None]
        if len(gradients) < len(parameters):
            return False
        if any(gradient.dtype != self.flat.dtype for gradient in gradients):
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
        """Make all parameters views of `flat`. Return False if one has another dtype or device."""
        for tensor, view in zip(self.parameters.values(), self._parameter_views, strict=True):
            if tensor.dtype != view.dtype or tensor.device != view.device:
                return False
            if tensor.data_ptr() != view.data_ptr():
                view.copy_(tensor)
                tensor.data = view
        return True


def pack_small(parameters: Mapping[str, Tensor]) -> Iterator[FlatParameters]:
    """Yield one `FlatParameters` per dtype, for CPU parameters up to `MAX_PACKED_SIZE` values."""
    groups: dict[tuple[torch.dtype, torch.device], dict[str, Tensor]] = {}
    for name, tensor in parameters.items():
        if tensor.numel() <= MAX_PACKED_SIZE and _is_dense(tensor) and tensor.device.type == "cpu":
            groups.setdefault((tensor.dtype, tensor.device), {})[name] = tensor
    for group in groups.values():
        # A tensor with two names would be updated twice.
        if len({id(tensor) for tensor in group.values()}) == len(group) > 1:
            yield FlatParameters(group)


def view_as(current: Tensor, flat: Tensor) -> Tensor:
    """Return a view of the start of `flat` with the shape and strides of `current`."""
    return flat.as_strided(current.shape, current.stride(), flat.storage_offset())


def _is_dense(tensor: Tensor) -> bool:
    return tensor.is_contiguous() or (tensor.dim() > 1 and tensor.mT.is_contiguous())
