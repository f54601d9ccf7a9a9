"""Modules that compute something over a global batch: batch normalization, dropout, noise."""

from __future__ import annotations

from torch import Tensor, nn

from engine.check.shapes import Shapes
from engine.core.diagnostic import diagnostic_error
from engine.runtime.batches.batch import Batch
from engine.runtime.distributed.process_group import ProcessGroup
from engine.runtime.nn_extras.noise import Noise
from engine.runtime.nn_extras.norm import BatchNorm


def require_divisible_batches(shapes: Shapes) -> None:
    """Check that no node compares the rows of a batch, which the ranks divide.

    Raises:
        DiagnosticError: batch-undivided.
    """
    for node in shapes.nodes_comparing_rows:
        raise diagnostic_error(
            "batch-undivided",
            "its activity_regularizer compares all rows of a batch, which the processes divide",
            "Train with --devices 1.",
            "Remove the activity_regularizer.",
            node=node,
            param="activity_regularizer",
            found="OrthogonalRegularizer",
            expected="a regularizer of single rows, such as L1L2, or one process",
        )


class BatchModules:
    """The modules of a network for which a rank's rows have to be seen as part of a global batch.

    Batch normalization uses the statistics of all rows. Random modules draw, for each row, the
    numbers that it has in the global batch.
    """

    def __init__(self, network: nn.Module, group: ProcessGroup) -> None:
        self._group = group
        self._random: list[Noise] = []
        self._is_counted = True
        for module in network.modules() if group.size > 1 else ():
            if isinstance(module, BatchNorm):
                module.all_reduce = self._sum
            # Numbers that all rows share are the same on each rank anyway.
            if isinstance(module, Noise) and 0 not in getattr(module, "shared", ()):
                self._random.append(module)

    def set_batch(self, batch: Batch) -> None:
        """Set the batch that the network computes next, this rank's part of a global batch."""
        self._is_counted = batch.is_counted
        for module in self._random:
            module.batch_rows = batch.rank_rows

    def _sum(self, tensor: Tensor) -> Tensor:
        return self._group.sum_over_ranks(tensor if self._is_counted else tensor * 0)
