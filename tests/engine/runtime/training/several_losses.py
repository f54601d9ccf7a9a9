"""A network whose losses have every kind of count, with rows for it.

Missing targets, class weights, sample weights, masked time steps, a sum instead of a mean, a mean
by sample weights, and penalties of weights and of activity.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.graph.model import Project
from tests.engine.runtime.small import node, project

ROWS, STEPS, WORDS = 60, 6, 20
L2 = {"kind": "L2", "params": {"l2": 0.02}}
NODES = (
    node("x", "Input", shape=[4]),
    node("text", "Input", shape=[STEPS], dtype="int32"),
    node("words", "Embedding", "text", input_dim=WORDS, output_dim=5, mask_zero=True),
    node("read", "LSTM", "words", units=4, return_sequences=True),
    node("mean", "GlobalAveragePooling1D", "read"),
    node("both", "Concatenate", {"xs": ["x", "mean"]}),
    node("trunk", "Dense", "both", units=6, activation="tanh", kernel_regularizer=L2,
         activity_regularizer=L2),
    node("a", "Dense", "trunk", units=1),
    node("b", "Dense", "trunk", units=3, activation="softmax"),
    node("c", "Dense", "trunk", units=1, activation="sigmoid"),
    node("d", "Dense", "read", units=3, activation="softmax"),
    node("e", "Dense", "trunk", units=2),
    node("mass", "Output", "a", loss="mse", loss_weight=0.5, metrics=["mae", "r2_score"],
         missing="mask"),
    node("kind", "Output", "b", loss="sparse_categorical_crossentropy", metrics=["accuracy"],
         missing="mask", class_weight={"0": 1.0, "1": 2.0, "2": 0.5}),
    node("sex", "Output", "c", metrics=["auc", "accuracy"],
         loss={"kind": "binary_crossentropy", "params": {"reduction": "mean_with_sample_weight"}}),
    node("tags", "Output", "d", loss="sparse_categorical_crossentropy", metrics=["accuracy"]),
    node("sizes", "Output", "e",
         loss={"kind": "mae", "params": {"reduction": "sum"}}, loss_weight=0.1),
)  # fmt: skip


def several_losses(**recipe: Any) -> Project:
    """Return the project; recipe fields are those of `project`."""
    return project(*NODES, **{"precision": "float64", "shuffle": False, **recipe})


def rows(seed: int = 0) -> dict[str, dict[str, Any]]:
    """Return the arguments of a `DataLoader`: inputs, targets, sample weights and masks."""
    rng = np.random.default_rng(seed)
    text = rng.integers(1, WORDS, (ROWS, STEPS)).astype("int32")
    text[np.arange(STEPS) >= rng.integers(1, STEPS + 1, (ROWS, 1))] = 0
    masks = {name: rng.random(ROWS) < share for name, share in (("mass", 0.5), ("kind", 0.7))}
    masks["mass"][15:30] = False  # a batch without any target
    return {
        "inputs": {"x": rng.normal(size=(ROWS, 4)), "text": text},
        "targets": {
            "mass": rng.normal(size=(ROWS, 1)),
            "kind": rng.integers(0, 3, ROWS),
            "sex": rng.integers(0, 2, (ROWS, 1)).astype(float),
            "tags": rng.integers(0, 3, (ROWS, STEPS)),
            "sizes": rng.normal(size=(ROWS, 2)),
        },
        "weights": {"sex": rng.random(ROWS)},
        "masks": masks,
    }
