"""Deferred embedding lookup: the layer that reads the embedded words looks them up itself.

An embedding E of ids followed by a linear map W needs one product per distinct id:
E[ids] W^T = (E[words] W^T)[inverse], where words are the distinct ids. Backward, the output
gradients of all steps of a word are added up first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.autograd_function import apply_function
from engine.runtime.acceleration.buffer_pool import BufferPool, room
from engine.runtime.acceleration.kernel_bindings import Library, address, whole
from engine.runtime.acceleration.tall_skinny_matmul import tall_skinny_product
from engine.runtime.acceleration.updates.sparse_gradients import SPARSE, look_up, of_rows


class DeferredEmbedding(NamedTuple):
    """The table and the ids of an embedding whose lookup is deferred.

    Shapes: table (vocabulary, features), ids (batch, steps).
    Args:
        by_rows: whether the gradient of the table is sparse, with the rows of this batch only.
    """

    table: Tensor
    ids: Tensor
    by_rows: bool

    def in_steps(self) -> Tensor:
        """Return the embedded words (batch, steps, features), stored step by step in memory.

        Why: recurrent layers iterate over steps, and would transpose their input and its gradient.
        """
        return look_up(self.table, self.ids.t(), self.by_rows).transpose(0, 1)

    def in_rows(self) -> Tensor:
        """Return the embedded words (batch, steps, features), stored row by row in memory."""
        return look_up(self.table, self.ids, self.by_rows)

    def looked_up(self, spare: BufferPool | None) -> Tensor:
        """Return the words as `in_rows`, not differentiable, in memory of a buffer pool."""
        features = self.table.shape[1]
        embedded = room(spare, self.table, *self.ids.shape, features)
        flat, ids = embedded.view(-1, features), self.ids.reshape(-1)
        torch.index_select(self.table.detach(), 0, ids, out=flat)
        return embedded

    def gradient(self, d: Tensor, library: Library) -> Tensor:
        """Return the gradient of the table; d is that of the words, (batch, steps, features)."""
        words, places = apart(library, self.ids, len(self.table))
        return on_table(self.table, words, places.added(library, d), self.by_rows)

    def projected(
        self, weight: Tensor, bias: Tensor | None, library: Library
    ) -> tuple[Tensor, TokenPositions]:
        """Return a linear map of each distinct word of the batch, and the positions of the words.

        Shapes: weight (units, features), bias (units) -> (words, units).

        Raises:
            IndexError: if an id is out of range.
        """
        words, places = apart(library, self.ids.t(), len(self.table))
        product: Tensor = apply_function(_Projected, self.table, words, weight, bias, self.by_rows)
        return product, places


class TokenPositions(NamedTuple):
    """The positions of words in a batch: the word of each step, and the steps of each word.

    Shapes: of_steps (steps, batch), the index of each step's word; steps (steps * batch), the steps
        sorted by word; first (words + 1), the start of each word in it: word w has
        steps[first[w] : first[w + 1]] (as the row pointers of a CSR matrix).
    """

    of_steps: Tensor
    steps: Tensor
    first: Tensor

    def added(self, library: Library, d: Tensor) -> Tensor:
        """Return for each word the sum of the gradients of its steps.

        Shapes: d (steps, batch, units), in the order of the ids, units a multiple of 16 ->
            (words, units).
        """
        words, units, d = len(self.first) - 1, d.shape[-1], d.contiguous()
        sums = d.new_empty(words, units)
        library.rows_add(
            *whole(words, units), address(self.first), address(self.steps), address(d),
            address(sums),
        )  # fmt: skip
        return sums


def apart(library: Library, ids: Tensor, size: int) -> tuple[Tensor, TokenPositions]:
    """Return the distinct ids in ascending order, and their positions.

    Args:
        ids: (steps, batch) or (batch, steps); positions have the same order.
        size: exclusive upper bound of the ids.

    Raises:
        IndexError: if an id is negative or not below `size`.
    """
    ids = ids.contiguous()
    minimum, maximum = map(int, ids.aminmax())
    if not 0 <= minimum <= maximum < size:
        raise IndexError(f"ids of an embedding must be from 0 to {size - 1}")
    if size > SPARSE * ids.numel():
        # The kernel marks ids in an array of `size`: renumber them first if that would be large.
        distinct_ids, renumbered = torch.unique(ids, return_inverse=True)
        words, places = apart(library, renumbered, len(distinct_ids))
        return distinct_ids.long().index_select(0, words), places
    ids, count = ids.int(), ids.numel()
    words = torch.empty(min(size, count), dtype=torch.int64)
    of_steps, steps = torch.empty(ids.shape, dtype=torch.int64), torch.empty_like(ids)
    first = ids.new_empty(len(words) + 1)
    word_count = library.distinct(
        *whole(count, size), address(ids), address(steps), address(words), address(first),
        address(of_steps),
    )  # fmt: skip
    return words[:word_count], TokenPositions(of_steps, steps, first[: word_count + 1])


def on_table(table: Tensor, rows: Tensor, d_rows: Tensor, by_rows: bool) -> Tensor:
    """Return the gradient of a table, sparse if `by_rows`, from the gradients of distinct rows."""
    if by_rows:
        return of_rows(rows, d_rows, table.shape)
    return d_rows.new_zeros(table.shape).index_copy_(0, rows, d_rows)


class _Projected(Function):
    """A linear map of distinct rows of a table.

    Why: the backward pass looks the rows up again, since saved activations take most of the memory
        of a training.
    """

    @staticmethod
    def forward(
        ctx: Any, table: Tensor, rows: Tensor, weight: Tensor, bias: Tensor | None, by_rows: bool
    ) -> Tensor:
        ctx.save_for_backward(table, rows, weight)
        ctx.has_bias, ctx.by_rows = bias is not None, by_rows
        return functional.linear(table.index_select(0, rows), weight, bias)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        table, rows, weight = ctx.saved_tensors
        (d,) = given
        d_weight = tall_skinny_product(d, table.index_select(0, rows))
        d_bias = d.sum(0) if ctx.has_bias else None
        d_rows = d @ weight
        return on_table(table, rows, d_rows, ctx.by_rows), None, d_weight, d_bias, None
