"""A network of three outputs, trained for a moment on a table of sixty rows, and evaluated."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from tests.persistence.program import engine

TEXT = {
    "format": "layerloom", "version": 1,
    "graph": {"nodes": [
        {"name": "x", "kind": "Input", "params": {"shape": [2]}},
        {"name": "tone", "kind": "Input", "params": {"shape": [2]}},
        {"name": "cat", "kind": "Concatenate", "inputs": {"xs": ["x", "tone"]}},
        {"name": "k", "kind": "Dense", "inputs": {"x": "cat"},
         "params": {"units": 3, "activation": "softmax"}},
        {"name": "n", "kind": "Dense", "inputs": {"x": "cat"}, "params": {"units": 1}},
        {"name": "p", "kind": "Dense", "inputs": {"x": "cat"},
         "params": {"units": 1, "activation": "sigmoid"}},
        {"name": "kind", "kind": "Output", "inputs": {"x": "k"},
         "params": {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}},
        {"name": "size", "kind": "Output", "inputs": {"x": "n"},
         "params": {"loss": "mse", "metrics": ["mae"], "unit": "cm"}},
        {"name": "tame", "kind": "Output", "inputs": {"x": "p"},
         "params": {"loss": "binary_crossentropy"}},
    ]},
    "recipe": {"epochs": 2, "batch_size": 8, "seed": 1, "device": "cpu", "threads": 1},
    "data": {
        "inputs": {
            "x": {"columns": ["x1", "x2"], "scale": "standardize"},
            "tone": {"column": "tone", "encode": "category"},
        },
        "targets": {"size": {"column": "size", "scale": "standardize"}},
        "split": {"kind": "random", "params": {"validation": 0.2, "test": 0.3}},
    },
}  # fmt: skip


def rows() -> str:
    chance = random.Random(1)
    lines = ["x1,x2,tone,kind,size,tame"]
    for row in range(60):
        x1, x2 = chance.random(), chance.random()
        kind = ("cat", "dog", "hen")[row % 3]
        lines.append(f"{x1:.3f},{x2:.3f},{('red', 'blue')[row % 2]},{kind},{10 * x1:.2f},"
                     f"{('no', 'yes')[x2 > 0.5]}")  # fmt: skip
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """The folder of graph, rows and a run that was evaluated on its test rows.

    The first process of pytest-xdist that needs it makes it for all.
    """
    place = tmp_path_factory.getbasetemp() / "trained"
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parents[1] / "trained"
    place.parent.mkdir(exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            train(place)
    return place


def train(place: Path) -> None:
    place.mkdir()
    (place / "tiny.loom.json").write_text(json.dumps(TEXT))
    (place / "rows.csv").write_text(rows())
    graph, data, run = (place / name for name in ("tiny.loom.json", "rows.csv", "runs/tiny-001"))
    for words in (
        ("train", graph, "--data", data, "--run", run),
        ("evaluate", run, "--split", "test"),
    ):
        done = engine(place, *words)
        assert done.code == 0, done.err


@pytest.fixture
def place(trained, tmp_path) -> Path:
    """A copy of it that a test may change."""
    shutil.copytree(trained, tmp_path / "place")
    return tmp_path / "place"
