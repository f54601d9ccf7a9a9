"""Counter-based random numbers for augmentation, keyed by seed, layer, epoch and row.

A counter-based generator has no state, so the numbers of a row don't depend on other rows. Batch
size, shuffling, resuming and device don't change the numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray

from engine.runtime.model.network import Network
from engine.runtime.nn_extras.augmentation import Augmentation

UInt64Array = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)


class AugmentationRandom:
    """The random numbers of a network's augmentation layers.

    The numbers of a layer depend on the name of the node that owns it. Nodes that share a layer get
    the same numbers.

    Args:
        seed: seed of the run, used for layers that have no seed.
    """

    def __init__(self, network: Network, seed: int) -> None:
        self._layers: list[tuple[Augmentation, UInt64Array]] = []
        for step in network.plan.steps:
            if step.owns_module:
                module = network.get_submodule(network.plan.attributes[step.owner])
                if isinstance(module, Augmentation):
                    layer_seed = getattr(step.layer, "seed", None)
                    key = _key(seed if layer_seed is None else layer_seed, step.owner)
                    self._layers.append((module, key))

    @contextmanager
    def for_rows(self, epoch: int, rows: NDArray[np.int64]) -> Iterator[None]:
        """Within the context, let augmentation layers use the random numbers that belong to `rows`.

        `rows` are the row indices of a batch. If `rows` is empty, the layers use torch's generator.
        """
        for module, key in self._layers if len(rows) else ():
            module.drawn = torch.from_numpy(uniform_per_row(key, epoch, rows, len(module.ranges)))
        try:
            yield
        finally:
            for module, _ in self._layers:
                module.drawn = None


def uniform_per_row(
    key: UInt64Array, epoch: int, rows: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Return `count` uniform numbers from [0, 1) for each row.

    Each number is the hash of the key, the epoch, the row index and the index of the number; its
    upper 53 bits are converted to a float64.

    Source: Steele and others 2014, splitmix64; for counter-based generators, Salmon and others
        2011, doi:10.1145/2063384.2063405.
    """
    epoch_hash = _mix(key + np.array([epoch], np.uint64) * _STEP)
    row_hash = _mix(epoch_hash + rows.astype(np.uint64)[:, None] * _STEP)
    bits = _mix(row_hash + np.arange(1, count + 1, dtype=np.uint64) * _STEP)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(value: UInt64Array) -> UInt64Array:
    """Return the hash of each value by the finalizer of splitmix64."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _key(seed: int, path: str) -> UInt64Array:
    """Return the key of a layer: the hash of its seed and of its node's name (`path`).

    Why: the key is an array of one element, because numpy warns of overflows of scalars.
    """
    digest = hashlib.sha256(f"{seed}/{path}".encode()).digest()
    return np.frombuffer(digest[:8], "<u8").astype(np.uint64)
