"""Several ranks train as one process does: same losses, metrics and weights."""

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
from tests.engine.runtime.distributed.cases import NAMES, train


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def trained_by_ranks(size: int, folder: Path, names: tuple[str, ...] = NAMES) -> dict[str, Any]:
    """Return events and weights of cases by name, trained by `size` processes."""
    file = folder / f"{size}.pickle"
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": str(size)}
    shared["TORCHELASTIC_RUN_ID"] = "a test"
    command = [sys.executable, "-m", "tests.engine.runtime.distributed.rank", str(file), *names]
    ranks = [
        subprocess.Popen(command, env={**os.environ, **shared, "RANK": str(rank)})
        for rank in range(size)
    ]
    assert [rank.wait() for rank in ranks] == [0] * size
    return pickle.loads(file.read_bytes())


@pytest.fixture(scope="module", params=[2, 3])
def by_ranks(request, tmp_path_factory):
    return trained_by_ranks(request.param, tmp_path_factory.mktemp("ranks"))


@pytest.mark.parametrize("name", NAMES)
def test_the_curve_does_not_depend_on_the_number_of_ranks(by_ranks, name):
    tolerance = 2e-6 if name == "float32" else 1e-12
    events, weights = train(name)
    other_events, other_weights = by_ranks[name]
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
