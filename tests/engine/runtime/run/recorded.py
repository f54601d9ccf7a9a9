"""A network that needs everything a run remembers, and what two runs have in common."""

from __future__ import annotations

import numpy as np
import pytest
import safetensors.numpy

from engine.core.diagnostic import DiagnosticError
from engine.events import (
    BestFound,
    EpochDone,
)
from engine.runtime.run.runner import train
from tests.engine.runtime.small import node, project, steps


def whole(**recipe):
    """Everything that a resumed run has to remember at once."""
    fields = {
        "epochs": 4, "batch_size": 8, "accumulate": 3, "seed": 5,
        "schedule": {"kind": "CosineDecay"}, "optimizer": {"kind": "Adam"},
        "stopping": {"monitors": ["yes/auc", "size/loss"], "patience": 10},
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


def rows(count=70, seed=0):
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


def exact(events):
    """Return everything that two equal runs say alike, floats to the last bit."""
    found = []
    for event in events:
        if isinstance(event, EpochDone):
            scores = [*event.train.items(), *event.validation.items()]
            found.append((event.epoch, event.step, [(n, float(v).hex()) for n, v in scores]))
        elif isinstance(event, BestFound):
            found.append((event.epoch, [(n, float(v).hex()) for n, v in event.scores.items()]))
    return found


def hexes(events, *whats):
    return {what: [value.hex() for value in steps(events, what)] for what in whats}


def losses(events):
    return hexes(events, "loss", "size", "yes", "kind", "learning_rate")


def model(folder):
    """Return the arrays of model.safetensors, whose header also names the run."""
    return safetensors.numpy.load(folder.weights_path.read_bytes())


def same_model(one, other):
    mine, theirs = model(one), model(other)
    assert mine.keys() == theirs.keys()
    for name, array in mine.items():
        assert array.tobytes() == theirs[name].tobytes(), name


def refused(order):
    with pytest.raises(DiagnosticError) as caught:
        list(train(order))
    return caught.value.diagnostics
