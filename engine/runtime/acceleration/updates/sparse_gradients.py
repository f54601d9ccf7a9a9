"""Sparse gradients of embeddings: the rows that a batch uses, each once and in ascending order.

They are torch.sparse_coo tensors with one sparse dimension: indices (1, rows), values (rows,
features). A table has them if nothing else, such as a penalty, contributes to its gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.compile.plan import Plan
from engine.layers.dense import Embedding
from engine.runtime.acceleration.autograd_function import apply_function

ROWS = "/rows"  # suffix of the name under which the row indices of a gradient are saved
# If the ids of a batch are more than this part of the rows, the gradient is dense: that is faster,
# with the same result. Deferred lookups (`deferred_embedding`) need no such limit: their rows are
# distinct, and a kernel updates them in one pass.
MOST = 0.5
_PORTION_SIZE = 1 << 18  # elements that are updated at a time
_WIDE = torch.complex128  # 16 bytes: four elements of float32
SPARSE = 64  # ids are sorted, not marked in an array, if the table has so many times more rows


def row_weights(plan: Plan) -> Iterator[str]:
    """Yield the names of embeddings without a penalty, which can have sparse gradients."""
    for step in plan.steps:
        layer = step.layer
        if isinstance(layer, Embedding) and step.owns_module and not layer.embeddings_regularizer:
            yield f"{plan.attributes[step.owner]}.weight"


def look_up(table: Tensor, ids: Tensor, by_rows: bool) -> Tensor:
    """Return the embeddings of ids.

    Args:
        table: (vocabulary, features).
        ids: of any shape.
        by_rows: whether the gradient of the table is sparse, if the ids are few.

    Why: a dense gradient is as large as the table, and is filled with zeros at every step.
    """
    is_sparse = by_rows and ids.numel() <= MOST * len(table)
    if is_sparse or ids.device.type != "cpu" or not torch.is_grad_enabled():
        return functional.embedding(ids, table, sparse=is_sparse)
    embedded: Tensor = apply_function(_Lookup, table, ids)
    return embedded


class _Lookup(Function):
    """An embedding lookup with a dense gradient.

    Why: in torch's own backward pass each thread iterates over all ids, element by element of a
        row; adding whole rows takes a quarter of the time.
    """

    @staticmethod
    def forward(ctx: Any, table: Tensor, ids: Tensor) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape = table.shape
        return functional.embedding(ids, table)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradient of the table: for each row the sum over its ids, in their order."""
        (ids,) = ctx.saved_tensors
        rows = given[0].reshape(-1, ctx.shape[1])
        return rows.new_zeros(ctx.shape).index_add_(0, ids.reshape(-1).long(), rows), None


def touched(gradient: Tensor) -> Tensor:
    """Return a sparse gradient with distinct rows in ascending order (coalesced).

    Why: torch's own `coalesce` adds rows one by one on one thread.
    """
    if gradient.is_coalesced():
        return gradient
    all_values, all_ids = gradient._values(), gradient._indices()[0]
    if bool((all_ids.diff() > 0).all()):  # coalesced already, but torch lost the flag
        return of_rows(all_ids, all_values, gradient.shape)
    ids, inverse = distinct(all_ids, len(gradient))
    values = all_values.new_zeros(len(ids), *all_values.shape[1:])
    return of_rows(ids, values.index_add_(0, inverse, all_values), gradient.shape)


def distinct(ids: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the distinct ids in ascending order, and the index of each of `ids` among them.

    Args:
        ids: integers from 0 to `count` - 1.

    Why: torch.unique sorts; marking the ids in an array and counting them takes half the time.
    """
    if count > SPARSE * ids.numel():
        distinct_ids, inverse = torch.unique(ids, return_inverse=True)
        return distinct_ids.long(), inverse
    is_present = torch.zeros(count, dtype=torch.bool, device=ids.device)
    ids = ids.contiguous().long()
    is_present[ids.view(-1)] = True
    return is_present.nonzero().squeeze(1), (is_present.cumsum(0) - 1)[ids]


def portions(rows: Tensor, values: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield row indices and their values, a portion at a time.

    Shapes: rows (count), values (count, ...).
    Why: the operations of an update find the values of a portion in the processor's cache.
    """
    count = len(rows)
    if rows.device.type == "cpu":
        count = _PORTION_SIZE // math.prod(values.shape[1:])
    parts = (torch.split(tensor, max(1, count)) for tensor in (rows, values))
    return zip(*parts, strict=True)


def put_rows(table: Tensor, rows: Tensor, values: Tensor) -> None:
    """Write distinct rows of a table.

    Shapes: table (count, features), rows (n), values (n, features).
    Why: torch writes element by element. Elements of 16 bytes, as which several are viewed here,
        take three fifths of the time; the bits are the same.
    """
    if all(tensor.is_contiguous() and _is_wide(tensor) for tensor in (table, values)):
        table, values = table.view(_WIDE), values.view(_WIDE)
    table.index_put_((rows,), values)


def _is_wide(tensor: Tensor) -> bool:
    """Return whether offset, strides and width of a tensor are multiples of 16 bytes."""
    counts = (tensor.storage_offset(), *tensor.stride()[:-1], tensor.shape[-1])
    return all(count * tensor.element_size() % _WIDE.itemsize == 0 for count in counts)


def parts_of(name: str, gradient: Tensor) -> dict[str, Tensor]:
    """Return a gradient as dense tensors by name, to be saved."""
    if not gradient.is_sparse:
        return {name: gradient}
    coalesced = touched(gradient)
    return {name: coalesced._values(), f"{name}{ROWS}": coalesced._indices()[0]}


def from_parts(name: str, parts: Mapping[str, Tensor], parameter: Tensor) -> Tensor:
    """Return the gradient that `parts_of` converted to dense tensors.

    Raises:
        ValueError, RuntimeError: if its shape does not match the parameter.
    """
    values, rows = parts[name], parts.get(f"{name}{ROWS}")
    if rows is None:
        # In the memory layout of its parameter: the rounding of a sum may depend on the layout.
        return torch.empty_like(parameter).copy_(values.view_as(parameter))
    values = values.to(parameter, copy=True)
    ids = rows.to(parameter.device, torch.int64)
    if values.shape != (len(ids), *parameter.shape[1:]) or not _is_ascending(ids, len(parameter)):
        raise ValueError(f"{name}: {tuple(values.shape)} does not match {tuple(parameter.shape)}")
    return of_rows(ids, values, parameter.shape)


def _is_ascending(ids: Tensor, count: int) -> bool:
    """Return whether row indices are distinct, ascending and in range."""
    if not len(ids):
        return True
    return bool(ids[0] >= 0) and bool(ids[-1] < count) and bool((ids.diff() > 0).all())


def of_rows(ids: Tensor, values: Tensor, shape: torch.Size) -> Tensor:
    """Return a sparse gradient of distinct, ascending rows; it shares the memory of `values`."""
    return torch.sparse_coo_tensor(
        ids.unsqueeze(0), values, shape, is_coalesced=True, check_invariants=False
    )
