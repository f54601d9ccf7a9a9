"""Words that a recurrence is about to read: looked up step by step, or each of them once."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function

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

    def apart(self, library: Library) -> tuple[Tensor, Tensor]:
        """Answer the row of each word of the batch, and where each step finds its own.

        Shapes: -> (words, features), (steps, batch).

        Raises:
            IndexError: an id stands for no row.
        """
        words, place = _marked(library, self.ids.t().int().contiguous(), len(self.table))
        rows: Tensor = _Rows.apply(  # type: ignore[no-untyped-call]
            self.table, words, self.by_rows
        )
        return rows, place


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


class _Rows(Function):
    """Some rows of a table, each once; the gradient has as many."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, rows: Tensor, by_rows: bool) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.shape, ctx.by_rows = table.shape, by_rows
        return table.index_select(0, rows)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        (rows,) = ctx.saved_tensors
        if ctx.by_rows:
            return of_rows(rows, given[0], ctx.shape), None, None
        return given[0].new_zeros(ctx.shape).index_copy_(0, rows, given[0]), None, None
