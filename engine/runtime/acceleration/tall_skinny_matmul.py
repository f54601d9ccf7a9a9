"""The product of two matrices that are much longer than wide, as a weight's gradient is."""

from __future__ import annotations

import torch
from torch import Tensor

_PARTS = 4  # more gain nothing on two processors, and their sums take memory
_LONG, _TIMES = 1024, 8  # rows of a part, and times its width, from which on it pays


def across(left: Tensor, right: Tensor) -> Tensor:
    """Return `left.T @ right`, summed up in a few parts.

    Shapes: left (rows, m), right (rows, n) -> (m, n).
    Why: libraries share a product out among processors by its answer, which is small here, and not
        by what is summed up. Parts side by side take four fifths of the time. The answer may lie as
        its transpose does.
    """
    size = len(left) // _PARTS
    if size < max(_LONG, _TIMES * max(left.shape[1], right.shape[1])):
        return left.t() @ right
    parts, rest = _PARTS * size, slice(_PARTS * size, None)
    # The wider one second: the answer's rows are gone along.
    turned = left.shape[1] > right.shape[1]
    one, other = (right, left) if turned else (left, right)
    first, second = (each[:parts].view(_PARTS, size, -1) for each in (one, other))
    found = torch.bmm(first.transpose(1, 2), second).sum(0)
    found.addmm_(one[rest].t(), other[rest])
    return found.t() if turned else found
