"""The input port of a wire, which identifies the wire in the graph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputPort:
    """The input port of a wire: node, port name, and the wire index at a port for several wires."""

    node: str
    port: str
    index: int | None = None
