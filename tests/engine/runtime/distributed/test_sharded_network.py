"""A network that is divided among ranks trains as one process trains it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import distributed

from engine.core.diagnostic import DiagnosticError
from engine.runtime.batches.data_loader import Batch
from engine.runtime.checkpoints.shards import load_shards, save_shards
from engine.runtime.checkpoints.state_dicts import torch_weights
from engine.runtime.distributed.process_group import ProcessGroup, TorchProcessGroup
from engine.runtime.distributed.sharded_network import shard_network
from engine.runtime.loss_weighting.total_loss import loss_counts
from engine.runtime.model.network import Network
from engine.runtime.optimizers.base import Optimizer
from engine.runtime.training.training import build_optimizer
from tests.engine.runtime.distributed.cases import Trained
from tests.engine.runtime.distributed.ranks import assert_same_training, trained_by_ranks
from tests.engine.runtime.distributed.sharded import BY_THREE, NAMES, NARROW, train_sharded
from tests.engine.runtime.small import check, network, node, project

CLIPPED = {"kind": "AdamW", "params": {"global_clipnorm": 0.5}}


def compare(name: str, trained: Trained) -> None:
    """Check that one process has the same losses, scores and weights."""
    assert_same_training(train_sharded(name), trained, 1e-6 if name == "float32" else 1e-12)


@pytest.fixture
def one_rank():
    """A process group of this process alone."""
    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield TorchProcessGroup(store)
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


def test_masks_that_depend_on_weights_are_counted_before_the_first_step(one_rank):
    given = project(
        node("x", "Input", shape=[5, 3]),
        node("a", "Dense", "x", units=1, activation="relu"),
        node("m", "Masking", "a"),
        node("r", "GRU", "m", units=3, return_sequences=True),
        node("t", "Dense", "r", units=2, activation="softmax"),
        node("tags", "Output", "t", loss="sparse_categorical_crossentropy"),
    )
    plain, sharded = network(given), network(given)
    shard_network(sharded, torch.device("cpu"), one_rank)
    inputs = {"x": torch.randn(8, 5, 3, generator=torch.manual_seed(0))}
    batch = Batch(inputs, {"tags": torch.zeros(8, 5, dtype=torch.int64)}, 8)
    assert 0 < loss_counts(sharded, batch)["tags"] == loss_counts(plain, batch)["tags"] < 40
    sharded.forward_output(inputs)


def squares(_: str, group: ProcessGroup) -> Trained:
    return list(group.map(lambda number: number**2, range(5))), {}


@pytest.mark.slow
def test_ranks_compute_items_in_turn(tmp_path):
    results = trained_by_ranks(squares, ["squares"], 2, tmp_path)
    assert results["squares"][0] == [(number, number**2) for number in range(5)]


@pytest.fixture(scope="module")
def by_ranks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sharded")
    return {
        size: trained_by_ranks(train_sharded, names, size, folder)
        for size, names in ((2, NAMES), (3, BY_THREE))
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "name"), [*((2, name) for name in NAMES), *((3, name) for name in BY_THREE)]
)
def test_the_curve_does_not_depend_on_the_number_of_ranks(by_ranks, size, name):
    compare(name, by_ranks[size][name])
