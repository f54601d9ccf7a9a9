"""The view model of a node: plain values computed from the document and its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Badge = Literal["", "error", "warning"]


@dataclass(frozen=True)
class PortSlot:
    """A connection point of a node: an output, or one wire position of an input port.

    Args:
        port: the name of the input port ("x", "xs") or of the output ("" for the main one).
        index: the wire index at a port for several wires, None at a port for one wire.
        label: the text beside it.
        optional: whether it may stay unconnected.
        spare: whether it is the last, empty slot of a port for several wires.
    """

    port: str
    index: int | None = None
    label: str = ""
    optional: bool = False
    spare: bool = False


@dataclass(frozen=True)
class NodeViewModel:
    """The view model of one node.

    Args:
        kind, family: its layer type and layer family ("" for an unknown type).
        caption: its main fields in one line, such as "64 filters · 3 wide · relu".
        inputs, outputs: its slots from top to bottom.
        output_shapes: the tensor shape per output, "" if unknown.
        badge: the highest severity of its diagnostics.
        tooltip: plain text.
        off: whether it is bypassed.
        shares: the node whose weights it uses, "" if it has its own.
        collapsed: whether only its header is drawn.
        running_loss: of an Output in a run in progress, the last loss, such as "0.412".
    """

    name: str
    kind: str
    family: str
    caption: str = ""
    inputs: Sequence[PortSlot] = ()
    outputs: Sequence[PortSlot] = ()
    output_shapes: Sequence[str] = ()
    badge: Badge = ""
    tooltip: str = ""
    off: bool = False
    shares: str = ""
    collapsed: bool = False
    running_loss: str = ""
