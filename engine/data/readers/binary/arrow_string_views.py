"""Arrow's text that looks into buffers shared by many rows, made sure of before it is read.

Source: variable-size binary view layout, https://arrow.apache.org/docs/format/Columnar.html.
Why: pyarrow 26 follows the views of missing rows, which its own validation leaves out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table.lazy_arrow import pa

INLINE = 12  # bytes of a text that stand in the view itself


def settled(chunk: pa.StringViewArray) -> tuple[pa.StringViewArray, int]:
    """Return the same texts with empty views where they are missing, and their size together.

    Raises:
        ValueError: if a view looks outside of its buffer.
    """
    validity, views, *buffers = chunk.buffers()
    rows = np.frombuffer(views, np.int32).reshape(-1, 4)[chunk.offset :][: len(chunk)]
    there = np.asarray(chunk.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    rows = np.where(there[:, None], rows, 0).astype(np.int32)
    lengths = rows[:, 0].astype(np.int64)
    if (lengths < 0).any() or _outside(rows[lengths > INLINE], buffers):
        raise ValueError("texts that look outside of their buffers")
    mask = pa.array(there).buffers()[1] if validity is not None else None
    parts = [mask, pa.py_buffer(rows.tobytes()), *buffers]
    whole = pa.Array.from_buffers(chunk.type, len(chunk), parts)
    return whole, int(lengths.sum()) + 8 * len(chunk)


def _outside(rows: NDArray[np.int32], buffers: list[Any]) -> bool:
    """Return whether some view names a buffer, or a part of one, that there is not."""
    if not len(rows):
        return False
    lengths, number, offset = (rows[:, field].astype(np.int64) for field in (0, 2, 3))
    if number.min() < 0 or number.max() >= len(buffers) or offset.min() < 0:
        return True
    sizes = np.array([buffer.size if buffer is not None else 0 for buffer in buffers], np.int64)
    return bool((offset + lengths > sizes[number]).any())
