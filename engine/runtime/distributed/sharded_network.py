"""Sharding of a network among the ranks: fully sharded data parallelism (FSDP2) of PyTorch."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch

from engine.core.diagnostic import Diagnostic, diagnostic_error
from engine.core.files.atomic_write import printable_path
from engine.runtime.distributed.process_group import ProcessGroup
from engine.runtime.model.network import Network


def shard_network(network: Network, device: torch.device, group: ProcessGroup) -> None:
    """Divide all weights among the ranks, and move each rank's parts to its device.

    A node's weights are gathered while the node is computed. Their gradients are summed over the
    ranks and divided like the weights, and so is the optimizer's state.

    Source: torch.distributed.fsdp.fully_shard.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method

    # No layer changes the output of another one in place.
    warnings.filterwarnings("ignore", "FSDP2-wrapped module .* returned a view")
    mesh = init_device_mesh(device.type, (group.size,))
    for module in network.children():
        if next(module.parameters(), None) is not None:
            fully_shard(module, mesh=mesh)
    fully_shard(network, mesh=mesh)
    register_fsdp_forward_method(network, "forward_output")
    for part in network.modules():
        if isinstance(part, FSDPModule):
            # Gradients are summed: the losses have been divided by the count of all rows.
            part.set_gradient_divide_factor(1.0)
            part.set_force_sum_reduction_for_comms(True)


def require_shared_folder(run: Path | None, group: ProcessGroup) -> None:
    """Check that all ranks can write their parts of checkpoints to the run folder.

    Args:
        run: the run folder; only rank 0 has to pass it.

    Raises:
        DiagnosticError: file-missing, on all ranks.
    """
    path = group.broadcast(run and run.absolute())
    if path is None or all(group.gather(path.is_dir())):
        return
    raise diagnostic_error(
        "file-missing",
        "all machines write to the run folder of a sharded network, and one can't see it",
        "Name a folder on a disk that they share: --run DIR.",
        place=printable_path(path),
        found="no such folder there",
        expected="a folder that all machines share",
    )


def sharding_idle() -> Diagnostic:
    """Return the notice that a network is not sharded, since one process trains it."""
    return Diagnostic.info(
        "sharding-idle",
        "the network is not sharded, since one process trains it",
        "Train with --devices 2.",
        param="sharded",
        place="recipe",
        found="1 device",
        expected="several devices",
    )
