"""A minimal graph file for each diagnostic of graphs and graph files."""

from __future__ import annotations

import json
from typing import Any

from engine.check.report import check
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.graph.model import Project
from engine.graph.serialization.file import parse

Plain = dict[str, Any]


def node(name: str, kind: str, inputs: Any = None, **params: Any) -> Plain:
    """Return a node as a file has it; `inputs` is a name, a list for a merge, or a mapping."""
    told: Plain = {"name": name, "kind": kind}
    if inputs is not None:
        port = "xs" if isinstance(inputs, list) else "x"
        told["inputs"] = inputs if isinstance(inputs, dict) else {port: inputs}
    return {**told, **({"params": params} if params else {})}


def file(*nodes: Plain, recipe: Plain | None = None, **parts: Any) -> bytes:
    """Return a graph file."""
    whole = {"format": "layerloom", "version": 1, "graph": {"nodes": [*nodes]}}
    return json.dumps({**whole, **({"recipe": recipe} if recipe else {}), **parts}).encode()


X = node("x", "Input", shape=[4])
IDS = node("x", "Input", shape=[None], dtype="int32")
STEPS = node("x", "Input", shape=[6, 4])
D = node("d", "Dense", "x", units=1)
Y = node("y", "Output", "d", loss="mse")


def between(*nodes: Plain, start: Plain = X, end: str = "", **output: Any) -> bytes:
    """Return a graph file with nodes between an Input and an Output."""
    last = nodes[-1]["name"]
    return file(start, *nodes, node("y", "Output", end or last, **{"loss": "mse"} | output))


def head(units: int, activation: str, **output: Any) -> bytes:
    """Return a graph file in which a Dense layer is connected to an Output."""
    return between(node("d", "Dense", "x", units=units, activation=activation), **output)


LOGITS = {"kind": "categorical_crossentropy", "params": {"from_logits": True}}

