"""Embeddings whose gradient has only the rows that a batch uses, and lookups by the next layer."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.operators import VECTOR_SIZE


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
        table, ids, _, native = self
        if table.device.type != "cpu" or not torch.is_grad_enabled() or not ids.numel():
            return functional.embedding(ids, table)
        if native and table.dtype == torch.float32 and table.shape[1] % VECTOR_SIZE == 0:
            rows, positions = self.distinct_rows()
            embedded: Tensor = torch.ops.layerloom.take_rows(rows, *positions)
            return embedded
        flat = ids.reshape(-1)
        # If a batch uses most rows, a dense gradient is faster, and has the same result.
        if self.sparse and len(flat) <= len(table) / 2:
            words, flat = torch.unique(flat, return_inverse=True)
            table = _rows(table, words, True)
        return table.index_select(0, flat).view(*ids.shape, -1)

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
        return _rows(self.table, words, self.sparse), tuple(positions)


def _rows(table: Tensor, rows: Tensor, sparse: bool) -> Tensor:
    selected: Tensor = _DistinctRows.apply(table, rows, sparse)  # type: ignore[no-untyped-call]
    return selected


class _DistinctRows(Function):
    """An autograd function: distinct rows of a table; its gradient is sparse on demand."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, rows: Tensor, sparse: bool) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.shape, ctx.sparse = table.shape, sparse
        return table.index_select(0, rows)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        (rows,), (d,) = ctx.saved_tensors, given
        if not ctx.sparse:
            return d.new_zeros(ctx.shape).index_copy_(0, rows, d), None, None
        gradient = torch.sparse_coo_tensor(
            rows.long().unsqueeze(0), d, ctx.shape, is_coalesced=True, check_invariants=False
        )
        return gradient, None, None
