"""Modules that need to know the ranks: batch normalization, dropout and noise."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn

from engine.runtime.batches.data_loader import RankRows
from engine.runtime.distributed.process_group import ProcessGroup
from engine.runtime.nn_extras.noise import Noise
from engine.runtime.nn_extras.norm import BatchNorm


def connect_modules(modules: Iterable[nn.Module], group: ProcessGroup) -> list[Noise]:
    """Let batch normalization use the statistics of the global batch.

    Returns:
        The random modules, for `set_rank_rows`.
    """
    random = []
    for module in modules:
        if isinstance(module, BatchNorm):
            module.all_reduce = group.sum_over_ranks
        # Numbers that all rows share are the same on each rank anyway.
        if isinstance(module, Noise) and 0 not in getattr(module, "shared", ()):
            random.append(module)
    return random


def set_rank_rows(modules: Iterable[Noise], rank_rows: RankRows | None) -> None:
    """Let random modules draw, for each row, the numbers that it has in the global batch."""
    for module in modules:
        module.batch_rows = rank_rows
