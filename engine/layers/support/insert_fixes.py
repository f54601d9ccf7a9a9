"""Fixes that put a layer into the wire of a port, where one more layer is all that is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.diagnostic import Fix
from engine.core.tensor_spec import TensorSpec

# Of a newly drawn one; once there are data, their check says how many words it needs.
EMBEDDING: Mapping[str, Any] = {"input_dim": 10000, "output_dim": 64}


def put(text: str, kind: str, port: str = "x", place: int | None = None, **params: Any) -> Fix:
    """Return the fix that puts a layer of a kind into the wire that ends at a port.

    Args:
        text: what it does, in words.
        port, place: where the wire ends, and as which of several.
        params: of the new layer.
    """
    edit = {"do": "insert_on_wire", "port": port, "kind": kind, "params": params}
    return Fix(text, edit if place is None else {**edit, "place": place})


def embedding(port: str = "x") -> Fix:
    """Return the fix that makes vectors of ids."""
    return put(
        "Put an Embedding in front, which turns each id into a vector.",
        "Embedding", port, **EMBEDDING,
    )  # fmt: skip


def one_channel(x: TensorSpec, port: str = "x") -> Fix:
    """Return the fix that gives a tensor without free axes one more, of one channel."""
    shape = [*x.shape, 1]
    text = f"Put a Reshape to {shape} in front, which makes it one channel."
    return put(text, "Reshape", port, target_shape=shape)


def a_sequence(x: TensorSpec, port: str = "x") -> Fix:
    """Return the fix that makes a sequence of vectors of what is none, in words where none does."""
    if x.rank == 1 and x.dtype == "int32":
        return embedding(port)
    if x.rank == 1 and not x.dynamic_axes:
        return one_channel(x, port)
    return Fix("Wire in a sequence of vectors, or put a Reshape in front.")
