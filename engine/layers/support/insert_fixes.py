"""Fixes that insert a layer into the wire of an input port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.diagnostic import Fix
from engine.core.tensor_spec import TensorSpec

# Fields of an inserted Embedding. The data check reports the vocabulary size that it needs.
EMBEDDING_PARAMS: Mapping[str, Any] = {"input_dim": 10000, "output_dim": 64}


def insert_layer_fix(
    text: str, kind: str, port: str = "x", index: int | None = None, **params: Any
) -> Fix:
    """Return a fix that inserts a layer into the wire that ends at a port.

    Args:
        text: the text of the fix.
        kind, params: type and fields of the new layer.
        port, index: the port, and the index of the wire if the port takes several wires.
    """
    edit = {"do": "insert_on_wire", "port": port, "kind": kind, "params": params}
    return Fix(text, edit if index is None else {**edit, "place": index})


def embedding_fix(port: str = "x") -> Fix:
    """Return the fix that inserts an Embedding into the wire that ends at the input port `port`.

    The Embedding maps each id to a vector.
    """
    return insert_layer_fix(
        "Insert an Embedding before it, which maps each id to a vector.",
        "Embedding",
        port,
        **EMBEDDING_PARAMS,
    )


def channel_axis_fix(x: TensorSpec, port: str = "x") -> Fix:
    """Return the fix that inserts a Reshape at `port` to add a channel axis to fixed-size `x`."""
    shape = [*x.shape, 1]
    text = f"Insert a Reshape to {shape} before it, which adds a channel axis."
    return insert_layer_fix(text, "Reshape", port, target_shape=shape)


def sequence_fix(x: TensorSpec, port: str = "x") -> Fix:
    """Return a fix that turns the tensor `x` at an input port into a sequence of vectors.

    The fix inserts an Embedding if `x` is a vector of ids, or a Reshape if `x` is another vector
    of fixed size. Otherwise, the fix is text without an edit.
    """
    if x.rank == 1 and x.dtype == "int32":
        return embedding_fix(port)
    if x.rank == 1 and not x.dynamic_axes:
        return channel_axis_fix(x, port)
    return Fix("Connect a sequence of vectors, or insert a Reshape before it.")
