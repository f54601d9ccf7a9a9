"""Weights on their way between Keras' layout, which files hold, and a torch module's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from engine.layers.base import Layout, Weight
from engine.layers.initializer import Draw

Array = NDArray[Any]
_PIECE = 1 << 16  # values
_LARGE = 1 << 20  # values, from which on several threads draw them
_DRAWS = frozenset({Tensor.normal_, Tensor.uniform_})


def slots(module: nn.Module) -> dict[str, Tensor]:
    """Return the module's parameters and buffers by dotted name."""
    return dict(module.named_parameters()) | dict(module.named_buffers())


def put(module: nn.Module, weight: Weight, value: Array) -> None:
    """Write `value`, in Keras' layout, into the module's parameters.

    Raises:
        ValueError: if the value has another shape than the weight.
    """
    if value.shape != weight.shape:
        raise ValueError(f"{weight.name}: expected shape {weight.shape}, got {value.shape}")
    own = slots(module)
    with torch.no_grad():
        for layout in weight.layouts:
            slot = own[layout.param]
            slot.copy_(torch.from_numpy(_to_torch(layout, value)).reshape(slot.shape))


def get(module: nn.Module, weight: Weight) -> Array:
    """Read a weight out of the module's parameters, in Keras' layout."""
    return gather(weight, slots(module))


def gather(weight: Weight, own: Mapping[str, Tensor]) -> Array:
    """Return a weight in Keras' layout from torch tensors by dotted name."""
    parts = [
        _to_keras(layout, weight, own[layout.param].detach().cpu().numpy())
        for layout in weight.layouts
    ]
    return parts[0] if weight.layouts[0].row is None else np.stack(parts)


def _to_torch(layout: Layout, value: Array) -> Array:
    if layout.row is not None:
        value = value[layout.row]
    if layout.axes:
        value = value.transpose(layout.axes)
    if layout.blocks:
        pieces = np.split(value, len(layout.blocks))
        value = np.concatenate([pieces[block] for block in layout.blocks])
    return np.ascontiguousarray(value)


def _to_keras(layout: Layout, weight: Weight, value: Array) -> Array:
    shape = weight.shape if layout.row is None else weight.shape[1:]
    axes = layout.axes or tuple(range(len(shape)))
    value = value.reshape([shape[axis] for axis in axes])
    if layout.blocks:
        pieces = np.split(value, len(layout.blocks))
        value = np.concatenate([pieces[layout.blocks.index(b)] for b in range(len(pieces))])
    # A copy, since the module goes on changing what it was read from.
    return np.array(value.transpose(np.argsort(axes)), order="C", copy=True)


def start(
    weight: Weight,
    seed: int,
    path: str,
    dtype: DTypeLike = np.float64,
    room: Array | None = None,
) -> Array:
    """Return a weight's starting values.

    Args:
        weight: which weight.
        seed: the run's seed.
        dtype: what the values are kept as; they are drawn in double precision whatever it is.
        path: node and weight name. Each weight draws from a stream of its own, so that adding or
            moving a layer leaves the others as they were.
        room: of the weight's shape and that dtype; values may be drawn where it is, and are then
            answered as this very array.
    """
    draws = weight.initializer.draws(weight.shape)
    streams = (
        _stream(seed if draw.seed is None else draw.seed, f"{path}:{place}")
        for place, draw in enumerate(draws)
    )
    room = room if len(draws) == 1 else None
    blocks = [_draw(draw, stream, dtype, room) for draw, stream in zip(draws, streams, strict=True)]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=-1)


def _stream(seed: int, path: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}/{path}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16])))


