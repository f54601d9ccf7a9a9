"""The identifier of a wire in the graph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WireId:
    """Identifies a wire, or the target of a new wire, by the input port at which the wire ends.

    `index` is the index of the wire at a port that accepts several wires, else None.
    """

    node: str
    port: str
    index: int | None = None
