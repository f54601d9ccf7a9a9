"""Words that a recurrence is about to read: looked up step by step, or each of them once."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor
from torch.autograd import Function

from engine.runtime.speed.rows import distinct, look_up, of_rows


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

    def apart(self) -> tuple[Tensor, Tensor]:
        """Answer the row of each word of the batch, and where each step finds its own.

        Shapes: -> (words, features), (steps, batch).
        """
        words, place = distinct(self.ids.t(), len(self.table))
        rows: Tensor = _Rows.apply(  # type: ignore[no-untyped-call]
            self.table, words, self.by_rows
        )
        return rows, place


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
