"""Embeddings whose gradient has only the rows that a batch uses, and lookups by the next layer."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.operators import VECTOR_SIZE
from engine.runtime.optimizers.gradients import sparse_gradient


class Words(NamedTuple):
    """The embedding table and the ids of an embedding layer, which are not looked up yet.

    The layer after the embedding looks them up in the order in which it needs them. Or it
    multiplies the distinct rows of the table by its weight W, so that an id that occurs repeatedly
    is multiplied only once: E[ids] W^T = (E[words] W^T)[inverse].

    Shapes: table (vocabulary, features), ids (batch, steps).
    Args:
        sparse: whether the gradient of the table is sparse, with only the rows of this batch.
        native: whether the native kernels are used where they support the table.
    """

    table: Tensor
    ids: Tensor
    sparse: bool
    native: bool

    def look_up(self) -> Tensor:
        """Return the embedded words (batch, steps, features).

        Why: a dense gradient is as large as the table, and each training step fills it with zeros.
            The gradients of an id are added row by row; torch's embedding adds them one by one.
        """
        table, ids, sparse, native = self
        if table.device.type != "cpu" or not torch.is_grad_enabled() or not ids.numel():
            return functional.embedding(ids, table)
        flat = ids.reshape(-1)
        native = native and table.dtype == torch.float32 and table.shape[1] % VECTOR_SIZE == 0
        # If a batch uses most rows, torch computes a dense gradient faster, with the same result.
        sparse = sparse and (native or len(flat) <= len(table) / 2)
        if not (native or sparse):
            return table.index_select(0, flat).view(*ids.shape, -1)
        embedded: Tensor = _Rows.apply(table, flat, sparse, native, False)  # type: ignore[no-untyped-call]
        return embedded.view(*ids.shape, -1)

    def time_major(self) -> Tensor:
        """Return the embedded words (batch, steps, features), stored in memory by time step.

        Why: recurrent layers iterate over time steps. With words stored by row, they would have to
            transpose their input and its gradient.
        """
        return self._replace(ids=self.ids.t()).look_up().transpose(0, 1)

    def distinct_rows(self) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the rows of the distinct ids, and the positions that the kernel `distinct` finds.

        Raises:
            IndexError: if an id is out of range.
        """
        words, *positions = torch.ops.layerloom.distinct(self.ids, len(self.table))
        rows: Tensor = _Rows.apply(self.table, words, self.sparse, False, True)  # type: ignore[no-untyped-call]
        return rows, tuple(positions)


class _Rows(Function):
    """An autograd function: the rows of ids in a table; its gradient is sparse on demand.

    The gradients of an id that occurs repeatedly are added, by a native kernel if `native` is true.
    If `is_distinct` is true, no id does.
    """

    @staticmethod
    def forward(
        ctx: Any, table: Tensor, ids: Tensor, sparse: bool, native: bool, is_distinct: bool
    ) -> Tensor:
        ctx.save_for_backward(ids)
        ctx.shape, ctx.sparse, ctx.native = table.shape, sparse, native
        ctx.is_distinct = is_distinct
        return table.index_select(0, ids)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        (rows,), (d,) = ctx.saved_tensors, given
        if ctx.native:
            rows, _, *positions = torch.ops.layerloom.distinct(rows, ctx.shape[0])
            d = torch.ops.layerloom.sum_rows(d, *positions)
        elif not ctx.is_distinct:
            rows, inverse = torch.unique(rows, return_inverse=True)
            d = d.new_zeros(len(rows), d.shape[1]).index_add_(0, inverse, d)
        if ctx.sparse:
            d_table = sparse_gradient(rows, d, ctx.shape)
        else:
            d_table = d.new_zeros(ctx.shape).index_copy_(0, rows, d)
        return d_table, None, None, None, None
