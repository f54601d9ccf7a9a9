"""What a screen reader reads of nodes, ports, wires, frames and notes."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible, QAccessibleInterface

from app.canvas.accessibility.item_interface import FrameKey, ItemInterface, ItemKey, PortKey
from app.canvas.drawing.nodegraphqt import IN
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.note_item import NoteItem
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_id import WireId
from app.canvas.items.wire_item import WireItem
from engine.core.formatting.counts import count_noun
from engine.graph.view import frames


class NodeInterface(ItemInterface):
    """A node; its children are its ports."""

    ROLE = QAccessible.Role.ListItem
    key: str

    @property
    def item(self) -> NodeItem | None:
        return self.scene.context.scene_sync.nodes.get(self.key)

    def name(self) -> str:
        """Return type, name, outputs and problems, such as "Dense 'a', output (batch, 4)"."""
        model = self.scene.context.scene_sync.nodes[self.key].view_model
        parts = [f"{model.kind} '{model.name}'"]
        for slot, shape in zip(model.outputs, model.output_shapes, strict=False):
            parts += [f"output {slot.port} {shape}".replace("  ", " ")] if shape else []
        diagnostics = self.scene.context.session.diagnostics_of(self.key)
        severities = [found.severity for found in diagnostics]
        counts = [(severities.count(one), one) for one in ("error", "warning")]
        parts += [count_noun(count, severity) for count, severity in counts if count]
        return ", ".join(parts + ["bypassed"] * model.off)

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Description and self.item is not None:
            return self.item.view_model.tooltip
        return super().text(kind)

    def scene_rect(self) -> QRectF:
        return self.scene.context.scene_sync.nodes[self.key].scene_rect

    def select(self) -> None:
        self.scene.context.session.reveal([self.key])

    def child_keys(self) -> list[ItemKey]:
        ports = (*self.item.inputs, *self.item.outputs) if self.item is not None else ()
        return [(self.key, *port.key) for port in ports]


class PortInterface(ItemInterface):
    """A port of a node, with its shape and what it is connected to."""

    key: PortKey

    @property
    def item(self) -> PortItem | None:
        node, side, port, index = self.key
        item = self.scene.context.scene_sync.nodes.get(node)
        return item.port_at(port, index, side) if item is not None else None

    def name(self) -> str:
        item = self.item
        assert item is not None
        is_input, label = item.side == IN, item.slot.label or item.slot.port
        words = ("input" if is_input else "output", "" if label in ("in", "out") else label)
        title = " ".join(word for word in (*words, item.shape_text) if word)
        wires = [wire for wire in item.wires if isinstance(wire, WireItem)]
        if is_input:
            ends = [f"from '{wire.source_port.reference}'" for wire in wires]
        else:
            ends = [f"to '{wire.target_port.node.id}'" for wire in wires]
        return ", ".join([title, *(ends or ["not connected"])])

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.scene.interface(self.key[0]) if self.isValid() else None

    def select(self) -> None:
        self.scene.context.session.reveal([self.key[0]])


class WireInterface(ItemInterface):
    """A wire from an output port to an input port."""

    key: WireId

    @property
    def item(self) -> WireItem | None:
        return self.scene.context.scene_sync.wires.get(self.key)

    def name(self) -> str:
        item = self.scene.context.scene_sync.wires[self.key]
        ends = f"wire from '{item.source_port.reference}' to '{self.key.node}'"
        return f"{ends}, {item.label}" if item.label else ends

    def select(self) -> None:
        self.scene.context.session.select(())
        self.scene.context.select_wires({self.key})


class FrameInterface(ItemInterface):
    """A frame around nodes."""

    ROLE = QAccessible.Role.Grouping
    key: FrameKey

    @property
    def item(self) -> FrameItem | None:
        items = self.scene.context.scene_sync.frames
        return items[self.key.index] if self.key.index < len(items) else None

    def name(self) -> str:
        item = self.scene.context.scene_sync.frames[self.key.index]
        parts = [f"frame '{item.title}'", count_noun(item.node_count, "node")]
        return ", ".join(parts + ["collapsed"] * item.collapsed)

    def select(self) -> None:
        session = self.scene.context.session
        session.reveal(frames(session.project)[self.key.index].nodes)


class NoteInterface(ItemInterface):
    """A note."""

    ROLE = QAccessible.Role.Note
    key: int

    @property
    def item(self) -> NoteItem | None:
        return self.scene.context.scene_sync.notes.get(self.key)

    def name(self) -> str:
        """Return the text, and the nodes that the note is about."""
        note = self.scene.context.scene_sync.notes[self.key].note
        about = f", about {', '.join(note.nodes)}" if note.nodes else ""
        return f"note '{note.text}'{about}"

    def scene_rect(self) -> QRectF:
        return self.scene.context.scene_sync.notes[self.key].scene_rect

    def select(self) -> None:
        self.scene.context.session.reveal([self.key])
