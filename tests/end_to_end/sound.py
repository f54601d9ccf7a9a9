"""A sound project with its data, of which each test spoils one thing."""

import json
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, Any]


def node(name: str, kind: str, inputs: Any = None, **params: Any) -> dict[str, Any]:
    wires = {"xs" if isinstance(inputs, list) else "x": inputs} if inputs else {}
    return {"name": name, "kind": kind, "inputs": wires, "params": params}


SOUND = [
    node("words", "Input", shape=[None], dtype="int32"),
    node("size", "Input", shape=[3]),
    node("vectors", "Embedding", "words", input_dim=10, output_dim=4),
    node("mean", "GlobalAveragePooling1D", "vectors"),
    node("both", "Concatenate", ["mean", "size"]),
    node("kind_head", "Dense", "both", units=3, activation="softmax"),
    node("mass_head", "Dense", "both", units=1),
    node("kind", "Output", "kind_head", loss="categorical_crossentropy", metrics=["acc"]),
    node("mass", "Output", "mass_head", loss="mse", metrics=["mae"]),
]


def project(*changed: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Return a sound project with some nodes changed or added."""
    nodes = {each["name"]: each for each in (*SOUND, *changed)}
    whole = {"format": "layerloom", "version": 1, "graph": {"nodes": [*nodes.values()]}}
    return {**whole, "recipe": {"epochs": 1, "batch_size": 8, "validation_split": 0.0}, **parts}


def text(plain: Any) -> bytes:
    return json.dumps(plain).encode()


def sound_arrays(rows: int = 32) -> Arrays:
    rng = np.random.default_rng(1)
    return {
        "words": rng.integers(0, 10, (rows, 6)).astype(np.int32),
        "size": rng.normal(size=(rows, 3)).astype(np.float32),
        "kind": np.eye(3, dtype=np.float32)[np.arange(rows) % 3],
        "mass": rng.normal(size=rows).astype(np.float32),
    }


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"a folder"
        for path in folder.rglob("*")
    }
