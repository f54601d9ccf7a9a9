"""Trainings in several processes, which start together and train all cases one after the other."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.events import ControlTaken, EpochDone, RunFailed
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.distributed.process_group import ProcessGroup, connected_group
from tests.engine.runtime.distributed import cases
from tests.engine.runtime.distributed.cases import Trained

Train = Callable[[str, ProcessGroup], Trained]


def trained_by_ranks(
    train: Train, names: Sequence[str], size: int, folder: Path
) -> dict[str, Trained]:
    """Return what `size` processes trained: for each name, what `train` returned on rank 0.

    Why: the server from which processes are forked has imported what they need, and no threads.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([cases.__name__])
    file = folder / f"{size}.pickle"
    arguments = (train, names, size, _free_port(), file)
    ranks = [context.Process(target=_train_rank, args=(r, *arguments)) for r in range(size)]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join()
    assert [rank.exitcode for rank in ranks] == [0] * size
    results: dict[str, Trained] = pickle.loads(file.read_bytes())
    return results


def _train_rank(
    rank: int, train: Train, names: Sequence[str], size: int, port: int, file: Path
) -> None:
    torch.set_num_threads(1)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.environ |= {"WORLD_SIZE": str(size), "RANK": str(rank), "TORCHELASTIC_RUN_ID": "a test"}
    with connected_group() as group:
        results = {name: train(name, group) for name in names}
    if rank == 0:
        file.write_bytes(pickle.dumps(results))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def assert_same_training(one: Trained, other: Trained, tolerance: float) -> None:
    """Check that two trainings had the same events, numbers and final weights.

    Args:
        tolerance: largest relative difference of each loss and score, and of the weights of each
            node: their largest difference, divided by their largest value.
    """
    assert [*map(type, other[0])] == [*map(type, one[0])]
    for event, same in zip(one[0], other[0], strict=True):
        if isinstance(event, TrainingStep):
            assert_close(_losses(event), _losses(same), tolerance)
            # The terms of a gradient may cancel.
            assert same.grad_norm == pytest.approx(event.grad_norm, rel=10 * tolerance)
        elif isinstance(event, EpochDone):
            assert_close(_scores(event.train), _scores(same.train), tolerance)
            assert_close(_scores(event.validation), _scores(same.validation), tolerance)
        elif isinstance(event, RunFailed | ControlTaken):
            assert same.diagnostic == event.diagnostic
    assert_close(_by_node(one[1]), _by_node(other[1]), tolerance)


def _losses(step: TrainingStep) -> dict[str, float]:
    return {"loss": step.loss, **step.losses, **step.penalties}


def _scores(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores, with R2 as its distance from 1: R2 itself may be about 0 by cancellation."""
    return {name: 1 - x if name.endswith("r2_score") else x for name, x in scores.items()}


def _by_node(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return all weights of each node in one array.

    Why: a weight without influence, such as the bias of the keys of attention, is rounding noise.
    """
    nodes: dict[str, list[Any]] = {}
    for name, weight in weights.items():
        nodes.setdefault(name.split("/")[0], []).append(weight.ravel())
    return {node: np.concatenate(values) for node, values in nodes.items()}


def assert_close(one: Mapping[str, Any], other: Mapping[str, Any], tolerance: float) -> None:
    """Check that values or arrays of the same names differ by at most `tolerance`, relatively."""
    assert other.keys() == one.keys()
    for name, value in one.items():
        largest = tolerance * np.abs(np.nan_to_num(value)).max()
        np.testing.assert_allclose(other[name], value, rtol=0, atol=largest, err_msg=name)
