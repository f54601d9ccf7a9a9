"""What a node shows, as plain values: worked out of document and report, painted by the items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Badge = Literal["", "error", "warning"]


@dataclass(frozen=True)
class Slot:
    """A place on a node where wires begin or end.

    Args:
        port: the port's name ("x", "xs"), or for an output its name ("" for the only one).
        place: which wire of a port that takes many, None for a port that takes one.
        label: what stands beside it.
        optional: may stay unwired.
        spare: the empty place that a growing port offers for one more wire.
    """

    port: str
    place: int | None = None
    label: str = ""
    optional: bool = False
    spare: bool = False


@dataclass(frozen=True)
class Face:
    """Everything that is painted of one node.

    Args:
        name: the node.
        kind, family: of its layer; an unknown kind has the family "".
        caption: one line of parameters, such as "64 filters · 3 wide · relu".
        inputs, outputs: its places for wires, from top to bottom.
        chips: by output, the shape that leaves it, "" where it is not known.
        badge: the worst finding at this node.
        tooltip: all that is worth saying on hover, plain text.
        off: bypassed.
        shares: the node whose weights it uses, "" if its own.
        collapsed: drawn as its header only.
        running: on an Output in a live run, its last loss, such as "0.412".
    """

    name: str
    kind: str
    family: str
    caption: str = ""
    inputs: Sequence[Slot] = ()
    outputs: Sequence[Slot] = ()
    chips: Sequence[str] = ()
    badge: Badge = ""
    tooltip: str = ""
    off: bool = False
    shares: str = ""
    collapsed: bool = False
    running: str = ""
