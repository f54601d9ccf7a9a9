"""The command that trains a run in several processes: PyTorch's elastic launcher, torchrun."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

DEFAULT_PORT = 29500  # the usual port of torchrun's rendezvous


@dataclass(frozen=True, slots=True)
class Launch:
    """How many processes train one run, and how their launchers find each other.

    Args:
        devices: number of processes on each node; each has one device.
        nodes: number of machines; each starts its own launcher.
        node_rank: number of this machine, from 0. The launcher of node 0 hosts the rendezvous. None
            if the launchers determine this from the address of the rendezvous.
        rendezvous: address at which the launchers of several nodes meet, as HOST:PORT.
        rendezvous_id: name that the launchers of one run have in common.
        max_restarts: how often the launcher restarts the processes after one of them was lost.
    """

    devices: int = 1
    nodes: int = 1
    node_rank: int | None = None
    rendezvous: str = ""
    rendezvous_id: str = "layerloom"
    max_restarts: int = 0

    @property
    def needs_launcher(self) -> bool:
        """Whether torchrun has to start the training; a rank was already started by it."""
        is_rank = "TORCHELASTIC_RUN_ID" in os.environ
        return not is_rank and (self.devices * self.nodes > 1 or self.max_restarts > 0)


def torchrun_command(
    launch: Launch, arguments: Sequence[str], python: str = sys.executable, command: str = "train"
) -> list[str]:
    """Return the command that starts the launcher of one node, which runs a command of `engine`.

    Args:
        arguments: arguments of the command.
        python: the Python executable of the launcher and of the processes that it starts.
    """
    return [
        *(python, "-m", "torch.distributed.run"),
        *_rendezvous_options(launch),
        f"--nproc-per-node={launch.devices}",
        f"--max-restarts={launch.max_restarts}",
        # Without "--", torchrun would take `--run` for an abbreviation of an option of its own.
        *("-m", "--", "engine", command, *arguments),
    ]


def _rendezvous_options(launch: Launch) -> list[str]:
    if launch.nodes == 1:
        return ["--standalone"]
    options = [
        f"--nnodes={launch.nodes}",
        "--rdzv-backend=c10d",
        f"--rdzv-endpoint={launch.rendezvous}",
        f"--rdzv-id={launch.rendezvous_id}",
    ]
    if launch.node_rank is not None:
        is_host = "true" if launch.node_rank == 0 else "false"
        options += [f"--node-rank={launch.node_rank}", f"--rdzv-conf=is_host={is_host}"]
    return options
