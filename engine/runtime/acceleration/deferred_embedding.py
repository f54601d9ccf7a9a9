"""Deferred embedding lookup: the layer after an embedding looks up rows of the embedding table.

That layer multiplies rows of the embedding table E by its weight W. The row of a repeated id is
multiplied only once: E[ids] W^T = (E[words] W^T)[inverse]. Here `words` are the distinct ids,
and `inverse` holds, for each id, its index in `words`. In the backward pass, the output gradients
of all time steps with the same id are added before the product.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from engine.runtime.acceleration.autograd_function import apply_function
from engine.runtime.acceleration.buffer_pool import BufferPool, allocate
from engine.runtime.acceleration.kernel_bindings import Library, address, int64s
from engine.runtime.acceleration.tall_skinny_matmul import tall_skinny_product
from engine.runtime.acceleration.updates.sparse_gradients import SPARSITY, look_up, sparse_gradient


class DeferredEmbedding(NamedTuple):
    """The embedding table and the ids of an embedding layer whose lookup is deferred.

    Shapes: table (vocabulary, features), ids (batch, steps).
    Args:
        sparse: whether the gradient of the table is sparse, with only the rows of this batch.
    """

    table: Tensor
    ids: Tensor
    sparse: bool

    def time_major(self) -> Tensor:
        """Return the embedded words (batch, steps, features), stored in memory by time step.

        Why: recurrent layers iterate over time steps. With words stored by row, they would have to
            transpose their input and its gradient.
        """
        return look_up(self.table, self.ids.t(), self.sparse).transpose(0, 1)

    def batch_major(self) -> Tensor:
        """Return embedded words (batch, steps, features), stored with the batch axis outermost."""
        return look_up(self.table, self.ids, self.sparse)

    def look_up_detached(self, pool: BufferPool | None) -> Tensor:
        """Return embedded words (batch, steps, features), detached, in memory of `pool` if any."""
        features = self.table.shape[1]
        embedded = allocate(pool, self.table, *self.ids.shape, features)
        flat, ids = embedded.view(-1, features), self.ids.reshape(-1)
        torch.index_select(self.table.detach(), 0, ids, out=flat)
        return embedded

    def gradient(self, d: Tensor, library: Library) -> Tensor:
        """Return the gradient of `table`; `d` is that of table[ids], (batch, steps, features)."""
        words, positions = unique_tokens(library, self.ids, len(self.table))
        return table_gradient(self.table, words, positions.sum_gradients(library, d), self.sparse)

    def project(
        self, weight: Tensor, bias: Tensor | None, library: Library
    ) -> tuple[Tensor, TokenPositions]:
        """Return the embedding of each distinct id after a linear map, and where each id occurs.

        Shapes: weight (units, features), bias (units) -> (distinct ids, units).

        Raises:
            IndexError: if an id is out of range.
        """
        words, positions = unique_tokens(library, self.ids.t(), len(self.table))
        product: Tensor = apply_function(_Projection, self.table, words, weight, bias, self.sparse)
        return product, positions


class TokenPositions(NamedTuple):
    """The positions of the distinct words in the time steps of a batch.

    Shapes: inverse (steps, batch), the index of the word at each step; steps (steps * batch), the
        flat indices of the steps, sorted by word; offsets (words + 1): word w occurs at
        steps[offsets[w] : offsets[w + 1]] (like the row pointers of a CSR matrix).
    """

    inverse: Tensor
    steps: Tensor
    offsets: Tensor

    def sum_gradients(self, library: Library, d: Tensor) -> Tensor:
        """Return for each distinct word the sum of the gradients at all its positions.

        Args:
            d: the gradient at each position; its first two axes are ordered as in `self.inverse`.

        Shapes: d (steps, batch, units) -> (words, units); units must be a multiple of 16.
        """
        words, units, d = len(self.offsets) - 1, d.shape[-1], d.contiguous()
        sums = d.new_empty(words, units)
        library.rows_add(
            *int64s(words, units), address(self.offsets), address(self.steps), address(d),
            address(sums),
        )  # fmt: skip
        return sums


def unique_tokens(library: Library, ids: Tensor, size: int) -> tuple[Tensor, TokenPositions]:
    """Return the distinct ids in ascending order, and their positions.

    Args:
        ids: (steps, batch) or (batch, steps); `TokenPositions.inverse` gets the same shape.
        size: exclusive upper bound of the ids.

    Raises:
        IndexError: if an id is negative or not below `size`.
    """
    ids = ids.contiguous()
    minimum, maximum = map(int, ids.aminmax())
    if not 0 <= minimum <= maximum < size:
        raise IndexError(f"ids of an embedding must be from 0 to {size - 1}")
    if size > SPARSITY * ids.numel():
        # The kernel marks ids in an array of `size` elements; they are renumbered if it is large.
        distinct_ids, renumbered = torch.unique(ids, return_inverse=True)
        words, positions = unique_tokens(library, renumbered, len(distinct_ids))
        return distinct_ids.long().index_select(0, words), positions
    ids, count = ids.int(), ids.numel()
    words = torch.empty(min(size, count), dtype=torch.int64)
    inverse, steps = torch.empty(ids.shape, dtype=torch.int64), torch.empty_like(ids)
    offsets = ids.new_empty(len(words) + 1)
    word_count = library.distinct(
        *int64s(count, size), address(ids), address(steps), address(words), address(offsets),
        address(inverse),
    )  # fmt: skip
    return words[:word_count], TokenPositions(inverse, steps, offsets[: word_count + 1])


def table_gradient(table: Tensor, rows: Tensor, row_gradients: Tensor, sparse: bool) -> Tensor:
    """Return a table's gradient (sparse or dense): `row_gradients` at distinct `rows`, else 0."""
    if sparse:
        return sparse_gradient(rows, row_gradients, table.shape)
    return row_gradients.new_zeros(table.shape).index_copy_(0, rows, row_gradients)


class _Projection(Function):
    """An autograd function that applies a linear map to distinct rows of an embedding table.

    Why: the backward pass looks up the rows again, so they don't occupy memory until then.
    """

    @staticmethod
    def forward(
        ctx: Any, table: Tensor, rows: Tensor, weight: Tensor, bias: Tensor | None, sparse: bool
    ) -> Tensor:
        ctx.save_for_backward(table, rows, weight)
        ctx.has_bias, ctx.sparse = bias is not None, sparse
        return functional.linear(table.index_select(0, rows), weight, bias)

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor | None, ...]:
        table, rows, weight = ctx.saved_tensors
        (d,) = given
        d_weight = tall_skinny_product(d, table.index_select(0, rows))
        d_bias = d.sum(0) if ctx.has_bias else None
        row_gradients = d @ weight
        return table_gradient(table, rows, row_gradients, ctx.sparse), None, d_weight, d_bias, None
