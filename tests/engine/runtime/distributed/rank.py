"""One rank of a test: trains cases together with the other ranks; rank 0 pickles the results."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import torch

from engine.runtime.distributed.process_group import connected_group
from tests.engine.runtime.distributed.cases import train


def main(file: Path, *names: str) -> None:
    """Train the cases `names`, and write events and weights by name to a file."""
    torch.set_num_threads(1)
    with connected_group() as group:
        results = {name: train(name, group) for name in names}
        if group.rank == 0:
            file.write_bytes(pickle.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
