"""A network compiled by torch, for those who ask for it."""

from __future__ import annotations

import torch

from engine.runtime.model.network import Network


def compile_network(network: Network) -> None:
    """Let torch's compiler make one piece of a network's forward and backward passes.

    Why: it is a choice of the recipe and never made for anybody: on a processor the first epoch
        took 5 to 27 seconds longer, and steady epochs 2 to 4 % less, or more. On a GPU, with many
        small layers, it may pay. The native part and gradients by rows are left out with it, which
        it can't see into.
    Source: torch.compile; Ansel and others 2024, doi:10.1145/3620665.3640366.
    """
    network.raw = torch.compile(network.raw, dynamic=False)  # type: ignore[method-assign]
