"""What a screen reader reads of nodes, ports, wires and frames.

An interface keeps the key of its item, not the item, which may be removed at any time.
"""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QWindow
from shiboken6 import VoidPtr

from app.canvas.context import CanvasContext
from app.canvas.drawing.nodegraphqt import IN
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_id import WireId
from app.canvas.items.wire_item import WireItem
from engine.core.formatting.counts import count_noun
from engine.graph.view import frames

PortKey = tuple[str, str, str, int | None]  # node, side, port, index
ItemKey = str | PortKey | WireId | int  # a node, a port, a wire, a frame by its index


class AccessibleScene(Protocol):
    """The interface of the object that creates and keeps the interfaces."""

    context: CanvasContext

    def root(self) -> QAccessibleInterface: ...
    def interface(self, key: ItemKey) -> QAccessibleInterface: ...


class SelectAction(QAccessibleActionInterface):
    """The action that selects an item and moves the keyboard focus to the canvas."""

    def __init__(self, owner: ItemInterface) -> None:
        super().__init__()
        self._owner = owner

    def actionNames(self) -> list[str]:
        return [self.setFocusAction()]

    def doAction(self, name: str) -> None:
        if name == self.setFocusAction() and self._owner.isValid():
            self._owner.select()
            self._owner.scene.context.session.canvas_focus_requested.emit()

    def keyBindingsForAction(self, name: str) -> list[str]:
        return []


class ItemInterface(QAccessibleInterface):
    """Base of the interfaces of graphics items. A subclass has a role, a name and an item."""

    ROLE = QAccessible.Role.Graphic

    def __init__(self, scene: AccessibleScene, key: ItemKey) -> None:
        super().__init__()
        self.scene, self.key = scene, key
        self._action = SelectAction(self)

    @property
    def item(self) -> Any:
        """The graphics item, None if it was removed."""
        raise NotImplementedError

    def name(self) -> str:
        """Return the name of an item that exists."""
        raise NotImplementedError

    def select(self) -> None:
        """Select the item, and scroll to it."""
        raise NotImplementedError

    def scene_rect(self) -> QRectF:
        return QRectF(self.item.sceneBoundingRect()) if self.isValid() else QRectF()

    def child_keys(self) -> list[ItemKey]:
        return []

    # The interface that Qt reads.

    def isValid(self) -> bool:
        return self.item is not None

    def object(self) -> None:  # type: ignore[override]  # None is Qt's nullptr
        return None

    def parent(self) -> QAccessibleInterface:
        return self.scene.root()

    def window(self) -> QWindow:
        return self.parent().window()

    def childCount(self) -> int:
        return len(self.child_keys())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        keys = self.child_keys()
        return self.scene.interface(keys[index]) if 0 <= index < len(keys) else None

    def childAt(self, x: int, y: int) -> None:  # type: ignore[override]
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        keys = [child.key] if isinstance(child, ItemInterface) else []
        return next((at for at, key in enumerate(self.child_keys()) if key in keys), -1)

    def role(self) -> QAccessible.Role:
        return self.ROLE

    def rect(self) -> QRect:
        viewer = self.scene.context.viewer
        rect = viewer.mapFromScene(self.scene_rect()).boundingRect()
        return QRect(viewer.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.invalid = not self.isValid()
        state.invisible = state.invalid or not self.item.isVisible()
        state.selectable = state.focusable = not isinstance(self.item, PortItem)
        state.selected = self.isValid() and self.item.isSelected()
        return state

    def text(self, kind: QAccessible.Text) -> str:
        return self.name() if kind == QAccessible.Text.Name and self.isValid() else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Do nothing: nodes are renamed in the inspector."""

    def interface_cast(self, kind: QAccessible.InterfaceType) -> int:
        # A null pointer stands for "none": PySide takes None for the address of an object.
        has_action = kind == QAccessible.InterfaceType.ActionInterface
        return self._action if has_action else VoidPtr(0)  # type: ignore[return-value]


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

    def state(self) -> QAccessible.State:
        state, selection = super().state(), self.scene.context.session.selection
        state.focused = self.scene.context.viewer.hasFocus() and selection[-1:] == (self.key,)
        return state

    def scene_rect(self) -> QRectF:
        return self.item.scene_rect if self.item is not None else QRectF()

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

    def parent(self) -> QAccessibleInterface:
        return self.scene.interface(self.key[0])

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
    key: int

    @property
    def item(self) -> FrameItem | None:
        items = self.scene.context.scene_sync.frames
        return items[self.key] if self.key < len(items) else None

    def name(self) -> str:
        item = self.scene.context.scene_sync.frames[self.key]
        parts = [f"frame '{item.title}'", count_noun(item.node_count, "node")]
        return ", ".join(parts + ["collapsed"] * item.collapsed)

    def select(self) -> None:
        session = self.scene.context.session
        session.reveal(frames(session.project)[self.key].nodes)
