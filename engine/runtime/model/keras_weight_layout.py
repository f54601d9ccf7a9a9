"""Initial values of weights, and conversion of weights between Keras' and torch's layouts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import DTypeLike
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from engine.data.table.array import Array
from engine.layers.base import Layout, Weight
from engine.layers.initializer import Draw
from engine.runtime.sharded_tensor import copy_whole, whole

_CHUNK_SIZE = 1 << 16  # number of values
_MIN_PARALLEL_SIZE = 1 << 20  # number of values from which several threads are used
_RANDOM_METHODS = frozenset({Tensor.normal_, Tensor.uniform_})


def module_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Return the parameters and buffers of a module by their dotted names."""
    return dict(module.named_parameters()) | dict(module.named_buffers())


def set_weight(module: nn.Module, weight: Weight, value: Array) -> None:
    """Set a weight of a module to `value`, which has Keras' layout.

    Raises:
        ValueError: if the value does not have the weight's shape.
    """
    if value.shape != weight.shape:
        raise ValueError(f"{weight.name}: expected shape {weight.shape}, got {value.shape}")
    tensors = module_tensors(module)
    for layout in weight.layouts:
        tensor = tensors[layout.param]
        copy_whole(tensor, torch.from_numpy(_to_torch(layout, value)).reshape(tensor.shape))


def get_weight(module: nn.Module, weight: Weight) -> Array:
    """Return a weight of a module in Keras' layout."""
    return to_keras_layout(weight, module_tensors(module))


def to_keras_layout(weight: Weight, tensors: Mapping[str, Tensor]) -> Array:
    """Return a weight in Keras' layout, read from torch tensors by their dotted names."""
    parts = [
        _to_keras(layout, weight, whole(tensors[layout.param].detach()).cpu().numpy())
        for layout in weight.layouts
    ]
    return parts[0] if weight.layouts[0].row is None else np.stack(parts)


def _to_torch(layout: Layout, value: Array) -> Array:
    """Return the torch parameter that corresponds to a Keras weight (or to a part of it).

    The value is transposed, and its blocks are reordered. Blocks are equal parts of the first axis,
    such as the gates of an LSTM, whose order differs between Keras and torch.
    """
    if layout.row is not None:
        value = value[layout.row]
    if layout.axes:
        value = value.transpose(layout.axes)
    if layout.blocks:
        blocks = np.split(value, len(layout.blocks))
        value = np.concatenate([blocks[index] for index in layout.blocks])
    return np.ascontiguousarray(value)


def _to_keras(layout: Layout, weight: Weight, value: Array) -> Array:
    """Return a torch parameter in Keras' layout, the inverse of `_to_torch`."""
    shape = weight.shape if layout.row is None else weight.shape[1:]
    axes = layout.axes or tuple(range(len(shape)))
    value = value.reshape([shape[axis] for axis in axes])
    if layout.blocks:
        blocks = np.split(value, len(layout.blocks))
        value = np.concatenate([blocks[layout.blocks.index(i)] for i in range(len(blocks))])
    # A copy, since training continues to change the parameter.
    return np.array(value.transpose(np.argsort(axes)), order="C", copy=True)


def initial_values(
    weight: Weight, seed: int, path: str, dtype: DTypeLike = np.float64, out: Array | None = None
) -> Array:
    """Return the initial values of a weight in Keras' layout.

    Args:
        seed: seed of the run, used unless the initializer has a seed.
        path: "node/weight", from which the random generator is derived. Each weight has a separate
            generator, so adding or moving a layer doesn't change other weights.
        dtype: dtype of the result; values are drawn in double precision.
        out: array with the weight's shape and `dtype`. If possible, this array is filled and
            returned; otherwise, a new array is returned.
    """
    draws = weight.initializer.draws(weight.shape)
    generators = (
        _generator(seed if draw.seed is None else draw.seed, f"{path}:{index}")
        for index, draw in enumerate(draws)
    )
    out = out if len(draws) == 1 else None
    pairs = zip(draws, generators, strict=True)
    blocks = [_draw(draw, generator, dtype, out) for draw, generator in pairs]
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=-1)


def _generator(seed: int, path: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}/{path}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16])))


