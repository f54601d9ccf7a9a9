"""Matrix product of two tall, narrow matrices, as in the gradient of a weight."""

from __future__ import annotations

import torch
from torch import Tensor

_PART_COUNT = 4  # more parts are not faster on two processors, and their sums take memory
# Minimum number of rows per part (absolute, and per column of the wider matrix) for a speedup.
_MIN_ROWS, _MIN_ROWS_PER_COLUMN = 1024, 8


def tall_skinny_product(left: Tensor, right: Tensor) -> Tensor:
    """Return `left.T @ right`; the result may be a transposed view.

    Both matrices are split into parts of consecutive rows. The products of the parts are computed
    in parallel, and added (split-K).

    Shapes: left (rows, m), right (rows, n) -> (m, n).
    Why: libraries compute the elements of a product in parallel, but each element in one thread.
        Here, the product has few elements, each a long sum. Split sums take a fifth less time.
    """
    size = len(left) // _PART_COUNT
    if size < max(_MIN_ROWS, _MIN_ROWS_PER_COLUMN * max(left.shape[1], right.shape[1])):
        return left.t() @ right
    split_rows = _PART_COUNT * size
    # The narrower matrix is the first factor, since the product is computed along its rows.
    is_swapped = left.shape[1] > right.shape[1]
    narrow, wide = (right, left) if is_swapped else (left, right)
    narrow_parts, wide_parts = (
        matrix[:split_rows].view(_PART_COUNT, size, -1) for matrix in (narrow, wide)
    )
    product = torch.bmm(narrow_parts.transpose(1, 2), wide_parts).sum(0)
    product.addmm_(narrow[split_rows:].t(), wide[split_rows:])
    return product.t() if is_swapped else product
