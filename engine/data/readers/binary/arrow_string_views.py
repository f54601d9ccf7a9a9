"""Validation of Arrow string_view arrays, whose rows refer to bytes in shared buffers.

Source: variable-size binary view layout, https://arrow.apache.org/docs/format/Columnar.html.
Why: the validation of pyarrow 26 skips the views of null rows, although pyarrow reads these views.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

INLINE_BYTES = 12  # a text of at most this many bytes is stored in the view itself


def validate_string_views(chunk: pa.StringViewArray) -> tuple[pa.StringViewArray, int]:
    """Return the chunk with empty views for null rows, and the decoded size of the chunk in bytes.

    A view consists of four int32 numbers: length, prefix, buffer index and offset.

    Raises:
        ValueError: if a view refers to bytes outside its buffer.
    """
    validity, views, *buffers = chunk.buffers()
    fields = np.frombuffer(views, np.int32).reshape(-1, 4)[chunk.offset :][: len(chunk)]
    is_valid = np.asarray(chunk.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    fields = np.where(is_valid[:, None], fields, 0).astype(np.int32)
    lengths = fields[:, 0].astype(np.int64)
    if (lengths < 0).any() or _is_outside(fields[lengths > INLINE_BYTES], buffers):
        raise ValueError("string views outside their buffers")
    mask = pa.array(is_valid).buffers()[1] if validity is not None else None
    new_buffers = [mask, pa.py_buffer(fields.tobytes()), *buffers]
    array = pa.Array.from_buffers(chunk.type, len(chunk), new_buffers)
    return array, int(lengths.sum()) + 8 * len(chunk)


def _is_outside(views: NDArray[np.int32], buffers: list[Any]) -> bool:
    """Return whether a string view refers to a missing buffer, or to bytes outside its buffer."""
    if not len(views):
        return False
    lengths, indices, offsets = (views[:, field].astype(np.int64) for field in (0, 2, 3))
    if indices.min() < 0 or indices.max() >= len(buffers) or offsets.min() < 0:
        return True
    sizes = np.array([buffer.size if buffer is not None else 0 for buffer in buffers], np.int64)
    return bool((offsets + lengths > sizes[indices]).any())