def _draw(draw: Draw, rng: np.random.Generator, dtype: DTypeLike, out: Array | None) -> Array:
    match draw.kind:
        case "constant":
            return np.full(draw.shape, draw.a)
        case "uniform":
            return _uniform(draw, rng, np.empty(draw.shape, dtype) if out is None else out)
        case "normal":
            values = np.empty(draw.shape, dtype) if out is None else out
            return _fill_in_chunks(lambda count: rng.normal(draw.a, draw.b, count), values)
        case "truncated_normal":
            return draw.a + draw.b * _truncated_normal(rng, draw.shape)
        case "identity":
            return draw.a * np.eye(draw.shape[0], draw.shape[1])
        case "orthogonal":
            return draw.a * _orthogonal(rng, draw.shape)


def _fill_in_chunks(sample: Callable[[int], Array], values: Array) -> Array:
    """Fill an array with random values from `sample`, chunk by chunk, and return the array.

    Why: a single call would need a temporary double-precision array, as large as an embedding
        table. The generator continues from chunk to chunk, so chunks don't change the values.
    """
    flat = values.reshape(-1)
    for first in range(0, len(flat), _CHUNK_SIZE):
        chunk = flat[first : first + _CHUNK_SIZE]
        chunk[:] = sample(len(chunk))
    return values


def _uniform(draw: Draw, rng: np.random.Generator, values: Array) -> Array:
    """Fill an array with uniform random values, and return it; large arrays use several threads.

    Why: numpy releases the GIL while sampling, and a Philox generator can skip ahead. So each
        thread can draw its part of the values that a single call would draw.
    Source: Salmon et al. 2011, doi:10.1145/2063384.2063405.
    """
    threads = torch.get_num_threads()
    if values.size < _MIN_PARALLEL_SIZE or threads == 1:
        return _fill_in_chunks(lambda count: rng.uniform(draw.a, draw.b, count), values)
    flat = values.reshape(-1)
    range_size = -(-len(flat) // (threads * _CHUNK_SIZE)) * _CHUNK_SIZE

    def fill(first: int) -> None:
        skipped = _skip_ahead(rng, first)
        part = flat[first : first + range_size]
        _fill_in_chunks(lambda count: skipped.uniform(draw.a, draw.b, count), part)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(0, len(flat), range_size)))  # `list` re-raises exceptions
    return values


def _skip_ahead(rng: np.random.Generator, count: int) -> np.random.Generator:
    """Return a copy of an unused generator, advanced by `count` values (a multiple of 4)."""
    philox = deepcopy(rng.bit_generator)
    assert isinstance(philox, np.random.Philox)
    philox.advance(count // 4)  # Philox generates blocks of 4 values
    return np.random.Generator(philox)


def _truncated_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return standard normal values; those outside of [-2, 2] are drawn again."""
    values = rng.standard_normal(shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = rng.standard_normal(int(outside.sum()))
    return values


def _orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Return random values that form orthonormal rows or columns if reshaped to (-1, shape[-1]).

    Source: Saxe, McClelland and Ganguli 2014, arXiv:1312.6120; keras.initializers.Orthogonal.
    """
    rows, columns = int(np.prod(shape[:-1])), shape[-1]
    flat = rng.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(flat)
    q *= np.sign(np.diag(r))
    return (q if rows >= columns else q.T).reshape(shape)


def initialize_module(module: nn.Module, weights: Iterable[Weight], seed: int, node: str) -> None:
    """Set a module's weights to the values of their initializers, seeded by `seed` and `node`."""
    tensors = module_tensors(module)
    for weight in weights:
        tensor = tensors[weight.layouts[0].param].detach()
        dtype = str(tensor.dtype).removeprefix("torch.")
        # If possible, the values are drawn in place, which avoids a temporary copy.
        out = tensor.numpy() if _has_keras_layout(weight, tensor) else None
        value = initial_values(weight, seed, f"{node}/{weight.name}", dtype, out)
        if value is not out:
            set_weight(module, weight, value)


def _has_keras_layout(weight: Weight, tensor: Tensor) -> bool:
    """Return whether a weight, such as an embedding, has the same layout in torch and Keras."""
    (first, *more) = weight.layouts
    is_identity = not more and first.row is None and not first.axes and not first.blocks
    return is_identity and tuple(tensor.shape) == weight.shape and tensor.is_contiguous()


class SkipInitialization(TorchFunctionMode):
    """A context in which torch doesn't initialize the parameters of new modules.

    Why: the engine sets its own initial values afterwards. Drawing torch's values before would be
        wasted work, which takes long for large embedding tables.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Call a torch function. If it would initialize a tensor, return the tensor unchanged."""
        if func in _RANDOM_METHODS or getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))