# Diagnostics of files, in the order of the catalogue.
TEXTS: dict[str, bytes] = {
    "file-empty": b"",
    "not-utf8": file(X, D, Y).decode().encode("utf-16"),
    "not-json": file(X, D, Y)[:-3],
    "duplicate-key": b'{"format": "layerloom", "version": 1, "version": 1}',
    "duplicate-name": file(X, D, Y, D),
    "number-unfit": b'{"format": "layerloom", "version": 1, "recipe": {"seed": NaN}}',
    "text-unfit": b'{"format": "layerloom", "version": 1, "view": {"a": "\\ud800"}}',
    "name-unfit": file(node("d\u202e", "Dense")),
    "limit-passed": b"[" * 100 + b"]" * 100,
    "other-format": b'{"cells": []}',
    "file-newer": b'{"format": "layerloom", "version": 99}',
    "key-missing": file({"name": "d"}),
    "wrong-type": b'{"format": "layerloom", "version": 1, "graph": {"nodes": {}}}',
    "key-unknown": file(X, {**D, "parms": {}}, Y),
}
# Diagnostics of graphs in valid files.
GRAPHS: dict[str, bytes] = {
    "kind-unknown": between(node("d", "Densee", "x", units=1)),
    "param-unknown": between(node("d", "Dense", "x", units=1, unit=1)),
    "not-a-matrix": between(node("d", "Dense", "x", units=1, bias_initializer="identity")),
    "param-missing": between(
        node("e", "Embedding", "x", output_dim=4), node("p", "GlobalAveragePooling1D", "e"),
        node("d", "Dense", "p", units=1), start=IDS,
    ),
    "param-invalid": between(node("d", "Dense", "x", units=0)),
    "params-clash": between(
        node("c", "Conv1D", "x", filters=2, kernel_size=2, strides=2, dilation_rate=2),
        node("p", "GlobalAveragePooling1D", "c"), node("d", "Dense", "p", units=1), start=STEPS,
    ),
    "embedding-wide": between(
        node("e", "Embedding", "x", input_dim=64, output_dim=10_000),
        node("p", "GlobalAveragePooling1D", "e"), node("d", "Dense", "p", units=1), start=IDS,
    ),
    "learning-rate-high": file(
        X, D, Y, recipe={"optimizer": {"kind": "Adam", "params": {"learning_rate": 65.0}}}
    ),
    "graph-loop": file(X, node("d", "Dense", "b", units=1), node("b", "Dense", "d", units=1), Y),
    "source-missing": file(X, node("d", "Dense", "z", units=1), Y),
    "output-unknown": file(X, node("d", "Dense", "x.y", units=1), Y),
    "no-such-port": file(X, node("d", "Dense", {"input": "x"}, units=1), Y),
    "port-loose": file(X, D, Y, node("a", "Dense", units=1)),
    "port-takes-one": file(X, node("d", "Dense", {"x": ["x", "x"]}, units=1), Y),
    "port-takes-many": file(X, node("d", "Add", {"xs": "x"}), Y),
    "output-unreached": file(X, node("d", "Dense", units=1), Y),
    "output-feeds": file(
        X, D, Y, node("b", "Dense", "y", units=1), node("z", "Output", "b", loss="mse")
    ),
    "input-unused": file(X, D, Y, node("z", "Input", shape=[2])),
    "node-unused": file(X, D, Y, node("b", "Dense", "x", units=1)),
    "no-input": file(),
    "no-output": file(X, D),
    "name-illegal": file(X, D, node("my y", "Output", "d", loss="mse")),
    "share-missing": file(
        X, D, {**node("b", "Dense", "d"), "shares": "z"}, node("y", "Output", "b", loss="mse")
    ),
    "share-self": file(X, {**node("d", "Dense", "x"), "shares": "d"}, Y),
    "share-chain": file(
        X, node("d", "Dense", "x", units=4), {**node("b", "Dense", "d"), "shares": "d"},
        {**node("c", "Dense", "b"), "shares": "b"}, node("y", "Output", "c", loss="mse"),
    ),
    "share-params": file(
        X, node("d", "Dense", "x", units=4), {**node("b", "Dense", "d", units=3), "shares": "d"},
        node("y", "Output", "b", loss="mse"),
    ),
    "wrong-rank": between(
        node("c", "Conv1D", "x", filters=2, kernel_size=2), node("d", "Dense", "c", units=1)
    ),
    "wrong-dtype": between(D, start=node("x", "Input", shape=[4], dtype="int32")),
    "window-too-large": between(
        node("c", "Conv1D", "x", filters=2, kernel_size=9),
        node("p", "GlobalAveragePooling1D", "c"), node("d", "Dense", "p", units=1), start=STEPS,
    ),
    "free-axis": between(
        node("f", "Flatten", "x"), node("d", "Dense", "f", units=1),
        start=node("x", "Input", shape=[None, 4]),
    ),
    "shapes-differ": between(
        node("a", "Dense", "x", units=2), node("b", "Dense", "x", units=3),
        node("s", "Add", ["a", "b"]), node("d", "Dense", "s", units=1),
    ),
    "bad-axis": between(
        node("a", "Dense", "x", units=2), node("s", "Concatenate", ["a", "x"], axis=5),
        node("d", "Dense", "s", units=1),
    ),
    "size-mismatch": between(
        node("r", "Reshape", "x", target_shape=[5]), node("d", "Dense", "r", units=1)
    ),
    "mask-dropped": between(
        node("e", "Embedding", "x", input_dim=9, output_dim=4, mask_zero=True),
        node("c", "Conv1D", "e", filters=2, kernel_size=2), node("p", "GlobalMaxPooling1D", "c"),
        node("d", "Dense", "p", units=1), start=IDS,
    ),
    "groups-uneven": between(
        node("c", "Conv1D", "x", filters=6, kernel_size=2, groups=3),
        node("p", "GlobalAveragePooling1D", "c"), node("d", "Dense", "p", units=1), start=STEPS,
    ),
    "too-few-inputs": between(node("s", "Add", ["x"]), node("d", "Dense", "s", units=1)),
    "noise-shape-unfit": between(
        node("o", "Dropout", "x", rate=0.5, noise_shape=[32, 1, 4]),
        node("d", "Dense", "o", units=1),
    ),
    "crop-too-large": between(
        node("c", "Cropping1D", "x", cropping=[3, 3]), node("p", "GlobalAveragePooling1D", "c"),
        node("d", "Dense", "p", units=1), start=STEPS,
    ),
    "activation-unfit": head(10, "softmax", loss="binary_crossentropy"),
    "logits-twice": head(10, "softmax", loss=LOGITS),
    "softmax-on-one": head(1, "softmax", loss="categorical_crossentropy"),
    "loss-shape": head(1, "sigmoid", loss="categorical_crossentropy"),
    "regression-on-softmax": head(10, "softmax", loss="mse"),
    "output-clipped": head(1, "relu", loss="mse"),
    "metric-unfit": head(1, "linear", loss="mse", metrics=["acc"]),
    "labels-mismatch": head(3, "softmax", loss="categorical_crossentropy", labels=["a", "b"]),
    "class-weight-unfit": head(
        2, "softmax", loss="categorical_crossentropy", class_weight={"cat": 2}
    ),
    "nothing-to-train": head(1, "linear", loss=None),
    "output-untrained": file(X, D, Y, node("z", "Output", "d", loss=None)),
    "balance-idle": file(X, D, Y, recipe={"balance": "uncertainty"}),
    "score-unknown": file(X, D, Y, recipe={"stopping": {"monitors": ["y/mae"]}}),
    "out-of-memory": file(
        X, node("w", "Dense", "x", units=1000), node("d", "Dense", "w", units=1), Y,
        recipe={"batch_size": 1_000_000},
    ),
}  # fmt: skip
CASES = {**TEXTS, **GRAPHS}
MEMORY = 1 << 30  # bytes; a fixed value, independent of the machine


def found_in(data: bytes) -> list[Diagnostic]:
    """Return all diagnostics of a file."""
    try:
        loaded = parse(data)
    except DiagnosticError as refusal:
        return list(refusal.diagnostics)
    return [*loaded.diagnostics, *checked(loaded.project)]


def checked(project: Project) -> list[Diagnostic]:
    """Return the diagnostics of a project."""
    return list(check(project, available=MEMORY).diagnostics)
