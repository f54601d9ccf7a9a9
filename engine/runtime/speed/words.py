"""Words that a recurrence is about to read: looked up step by step, or each of them once."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.speed.library import Library, address, whole
from engine.runtime.speed.rows import distinct, look_up, of_rows

_SPARSE = 64  # a table of more rows than so many times the ids is not gone through to mark them


class Words(NamedTuple):
    """An embedding that is not looked up yet.

    Shapes: table (vocabulary, features), ids (batch, steps).
    Args:
        by_rows: let the table's gradient hold the rows of this batch alone.
    """

    table: Tensor
    ids: Tensor
    by_rows: bool

    def in_steps(self) -> Tensor:
        """Answer (batch, steps, features), which lies in memory step after step.

        Why: recurrences go along the steps, and would turn what they are fed, and its gradient.
        """
        return look_up(self.table, self.ids.t(), self.by_rows).transpose(0, 1)

    def projected(
        self, weight: Tensor, bias: Tensor | None, library: Library
    ) -> tuple[Tensor, Tensor]:
        """Answer what a linear layer makes of each word of the batch, and where steps find theirs.

        Shapes: weight (units, features), bias (units) -> (words, units), (steps, batch).

        Raises:
            IndexError: an id stands for no row.
        """
        words, place = _marked(library, self.ids.t().int().contiguous(), len(self.table))
        made: Tensor = _Projected.apply(  # type: ignore[no-untyped-call]
            self.table, words, weight, bias, self.by_rows
        )
        return made, place


def _marked(library: Library, ids: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Answer what `rows.distinct` does, in two passes over the ids."""
    if size > _SPARSE * ids.numel():
        return distinct(ids, size)
    place = torch.empty(ids.shape, dtype=torch.int64)
    words = torch.empty(min(size, ids.numel()), dtype=torch.int64)
    mark = torch.zeros(size, dtype=torch.int32)
    count = library.distinct(
        *whole(ids.numel(), size), address(ids), address(mark), address(words), address(place)
    )
    if count < 0:
        raise IndexError(f"ids of an embedding are to be from 0 to {size - 1}")
    return words[:count], place


class _Projected(Function):
    """A linear layer on some rows of a table, each once; the table's gradient has as many.

    Why: rows are looked up anew on the way back, for what is kept meanwhile is what a training
        needs most memory for.
    """

    @staticmethod
    def forward(
        ctx: Any, table: Tensor, rows: Tensor, weight: Tensor, bias: Tensor | None, by_rows: bool
    ) -> Tensor:
        """Look up and multiply."""
        ctx.save_for_backward(table, rows, weight)
        ctx.biased, ctx.by_rows = bias is not None, by_rows
        return functional.linear(table.index_select(0, rows), weight, bias)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        """Answer the gradients of table, weight and bias."""
        table, rows, weight = ctx.saved_tensors
        (d,) = given
        d_weight = d.t() @ table.index_select(0, rows)
        d_bias = d.sum(0) if ctx.biased else None
        d_rows = d @ weight
        if ctx.by_rows:
            d_table = of_rows(rows, d_rows, table.shape)
        else:
            d_table = d.new_zeros(table.shape).index_copy_(0, rows, d_rows)
        return d_table, None, d_weight, d_bias, None
