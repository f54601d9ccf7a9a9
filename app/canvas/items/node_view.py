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
        label: the text beside the slot.
        optional: whether the slot may stay unconnected.
        is_placeholder: whether this is the last, empty slot of a port for several wires.
    """

    port: str
    index: int | None = None
    label: str = ""
    optional: bool = False
    is_placeholder: bool = False


@dataclass(frozen=True)
class NodeViewModel:
    """The view model of one node.

    Args:
        kind, family: the layer type and the layer family ("" for an unknown type).
        caption: the main fields in one line, such as "64 filters · 3 wide · relu".
        inputs, outputs: the slots from top to bottom.
        output_shapes: the tensor shape of each output, "" if unknown.
        badge: the highest severity of the diagnostics of the node, "" without errors and warnings.
        tooltip: the text of the tool tip, as plain text.
        off: whether the node is bypassed.
        shares: the node whose weights this node uses, "" if it has weights of its own.
        collapsed: whether only the header is drawn.
        live_loss: the last loss of an Output in a run in progress, such as "0.412", else "".
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
    live_loss: str = ""
