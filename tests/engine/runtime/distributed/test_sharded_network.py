"""A network that is divided among ranks trains as one process trains it."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import distributed

from engine.core.diagnostic import DiagnosticError
from engine.events import EpochDone
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.checkpoints.shards import load_shards, save_shards
from engine.runtime.checkpoints.state_dicts import torch_weights
from engine.runtime.distributed.process_group import TorchProcessGroup
from engine.runtime.distributed.sharded_network import shard_network
from engine.runtime.model.network import Network
from engine.runtime.optimizers.base import Optimizer
from engine.runtime.training.training import build_optimizer
from tests.engine.runtime.distributed.sharded import BY_THREE, NAMES, NARROW, train
from tests.engine.runtime.small import check, network, project

CLIPPED = {"kind": "AdamW", "params": {"global_clipnorm": 0.5}}


def trained_by_ranks(size: int, file: Path, *names: str) -> dict[str, Any]:
    """Return events and weights of cases by name, trained by `size` processes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": str(size)}
    command = [sys.executable, "-m", "tests.engine.runtime.distributed.sharded", str(file), *names]
    ranks = [
        subprocess.Popen(command, env={**os.environ, **shared, "RANK": str(rank)})
        for rank in range(size)
    ]
    assert [rank.wait() for rank in ranks] == [0] * size
    return pickle.loads(file.read_bytes())


def assert_same(name: str, trained: tuple[Any, Any]) -> None:
    """Check that one process has the same losses, scores and weights."""
    tolerance = 1e-6 if name == "float32" else 1e-12
    events, weights = train(name)
    other_events, other_weights = trained
    assert [*map(type, events)] == [*map(type, other_events)]
    for one, other in zip(events, other_events, strict=True):
        if isinstance(one, TrainingStep):
            assert other.loss == pytest.approx(one.loss, rel=tolerance)
            assert other.losses == pytest.approx(one.losses, rel=tolerance, abs=tolerance)
            assert other.grad_norm == pytest.approx(one.grad_norm, rel=10 * tolerance)
        elif isinstance(one, EpochDone):
            assert other.train == pytest.approx(one.train, rel=tolerance, nan_ok=True)
            assert other.validation == pytest.approx(one.validation, rel=tolerance, nan_ok=True)
    for weight, value in weights.items():
        np.testing.assert_allclose(other_weights[weight], value, rtol=tolerance, atol=tolerance)


@pytest.fixture
def one_rank():
    """A process group of this process alone."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield TorchProcessGroup()
    distributed.destroy_process_group()


def test_a_sharded_network_takes_the_same_step_and_is_restored(one_rank, tmp_path):
    def stepped(shard: bool) -> tuple[Network, Optimizer[Any]]:
        net = network(project(*NARROW, optimizer=CLIPPED))
        if shard:
            shard_network(net, torch.device("cpu"), one_rank)
        recipe = check(project(*NARROW, optimizer=CLIPPED)).recipe
        optimizer = build_optimizer(net, recipe)
        output = net.forward_output({"x": torch.arange(8.0).reshape(2, 4)})
        (output.heads["mass"].square().sum() + sum(net.penalties().values())).backward()
        optimizer.step(0.1)
        return net, optimizer

    def tensors(net: Network, optimizer: Optimizer[Any]) -> dict[str, torch.Tensor]:
        return torch_weights(net) | optimizer.state_dict()

    whole, sharded = stepped(shard=False), stepped(shard=True)
    for name, value in whole[0].get_weights().items():
        np.testing.assert_allclose(sharded[0].get_weights()[name], value, rtol=1e-6)
    save_shards(tmp_path / "shards", tensors(*sharded), one_rank.patient)
    restored = network(project(*NARROW), seed=7)
    load_shards(tmp_path / "shards", torch_weights(restored))
    for name, value in sharded[0].get_weights().items():
        np.testing.assert_array_equal(restored.get_weights()[name], value)
    with pytest.raises(DiagnosticError, match="checkpoint-unfit"):
        load_shards(tmp_path / "shards", {"other": torch.zeros(2)})


@pytest.mark.slow
def test_two_ranks_compute_what_one_process_does(tmp_path):
    results = trained_by_ranks(2, tmp_path / "results", "Adam")
    assert_same("Adam", results["Adam"])
    assert results["squares"] == [(number, number**2) for number in range(5)]


@pytest.fixture(scope="module")
def by_ranks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sharded")
    return {
        size: trained_by_ranks(size, folder / str(size), *names)
        for size, names in ((2, NAMES), (3, BY_THREE))
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "name"), [*((2, name) for name in NAMES), *((3, name) for name in BY_THREE)]
)
def test_the_curve_does_not_depend_on_the_number_of_ranks(by_ranks, size, name):
    assert_same(name, by_ranks[size][name])
