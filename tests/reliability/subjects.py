"""Small networks and data for the reliability tests, with every kind of training state."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.graph.model import Project
from engine.graph.serialization.file import dumps
from tests.engine.runtime.small import node, project

Arrays = Mapping[str, Any]


def remembering(**recipe: Any) -> Project:
    """Return a network that uses every kind of state that a resume must restore.

    Two inputs and three outputs, dropout of both kinds, running statistics, accumulated gradients,
    a schedule, a stopping rule, metrics that need all rows; 7 steps an epoch on `rows()`.
    """
    fields = {
        "epochs": 4, "batch_size": 8, "accumulate": 3, "seed": 5, "validation_split": 0.2,
        "schedule": {"kind": "CosineDecay"}, "optimizer": {"kind": "AdamW"},
        "stopping": {"monitors": ["yes/auc", "size/loss"], "patience": 1000},
        "checkpoint_every": {"steps": 1},
    }  # fmt: skip
    return project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("x", "Input", shape=[3]),
        node("vectors", "Embedding", "words", input_dim=12, output_dim=4, mask_zero=True),
        node("read", "LSTM", "vectors", units=6, dropout=0.2, seed=3),
        node("norm", "BatchNormalization", "x"),
        node("both", "Concatenate", {"xs": ["read", "norm"]}),
        node("drop", "Dropout", "both", rate=0.3),
        node("own", "Dropout", "drop", rate=0.1, seed=11),
        node("s", "Dense", "own", units=1),
        node("p", "Dense", "own", units=1, activation="sigmoid"),
        node("c", "Dense", "own", units=3, activation="softmax"),
        node("size", "Output", "s", loss="mse", loss_weight=0.5, metrics=["mae", "r2_score"]),
        node("yes", "Output", "p", loss="binary_crossentropy", metrics=["auc", "accuracy"]),
        node("kind", "Output", "c", loss="sparse_categorical_crossentropy",
             metrics=["accuracy", "f1_score"]),
        data={"targets": {"size": {"column": "size", "scale": "standardize"}}},
        **fields | recipe,
    )  # fmt: skip


def rows(count: int = 70, seed: int = 0) -> dict[str, Any]:
    """Return data for `remembering`."""
    rng = np.random.default_rng(seed)
    words = rng.integers(1, 12, (count, 6)).astype("int32")
    words[::3, 4:] = 0
    x = rng.normal(size=(count, 3)).astype("float32")
    return {
        "words": words,
        "x": x,
        "size": (40 + 12 * x[:, 0]).astype("float32"),
        "yes": (x[:, 1] + rng.normal(size=count) > 0).astype("int64"),
        "kind": words[:, 0] % 3,
    }


def written(folder: Path, given: Project, arrays: Arrays) -> tuple[Path, Path]:
    """Write a project and its data, and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    graph, data = folder / "small.loom.json", folder / "small.npz"
    graph.write_text(dumps(given), encoding="utf-8")
    np.savez(data, **arrays)
    return graph, data
