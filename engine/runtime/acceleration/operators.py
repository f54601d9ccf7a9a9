"""The native kernels as torch operators, `torch.ops.layerloom.*`.

Each operator computes new tensors from contiguous float32 tensors on the CPU; only `update_rows`
changes tensors. A fake of each tells torch.compile and torch.export the shapes of its results.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

VECTOR_SIZE = 16  # elements of a vector register; some axes must be multiples of this size
ENV_NAME = "LAYERLOOM_NATIVE"  # environment variable; "0" disables the native kernels
TILE = 32  # channels that a kernel processes at a time
_L1_STEPS = 100  # time steps of a tile that fit in the L1 cache together with their sums
_SPARSITY = 64  # ids are renumbered before they are marked in an array of so many times their count
_MAXIMA_PER_GROUP = 6  # mean number of maxima per position within a group of filters
# Arguments of each C function: a tensor (t), an integer (i), a float (f) or a double (d).
_ARGUMENTS = {
    "lstm_forward": "iiittttttit",
    "lstm_backward": "iiittttttttt",
    "maxima_weight": "iiiiiitttt",
    "maxima_input": "iiiiiiitttt",
    "distinct": "iittttt",
    "rows_add": "iitttt",
    "rows_move": "iitttttifdff",
}
_C_TYPES = {"t": ctypes.c_void_p, "i": ctypes.c_int64, "f": ctypes.c_float, "d": ctypes.c_double}
KERNELS: dict[str, Callable[..., Any]] = {}  # the C functions by name, once they are loaded
_OPERATORS = torch.library.Library("layerloom", "DEF")


def load(file: Path) -> None:
    """Load the kernels from a library, which all operators then use.

    Raises:
        OSError: if the file is not a library.
        AttributeError: if the library lacks one of the kernels.
    """
    library = ctypes.CDLL(str(file))
    functions = {name: getattr(library, name) for name in _ARGUMENTS}
    for name, function in functions.items():
        function.argtypes = [_C_TYPES[letter] for letter in _ARGUMENTS[name]]
        function.restype = ctypes.c_int64 if name == "distinct" else None
    KERNELS.update(functions)


def _call(name: str, *arguments: Tensor | float | None) -> Any:
    """Call a kernel; it gets the addresses of contiguous tensors, and a null pointer for None."""
    given = [x.contiguous() if isinstance(x, Tensor) else x for x in arguments]
    return KERNELS[name](*(x.data_ptr() if isinstance(x, Tensor) else x for x in given))


def _operator(
    schema: str,
    fake: Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    setup_context: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator for the function that computes a new operator on the CPU.

    Why: unlike torch.library.custom_op, a Library does not import torch's compiler at the first
        call, and a call takes a third of the time.
    """

    def define(function: Callable[..., Any]) -> Callable[..., Any]:
        name = schema.partition("(")[0]
        _OPERATORS.define(schema)
        _OPERATORS.impl(name, function, "CPU")
        torch.library.register_fake(f"layerloom::{name}", fake, lib=_OPERATORS)
        if backward is not None:
            torch.library.register_autograd(
                f"layerloom::{name}", backward, setup_context=setup_context, lib=_OPERATORS
            )
        return function

    return define


def _no_derivative(*_: Any) -> None:
    raise RuntimeError(f"native kernels have no second derivatives; {ENV_NAME}=0 disables them")


# LSTM: `projected` is the projected input. Without positions, it has the shape (steps, batch, 4
# units). With the positions that `distinct` returns, it has a row for each distinct word.


def _lstm_fake(projected: Tensor, inverse: Tensor | None, *given: Any) -> tuple[Tensor, ...]:
    _, _, weight, _, sequences = given
    steps, batch = projected.shape[:2] if inverse is None else inverse.shape
    units = weight.shape[1]
    return (
        projected.new_empty(steps if sequences else 1, batch, units),
        projected.new_empty(batch, units),
        projected.new_empty(steps, batch, 4 * units),
        projected.new_empty(steps, batch, units),
    )


