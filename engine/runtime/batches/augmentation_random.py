"""What becomes of each row by chance: numbers keyed by seed, layer, epoch and row.

A counter-based generator needs no state: any row's numbers can be worked out alone, so batches,
their order, a resume and the device change none of them.
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

Bits = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)


class Draws:
    """Hands the layers that change each row at random what was drawn for a batch.

    Args:
        network: whose layers.
        seed: the run's; a layer with a seed of its own goes by that. Layers are told apart by the
            names of their nodes; those that share one draw alike.
    """

    def __init__(self, network: Network, seed: int) -> None:
        self._layers: list[tuple[Augmentation, Bits]] = []
        for step in network.plan.steps:
            if step.owns_module:
                module = network.get_submodule(network.plan.attributes[step.owner])
                if isinstance(module, Augmentation):
                    own = getattr(step.layer, "seed", None)
                    self._layers.append((module, _key(seed if own is None else own, step.owner)))

    @contextmanager
    def of(self, epoch: int, rows: NDArray[np.int64]) -> Iterator[None]:
        """Let the layers use the draws of some rows, by their numbers, in an epoch.

        Without numbers they go on drawing from torch's generator.
        """
        for module, key in self._layers if len(rows) else ():
            module.drawn = torch.from_numpy(uniform(key, epoch, rows, len(module.ranges)))
        try:
            yield
        finally:
            for module, _ in self._layers:
                module.drawn = None


def uniform(key: Bits, epoch: int, rows: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return `count` numbers for each row, from 0 up to but not 1.

    Source: Steele and others 2014, splitmix64; applied to key, epoch, row and number in turn, as
        counter-based generators do (Salmon and others 2011, doi:10.1145/2063384.2063405).
    """
    of_epoch = _mixed(key + np.array([epoch], np.uint64) * _STEP)
    of_row = _mixed(of_epoch + rows.astype(np.uint64)[:, None] * _STEP)
    bits = _mixed(of_row + np.arange(1, count + 1, dtype=np.uint64) * _STEP)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mixed(value: Bits) -> Bits:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _key(seed: int, path: str) -> Bits:
    """Return the key of a stream, as an array, since of those an overflow is meant."""
    digest = hashlib.sha256(f"{seed}/{path}".encode()).digest()
    return np.frombuffer(digest[:8], "<u8").astype(np.uint64)
