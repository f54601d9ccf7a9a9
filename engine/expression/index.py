"""Indices such as x[:, 0] and x[..., 1:-1]: their shape rule and their computation.

The first entry is the batch, as in Keras, and must be a full slice.
"""

from __future__ import annotations

from typing import Any

from engine.core.diagnostic import require
from engine.core.tensor_spec import Dim, DynamicLength, TensorSpec, map_dim
from engine.expression.errors import expression_error
from engine.expression.syntax import Ellipsis, Index, Literal, Slice

Entry = Slice | Ellipsis | Literal


def index_spec(node: Index, x: TensorSpec) -> TensorSpec:
    """Return the spec of a tensor with an index.

    Raises:
        LayerError: the index does not fit the axes.
    """
    shape: list[Dim] = []
    sizes = iter(x.shape)
    for entry in _expanded(node, x.rank)[1:]:
        if isinstance(entry, Literal) and entry.value is None:
            shape.append(1)
        elif isinstance(entry, Slice):
            shape.append(_slice_size(next(sizes), entry))
        else:
            assert isinstance(entry, Literal)
            assert isinstance(entry.value, int)
            _require_place(next(sizes), entry.value)
    return TensorSpec((*shape, *sizes), x.dtype)


def python_index(node: Index) -> tuple[Any, ...]:
    """Return the entries as Python's indexing takes them."""
    return tuple(
        slice(entry.start, entry.stop, entry.step)
        if isinstance(entry, Slice)
        else ...
        if isinstance(entry, Ellipsis)
        else entry.value
        for entry in node.entries
    )


def _expanded(node: Index, rank: int) -> list[Entry]:
    """Return the entries with full slices for `...`; the first one is the batch.

    Raises:
        LayerError: there are too many entries, or the batch is not kept.
    """
    entries, dots = list(node.entries), [e for e in node.entries if isinstance(e, Ellipsis)]
    used = sum(not _is_new_axis(entry) for entry in entries) - len(dots)
    missing = rank + 1 - used
    if missing < 0 or len(dots) > 1:
        raise expression_error(
            "bad-axis",
            "there are more entries than axes" if missing < 0 else "... stands here twice",
            node.entries[-1].span,
            "Remove entries.",
            found=f"{used} entries",
            expected=f"at most {rank + 1}, with the batch",
        )
    full = Slice(None, None, None, node.span)
    if dots:
        at = entries.index(dots[0])
        entries[at : at + 1] = [full] * missing
    first = entries[0]
    is_full = isinstance(first, Slice) and not (first.start or first.stop or first.step)
    if not is_full:
        raise expression_error(
            "bad-axis",
            "the first entry is the batch, which is kept",
            node.entries[0].span,
            'Begin with ":", such as x[:, 0].',
            found="another entry",
            expected='":"',
        )
    return entries


def _is_new_axis(entry: Entry) -> bool:
    return isinstance(entry, Literal) and entry.value is None


def _slice_size(dim: Dim, entry: Slice) -> Dim:
    """Return the size of an axis after a slice.

    Raises:
        LayerError: the slice is empty, or its size is not a function of a dynamic length.
    """
    start, stop, step = entry.start, entry.stop, 1 if entry.step is None else entry.step
    text = f"{'' if start is None else start}:{'' if stop is None else stop}"
    require(
        step > 0,
        "param-invalid",
        "a slice goes forward",
        "Use flip(x, axis) for the other direction.",
        found=f"{text}:{step}",
        expected="a step of at least 1",
    )
    if isinstance(dim, DynamicLength):
        require(
            (start or 0) >= 0 and (stop is None or stop < 0),
            "free-axis",
            "the size of this slice depends on the row",
            "Count the start from the front and the end from the back: 1:-1.",
            "Give the Input a fixed length.",
            found=f"{text} of {dim}",
            expected="a start of at least 0, and no end or a negative one",
        )
        kept = map_dim(dim, add=(stop or 0) - (start or 0))
        return map_dim(kept, add=step - 1, divide=step)
    size = len(range(dim)[start:stop:step])
    require(
        size > 0,
        "window-too-large",
        f"the slice {text} of an axis of size {dim} is empty",
        "Write a larger slice.",
        found=text,
        expected=f"places from 0 to {dim - 1}",
    )
    return size


def _require_place(dim: Dim, place: int) -> None:
    """Raise LayerError unless each row has a value at this place of an axis."""
    is_dynamic = isinstance(dim, DynamicLength)
    require(
        place in (0, -1) if isinstance(dim, DynamicLength) else -dim <= place < dim,
        "free-axis" if is_dynamic else "bad-axis",
        f"there may be no place {place} on an axis of length {dim}"
        if is_dynamic
        else f"there is no place {place} on an axis of size {dim}",
        "Use place 0 or -1, or give the Input a fixed length." if is_dynamic else "Use place 0.",
        found=place,
        expected="0 or -1" if isinstance(dim, DynamicLength) else f"{-dim} to {dim - 1}",
    )
