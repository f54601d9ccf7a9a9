"""Sparse gradients of embeddings: only the rows that a batch uses, distinct and in ascending order.

Sparse gradients are torch.sparse_coo tensors with one sparse dimension: indices (1, rows), values
(rows, features). An embedding table can have a sparse gradient if nothing else, such as a penalty,
contributes to the gradient.
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
# If a batch has more ids than this fraction of the table's rows, the gradient is dense, which is
# faster and has the same result. Deferred lookups (`deferred_embedding`) need no such limit, since
# their rows are distinct, and a kernel updates them in one pass.
MAX_SPARSE_FRACTION = 0.5
_CHUNK_SIZE = 1 << 18  # number of elements that are updated at a time
_WIDE_DTYPE = torch.complex128  # 16 bytes: four elements of float32
SPARSITY = 64  # ids are sorted, not marked in an array, if the table has so many times more rows


def sparse_weights(plan: Plan) -> Iterator[str]:
    """Yield the parameter names of embeddings without regularizer: these allow sparse gradients."""
    for step in plan.steps:
        layer = step.layer
        if isinstance(layer, Embedding) and step.owns_module and not layer.embeddings_regularizer:
            yield f"{plan.attributes[step.owner]}.weight"


def look_up(table: Tensor, ids: Tensor, sparse: bool) -> Tensor:
    """Return the embeddings of ids.

    Args:
        table: embedding table of shape (vocabulary, features).
        ids: integers from 0 to vocabulary - 1, of any shape.
        sparse: whether a sparse gradient is allowed. It is used only if there are few ids.

    Why: a dense gradient is as large as the table, and each training step fills it with zeros.
    """
    is_sparse = sparse and ids.numel() <= MAX_SPARSE_FRACTION * len(table)
    if is_sparse or ids.device.type != "cpu" or not torch.is_grad_enabled():
        return functional.embedding(ids, table, sparse=is_sparse)
    embedded: Tensor = apply_function(_Lookup, table, ids)
    return embedded


class _Lookup(Function):
    """An embedding lookup with a dense gradient.

    Why: in the backward pass of torch, each thread iterates over all ids, and adds element by
        element. Adding complete rows takes a quarter of the time.
    """

    @staticmethod
    def forward(ctx: Any, table: Tensor, ids: Tensor) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape = table.shape
        return functional.embedding(ids, table)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Return (gradient of `table`, None). Row i sums the output gradient `given[0]` of id i."""
        (ids,) = ctx.saved_tensors
        rows = given[0].reshape(-1, ctx.shape[1])
        return rows.new_zeros(ctx.shape).index_add_(0, ids.reshape(-1).long(), rows), None


def coalesce(gradient: Tensor) -> Tensor:
    """Return a sparse gradient with distinct rows in ascending order (coalesced).

    Why: torch's own `coalesce` adds rows one by one on a single thread.
    """
    if gradient.is_coalesced():
        return gradient
    all_values, all_ids = gradient._values(), gradient._indices()[0]
    if bool((all_ids.diff() > 0).all()):  # already coalesced, but torch lost the flag
        return sparse_gradient(all_ids, all_values, gradient.shape)
    ids, inverse = unique_ids(all_ids, len(gradient))
    values = all_values.new_zeros(len(ids), *all_values.shape[1:])
    return sparse_gradient(ids, values.index_add_(0, inverse, all_values), gradient.shape)


def unique_ids(ids: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the distinct ids in ascending order, and the index of each of `ids` among them.

    Args:
        ids: integers from 0 to `count` - 1.

    Why: torch.unique sorts the ids. Marking the ids in an array takes half the time.
    """
    if count > SPARSITY * ids.numel():
        distinct_ids, inverse = torch.unique(ids, return_inverse=True)
        return distinct_ids.long(), inverse
    is_present = torch.zeros(count, dtype=torch.bool, device=ids.device)
    ids = ids.contiguous().long()
    is_present[ids.view(-1)] = True
    return is_present.nonzero().squeeze(1), (is_present.cumsum(0) - 1)[ids]


def row_chunks(rows: Tensor, values: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield chunks of row indices, each with the values of these rows.

    Shapes: rows (count), values (count, ...).
    Why: a chunk is small enough to stay in the processor's cache during an update.
    """
    count = len(rows)
    if rows.device.type == "cpu":
        count = _CHUNK_SIZE // math.prod(values.shape[1:])
    parts = (torch.split(tensor, max(1, count)) for tensor in (rows, values))
    return zip(*parts, strict=True)


def write_rows(table: Tensor, rows: Tensor, values: Tensor) -> None:
    """Overwrite rows of a table; the row indices must be distinct.

    Shapes: table (count, features), rows (n), values (n, features).
    Why: torch writes element by element. Writing several elements as one element of 16 bytes copies
        the same bits in three fifths of the time.
    """
    if all(tensor.is_contiguous() and _is_wide(tensor) for tensor in (table, values)):
        table, values = table.view(_WIDE_DTYPE), values.view(_WIDE_DTYPE)
    table.index_put_((rows,), values)


def _is_wide(tensor: Tensor) -> bool:
    """Return whether a tensor can be viewed as elements of 16 bytes."""
    counts = (tensor.storage_offset(), *tensor.stride()[:-1], tensor.shape[-1])
    return all(count * tensor.element_size() % _WIDE_DTYPE.itemsize == 0 for count in counts)


def to_parts(name: str, gradient: Tensor) -> dict[str, Tensor]:
    """Return a gradient as dense tensors by name, for a checkpoint.

    A dense gradient, or the values of a sparse gradient, are stored by `name`. The row indices of a
    sparse gradient are stored by `name` and the suffix `ROWS`.
    """
    if not gradient.is_sparse:
        return {name: gradient}
    coalesced = coalesce(gradient)
    return {name: coalesced._values(), f"{name}{ROWS}": coalesced._indices()[0]}


def from_parts(name: str, parts: Mapping[str, Tensor], parameter: Tensor) -> Tensor:
    """Return the gradient that `to_parts` stored in `parts` by `name`, for the given parameter.

    Raises:
        ValueError, RuntimeError: if the gradient's shape does not match the parameter.
    """
    values, rows = parts[name], parts.get(f"{name}{ROWS}")
    if rows is None:
        # Use the memory layout of the parameter, since rounding of sums may depend on the layout.
        return torch.empty_like(parameter).copy_(values.view_as(parameter))
    values = values.to(parameter, copy=True)
    ids = rows.to(parameter.device, torch.int64)
    if values.shape != (len(ids), *parameter.shape[1:]) or not _is_ascending(ids, len(parameter)):
        raise ValueError(f"{name}: {tuple(values.shape)} does not match {tuple(parameter.shape)}")
    return sparse_gradient(ids, values, parameter.shape)


def _is_ascending(ids: Tensor, count: int) -> bool:
    """Return whether the row indices `ids` are distinct, ascending, and from 0 to `count` - 1."""
    if not len(ids):
        return True
    return bool(ids[0] >= 0) and bool(ids[-1] < count) and bool((ids.diff() > 0).all())


def sparse_gradient(ids: Tensor, values: Tensor, shape: torch.Size) -> Tensor:
    """Return a sparse gradient: `values` (not copied) in rows `ids` (distinct and ascending)."""
    return torch.sparse_coo_tensor(
        ids.unsqueeze(0), values, shape, is_coalesced=True, check_invariants=False
    )
