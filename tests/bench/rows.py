"""Rows for the two models of the notebook: uniform random words, a hundred steps, no padding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

STEPS = 100
BATCH = {"posts": 64, "question-answering": 128}
WORDS = {"posts": 50_000, "question-answering": 10_000}
INPUTS = {"posts": ("posts",), "question-answering": ("text", "question")}


def arrays(name: str, rows: int, words: int | None = None) -> dict[str, np.ndarray[Any, Any]]:
    """Return inputs and targets by name."""
    rng = np.random.default_rng(1)
    size = words or WORDS[name]
    found = {port: rng.integers(1, size, (rows, STEPS)).astype("int32") for port in INPUTS[name]}
    if name == "question-answering":
        return {**found, "answer": _one_hot(rng, rows, 500)}
    return {
        **found,
        "age": rng.normal(size=(rows, 1)).astype("float32"),
        "income": _one_hot(rng, rows, 10),
        "gender": rng.integers(0, 2, (rows, 1)).astype("float32"),
    }


def _one_hot(rng: np.random.Generator, rows: int, classes: int) -> np.ndarray[Any, Any]:
    return np.eye(classes, dtype="float32")[rng.integers(0, classes, rows)]


def table(folder: Path, name: str, rows: int, words: int | None = None) -> Path:
    """Return a file of rows; it is written once per benchmark."""
    path = folder / f"{name}-{rows}-{words or WORDS[name]}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(path, **arrays(name, rows, words))
    return path


def graph(name: str, words: int | None = None, depth: int = 0) -> bytes:
    """Return the template as in the notebook: without masks and scaling.

    Args:
        name: of the template.
        words: the size of the vocabulary, if not the default.
        depth: number of additional convolutions after the first.
    """
    from engine.graph.templates import read_template

    whole = json.loads(read_template(name))
    whole.pop("data", None)
    whole.pop("view", None)
    nodes = whole["graph"]["nodes"]
    for node in nodes:
        node.get("params", {}).pop("mask_zero", None)
        if words and node["kind"] == "Embedding":
            node["params"]["input_dim"] = words
    if depth:
        _deepen(nodes, depth)
    whole["recipe"] = {
        **whole["recipe"], "batch_size": BATCH[name], "validation_split": 0.0,
        "schedule": {"kind": "Constant"}, "optimizer": {"kind": "RMSprop"},
    }  # fmt: skip
    return json.dumps(whole).encode()


def _deepen(nodes: list[dict[str, Any]], depth: int) -> None:
    last = "conv"
    params = {"filters": 128, "kernel_size": 5, "padding": "same", "activation": "relu"}
    for number in range(depth):
        made = {"name": f"deep_{number}", "kind": "Conv1D", "inputs": {"x": last}, "params": params}
        nodes.append(made)
        last = made["name"]
    next(node for node in nodes if node["name"] == "pool")["inputs"] = {"x": last}
