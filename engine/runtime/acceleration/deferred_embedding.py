"""Words that a layer is about to read, which looks them up as it goes along them."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.autograd_function import applied
from engine.runtime.acceleration.buffer_pool import Spare, room
from engine.runtime.acceleration.kernel_bindings import Library, address, whole
from engine.runtime.acceleration.tall_skinny_matmul import across
from engine.runtime.acceleration.updates.sparse_gradients import SPARSE, look_up, of_rows


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
        """Return (batch, steps, features), which lies in memory step after step.

        Why: recurrences go along the steps, and would turn what they are fed, and its gradient.
        """
        return look_up(self.table, self.ids.t(), self.by_rows).transpose(0, 1)

    def in_rows(self) -> Tensor:
        """Return (batch, steps, features), which lies in memory row after row."""
        return look_up(self.table, self.ids, self.by_rows)

    def looked_up(self, spare: Spare | None) -> Tensor:
        """Return what `in_rows` does, without a way back, in memory that may be given back."""
        features = self.table.shape[1]
        found = room(spare, self.table, *self.ids.shape, features)
        flat, ids = found.view(-1, features), self.ids.reshape(-1)
        torch.index_select(self.table.detach(), 0, ids, out=flat)
        return found

    def gradient(self, d: Tensor, library: Library) -> Tensor:
        """Return the table's gradient from that of its rows; d (batch, steps, features)."""
        words, places = apart(library, self.ids, len(self.table))
        return on_table(self.table, words, places.added(library, d), self.by_rows)

    def projected(
        self, weight: Tensor, bias: Tensor | None, library: Library
    ) -> tuple[Tensor, Places]:
        """Return what a linear layer makes of each word of the batch, and where its steps are.

        Shapes: weight (units, features), bias (units) -> (words, units).

        Raises:
            IndexError: an id stands for no row.
        """
        words, places = apart(library, self.ids.t(), len(self.table))
        made: Tensor = applied(_Projected, self.table, words, weight, bias, self.by_rows)
        return made, places


class Places(NamedTuple):
    """Where each step finds its word, and each word its steps.

    Shapes: of_steps (steps, batch); steps (steps * batch) and first (words + 1), whose word w
        stands at steps[first[w]] up to steps[first[w + 1]].
    """

    of_steps: Tensor
    steps: Tensor
    first: Tensor

    def added(self, library: Library, d: Tensor) -> Tensor:
        """Return the sums of what is said of each word's steps.

        Shapes: d (steps, batch, units), as the ids were, units a multiple of 16 -> (words, units).
        """
        words, units, d = len(self.first) - 1, d.shape[-1], d.contiguous()
        found = d.new_empty(words, units)
        library.rows_add(
            *whole(words, units), address(self.first), address(self.steps), address(d),
            address(found),
        )  # fmt: skip
        return found


def apart(library: Library, ids: Tensor, size: int) -> tuple[Tensor, Places]:
    """Return each of some ids once and in order, and their places.

    Args:
        ids: (steps, batch), or the other way round; places are told in the same order.
        size: they are below it.

    Raises:
        IndexError: one is not.
    """
    ids = ids.contiguous()
    least, most = map(int, ids.aminmax())
    if not 0 <= least <= most < size:
        raise IndexError(f"ids of an embedding are to be from 0 to {size - 1}")
    if size > SPARSE * ids.numel():
        some, within = torch.unique(ids, return_inverse=True)
        words, places = apart(library, within, len(some))
        return some.long().index_select(0, words), places
    ids, count = ids.int(), ids.numel()
    words = torch.empty(min(size, count), dtype=torch.int64)
    of_steps, steps = torch.empty(ids.shape, dtype=torch.int64), torch.empty_like(ids)
    first = ids.new_empty(len(words) + 1)
    found = library.distinct(
        *whole(count, size), address(ids), address(steps), address(words), address(first),
        address(of_steps),
    )  # fmt: skip
    return words[:found], Places(of_steps, steps, first[: found + 1])


def on_table(table: Tensor, rows: Tensor, d_rows: Tensor, by_rows: bool) -> Tensor:
    """Return the gradient of a table from those of some rows, each of which stands there once."""
    if by_rows:
        return of_rows(rows, d_rows, table.shape)
    return d_rows.new_zeros(table.shape).index_copy_(0, rows, d_rows)


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
        """Return the gradients of table, weight and bias."""
        table, rows, weight = ctx.saved_tensors
        (d,) = given
        d_weight = across(d, table.index_select(0, rows))
        d_bias = d.sum(0) if ctx.biased else None
        d_rows = d @ weight
        return on_table(table, rows, d_rows, ctx.by_rows), None, d_weight, d_bias, None
