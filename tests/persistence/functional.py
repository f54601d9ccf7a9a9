"""A network written and trained in Python, and the files that it is kept in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine import Input, Model, layers, load

PROJECT, WEIGHTS = "functional.loom.json", "functional.safetensors"
DRAWN = "drawn.loom.json"  # before it was trained


def rows() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return inputs and targets."""
    draws = np.random.default_rng(5)
    x = draws.normal(size=(40, 3)).astype("float32")
    words = draws.integers(1, 6, (40, 4)).astype("int32")
    age = 30 + 5 * x[:, 0]
    labels = np.array(["low", "middle", "high"])[np.arange(40) % 3]
    return {"x": x, "words": words}, {"age": age, "group": labels}


def model() -> Model:
    """Return the network, compiled."""
    x, words = Input(shape=(3,), name="x"), Input(shape=(4,), dtype="int32", name="words")
    read = layers.GRU(2)(layers.Embedding(6, 2, mask_zero=True)(words))
    body = layers.Dense(3, activation="relu")(layers.concatenate([x, read]))
    body = layers.BatchNormalization()(body)
    age = layers.Dense(1, name="age")(body)
    group = layers.Dense(3, activation="softmax", name="group")(body)
    made = Model([x, words], [age, group], name="people")
    made.compile(
        optimizer="adam",
        loss={"age": "mse", "group": "sparse_categorical_crossentropy"},
        loss_weights={"age": 0.1, "group": 1.0},
        metrics={"age": ["mae"], "group": ["acc"]},
    )
    return made


def answers(folder: Path) -> dict[str, Any]:
    """Return what the kept network answers."""
    opened = load(folder / PROJECT)
    opened.load_weights(folder / WEIGHTS)
    inputs, targets = rows()
    predicted = opened.predict(inputs, verbose=0)
    named = predicted if isinstance(predicted, dict) else dict(enumerate(predicted))
    scores = opened.evaluate(inputs, targets, verbose=0)
    return {
        "predicted": {str(name): np.asarray(part).tolist() for name, part in named.items()},
        "scores": dict(scores) if isinstance(scores, dict) else np.asarray(scores).tolist(),
    }
