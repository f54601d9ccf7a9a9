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

from engine.events import EpochDone
from engine.runs.log.step_buffer import TrainingStep
from tests.engine.runtime.distributed.sharded import BY_THREE, NAMES, train


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