def _save_lstm(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    _, _, order, offsets, weight, mask, ctx.sequences = inputs
    ctx.save_for_backward(*output[2:], weight, mask, order, offsets)
    ctx.set_materialize_grads(False)


def _lstm_gradients(
    ctx: Any, d_outputs: Tensor | None, d_cell: Tensor | None, *_: Tensor | None
) -> tuple[Tensor | None, ...]:
    gates, cells, weight, mask, order, offsets = ctx.saved_tensors
    all_steps, last = (d_outputs, None) if ctx.sequences else (None, d_outputs)
    d_gates, outputs = torch.ops.layerloom.lstm_backward(
        gates, cells, weight, mask, all_steps, last, d_cell
    )
    # The first step has no previous output. A product with the narrow matrix first is faster.
    d_weight = _product_over_steps(outputs[:-1], d_gates[1:]).t()
    d_projected = d_gates
    if order is not None:
        d_projected = torch.ops.layerloom.sum_rows(d_gates, order, offsets)
    return d_projected, None, None, None, d_weight, None, None


def _product_over_steps(left: Tensor, right: Tensor) -> Tensor:
    """Return the sum of `left[t].T @ right[t]` over all steps t.

    Shapes: left (steps, batch, m), right (steps, batch, n) -> (m, n).
    Why: a matrix product computes each element, here a sum of thousands of products, in one thread.
        Four products over a quarter of the steps each keep all threads busy. An epoch of
        question answering takes 2 % less time.
    """
    quarter = len(left) // 4
    split = 4 * quarter
    left_parts, right_parts = (
        x[:split].reshape(4, quarter * x.shape[1], x.shape[2]) for x in (left, right)
    )
    product = torch.bmm(left_parts.mT, right_parts).sum(0)
    return product.addmm_(left[split:].flatten(0, 1).t(), right[split:].flatten(0, 1))


@_operator(
    "lstm(Tensor projected, Tensor? inverse, Tensor? order, Tensor? offsets, Tensor weight, "
    "Tensor? mask, bool sequences) -> (Tensor, Tensor, Tensor, Tensor)",
    _lstm_fake,
    _lstm_gradients,
    _save_lstm,
)
def _lstm(
    projected: Tensor,
    inverse: Tensor | None,
    order: Tensor | None,
    offsets: Tensor | None,
    weight: Tensor,
    mask: Tensor | None,
    sequences: bool,
) -> tuple[Tensor, ...]:
    """Return the outputs of all steps or of the last one, the last cell state, gates and cells."""
    units, projected = weight.shape[1], projected.contiguous()
    steps, batch = projected.shape[:2] if inverse is None else inverse.shape
    gates = projected.new_empty(steps, batch, 4 * units)
    if inverse is None:
        gates.copy_(projected)  # the kernel overwrites them
    cells = projected.new_empty(steps, batch, units)
    outputs = projected.new_empty(steps if sequences else 1, batch, units)
    sizes, last = (batch, steps, units), (cells, len(outputs), outputs)
    _call("lstm_forward", *sizes, projected, inverse, gates, weight.t(), mask, *last)
    return outputs, cells[-1].clone(), gates, cells


@_operator(
    "lstm_backward(Tensor gates, Tensor cells, Tensor weight, Tensor? mask, Tensor? d_outputs, "
    "Tensor? d_last, Tensor? d_cell) -> (Tensor, Tensor)",
    lambda gates, cells, *_: (torch.empty_like(gates), torch.empty_like(cells)),
    _no_derivative,
)
def _lstm_backward(
    gates: Tensor, cells: Tensor, weight: Tensor, mask: Tensor | None, *gradients: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the gradient of the projected input of each step, and the output of each step.

    The outputs are computed again, so that they need no memory until then. `gradients` are those of
    the outputs of all steps, of the last output and of the last cell state.
    """
    steps, batch, units = cells.shape
    d_gates, outputs = torch.empty_like(gates), torch.empty_like(cells)
    sizes = batch, steps, units
    _call("lstm_backward", *sizes, gates, weight, mask, cells, *gradients, d_gates, outputs)
    return d_gates, outputs


# Words: rows of an embedding table.


def _distinct_fake(ids: Tensor, size: int) -> tuple[Tensor, ...]:
    count = torch.library.get_ctx().new_dynamic_size()
    return (
        ids.new_empty(count, dtype=torch.int64),
        ids.new_empty(ids.shape, dtype=torch.int64),
        ids.new_empty(ids.numel(), dtype=torch.int32),
        ids.new_empty(count + 1, dtype=torch.int32),
    )


@_operator("distinct(Tensor ids, int size) -> (Tensor, Tensor, Tensor, Tensor)", _distinct_fake)
def _distinct(ids: Tensor, size: int) -> tuple[Tensor, ...]:
    """Return the distinct ids in ascending order, and the positions of each.

    Returns:
        words: the distinct ids.
        inverse: for each of `ids`, its index among the words.
        order: the flat indices of `ids`, sorted by word.
        offsets: word w occurs at order[offsets[w] : offsets[w + 1]] (like the row pointers of a CSR
            matrix).

    Raises:
        IndexError: if an id is negative or not below `size`.
    """
    minimum, maximum = map(int, ids.aminmax())
    if not 0 <= minimum <= maximum < size:
        raise IndexError(f"ids of an embedding must be from 0 to {size - 1}")
    if maximum > _SPARSITY * ids.numel():
        known, ids = torch.unique(ids, return_inverse=True)
        words, *positions = _distinct(ids, len(known))
        return known.long()[words], *positions
    ids = ids.int().contiguous()
    words = torch.empty(min(size, ids.numel()), dtype=torch.int64)
    inverse, order = torch.empty(ids.shape, dtype=torch.int64), ids.new_empty(ids.numel())
    offsets = ids.new_empty(len(words) + 1)
    count = _call("distinct", ids.numel(), maximum + 1, ids, order, words, offsets, inverse)
    return words[:count], inverse, order, offsets[: count + 1]


@_operator(
    "sum_rows(Tensor values, Tensor order, Tensor offsets) -> Tensor",
    lambda values, order, offsets: values.new_empty(offsets.shape[0] - 1, values.shape[-1]),
    _no_derivative,
)
def _sum_rows(values: Tensor, order: Tensor, offsets: Tensor) -> Tensor:
    """Return for each distinct word the sum of the values (..., features) at its positions."""
    values, count, features = values.contiguous(), len(offsets) - 1, values.shape[-1]
    sums = values.new_empty(count, features)
    _call("rows_add", count, features, offsets, order, values, sums)
    return sums


@_operator(
    "update_rows(Tensor(a!) table, Tensor(b!)? slot, Tensor(c!)? steps, Tensor? rows, "
    "Tensor gradient, int now, float rate, float decay, float growth, float epsilon) -> ()",
    lambda *_: None,
)
def _update_rows(
    table: Tensor,
    slot: Tensor | None,
    steps: Tensor | None,
    rows: Tensor | None,
    gradient: Tensor,
    *numbers: float,
) -> None:
    """Update rows of a table, or all, by an optimizer's `RowRule`.

    `numbers` are the count of earlier steps, the learning rate, and the numbers of the rule.

    Raises:
        ValueError: if a tensor that is to be changed is not contiguous.

    Why: torch copies the rows, updates the copies in six operations, and writes them back. The
        kernel reads and writes each row once.
    """
    if not all(x is None or x.is_contiguous() for x in (table, slot, steps)):
        raise ValueError("update_rows changes contiguous tensors only")
    width = gradient.shape[-1:].numel()
    sizes = gradient.numel() // width, width
    _call("rows_move", *sizes, rows, gradient, table, slot, steps, *numbers)


# Maxima: the gradients of a convolution of which a max pooling uses some positions only.


@_operator(
    "maxima_weight_gradient(Tensor x, Tensor d, Tensor position, int window) -> Tensor",
    lambda x, d, position, window: (
        x.new_empty(d.shape[2], window, -(-x.shape[2] // TILE) * TILE)[..., : x.shape[2]].mT
    ),
    _no_derivative,
)
def _maxima_weight_gradient(x: Tensor, d: Tensor, position: Tensor, window: int) -> Tensor:
    """Return the gradient of a convolution's weight (filters, channels, window).

    Args:
        d, position: the output gradients, and the positions of the windows that they belong to,
            both (batch, count, filters).
    """
    (batch, length, channels), filters, x = x.shape, d.shape[2], x.contiguous()
    # As many short sequences as fit in the L1 cache are concatenated, and positions shifted.
    joined = max(n for n in range(1, max(1, _L1_STEPS // length) + 1) if batch % n == 0)
    start = torch.arange(batch, dtype=position.dtype) % joined * length
    gradients, positions = (  # copies, which the kernel reorders in place
        tensor.reshape(batch // joined, -1, filters).mT.clone(memory_format=torch.contiguous_format)
        for tensor in (d, position + start.view(-1, 1, 1))
    )
    tiles = x.new_zeros(-(-channels // TILE), filters, window, TILE)
    sizes = batch // joined, joined * length, channels, window, gradients.shape[2], filters
    _call("maxima_weight", *sizes, x, gradients, positions, tiles)
    return tiles.movedim(0, -2).flatten(-2)[..., :channels].mT


@_operator(
    "maxima_input_gradient(Tensor weight, Tensor d, Tensor position, SymInt length) -> Tensor",
    lambda weight, d, position, length: d.new_empty(d.shape[0], length, weight.shape[1]),
    _no_derivative,
)
def _maxima_input_gradient(weight: Tensor, d: Tensor, position: Tensor, length: int) -> Tensor:
    """Return the gradient of a convolution's input (batch, length, channels)."""
    (filters, channels, window), batch = weight.shape, len(d)
    padded = torch.nn.functional.pad(weight.mT, (0, -channels % TILE))
    tiles = padded.reshape(filters, window, -1, TILE).movedim(2, 0).contiguous()
    entry_count = int(d.count_nonzero()) // batch  # per row
    group = _MAXIMA_PER_GROUP * length * filters // (entry_count + 1) + 1  # filters
    d_x = d.new_empty(batch, length, channels)
    sizes = batch, length, channels, window, d.shape[1], filters, group
    _call("maxima_input", *sizes, tiles, d, position, d_x)
    return d_x