def _draw(draw: Draw, stream: np.random.Generator, dtype: DTypeLike, room: Array | None) -> Array:
    match draw.kind:
        case "constant":
            return np.full(draw.shape, draw.a)
        case "uniform":
            return _uniform(draw, stream, np.empty(draw.shape, dtype) if room is None else room)
        case "normal":
            values = np.empty(draw.shape, dtype) if room is None else room
            return _in_pieces(lambda count: stream.normal(draw.a, draw.b, count), values)
        case "truncated_normal":
            return draw.a + draw.b * _cut_normal(stream, draw.shape)
        case "identity":
            return draw.a * np.eye(draw.shape[0], draw.shape[1])
        case "orthogonal":
            return draw.a * _orthogonal(stream, draw.shape)


def _in_pieces(drawn: Callable[[int], Array], values: Array) -> Array:
    """Fill an array with independent values, drawn some thousands at a time.

    Why: a large table in double precision would be paged in only to be rounded and given back.
        The stream goes on from piece to piece, so the values are those of one draw.
    """
    flat = values.reshape(-1)
    for first in range(0, len(flat), _PIECE):
        piece = flat[first : first + _PIECE]
        piece[:] = drawn(len(piece))
    return values


def _uniform(draw: Draw, stream: np.random.Generator, values: Array) -> Array:
    """Fill an array with equally likely, independent values; a large one by several threads.

    Why: numpy lets other threads run while it draws, and its Philox can begin anywhere, so the
        values are those of one draw.
    Source: Salmon et al. 2011, doi:10.1145/2063384.2063405.
    """
    threads = torch.get_num_threads()
    if values.size < _LARGE or threads == 1:
        return _in_pieces(lambda count: stream.uniform(draw.a, draw.b, count), values)
    flat = values.reshape(-1)
    each = -(-len(flat) // (threads * _PIECE)) * _PIECE

    def fill(first: int) -> None:
        own = _from(stream, first)
        _in_pieces(lambda count: own.uniform(draw.a, draw.b, count), flat[first : first + each])

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(0, len(flat), each)))  # a list, so that what is raised is heard
    return values


def _from(stream: np.random.Generator, place: int) -> np.random.Generator:
    """Return a fresh stream as it is after so many numbers, a multiple of four."""
    philox = deepcopy(stream.bit_generator)
    assert isinstance(philox, np.random.Philox)
    philox.advance(place // 4)  # it counts blocks of four
    return np.random.Generator(philox)


def _cut_normal(stream: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return standard normal values, redrawn while they lie beyond two deviations."""
    values = stream.standard_normal(shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = stream.standard_normal(int(outside.sum()))
    return values


def _orthogonal(stream: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return a matrix (all axes but the last flattened) with orthogonal rows or columns.

    Source: Saxe, McClelland and Ganguli 2014, arXiv:1312.6120; keras.initializers.Orthogonal.
    """
    rows, columns = int(np.prod(shape[:-1])), shape[-1]
    flat = stream.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(flat)
    q *= np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape)


def initialise(module: nn.Module, weights: Iterable[Weight], seed: int, node: str) -> None:
    """Give a freshly built module its starting weights."""
    own = slots(module)
    for weight in weights:
        slot = own[weight.layouts[0].param].detach()
        kept = str(slot.dtype).removeprefix("torch.")
        room = slot.numpy() if _lies_alike(weight, slot) else None
        value = start(weight, seed, f"{node}/{weight.name}", kept, room)
        if value is not room:
            put(module, weight, value)


def _lies_alike(weight: Weight, slot: Tensor) -> bool:
    """Return whether a weight lies in torch as Keras has it, as a large table does.

    Why: drawn somewhere else it would take its memory twice, and a copy.
    """
    (first, *more) = weight.layouts
    plain = not more and first.row is None and not first.axes and not first.blocks
    return plain and tuple(slot.shape) == weight.shape and slot.is_contiguous()


class Undrawn(TorchFunctionMode):
    """While it is entered, new modules leave their weights as the memory was.

    Why: torch draws starting values for every weight; ours take their place at once, and of a
        large table they would be drawn twice.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Return what a function does, but for those that only draw values in place."""
        if func in _DRAWS or getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))
