"""The canvas for screen readers. Nothing is created or reported before one asks."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from app.canvas.accessibility.item_interfaces import (
    FrameInterface,
    ItemInterface,
    ItemKey,
    NodeInterface,
    PortInterface,
    WireInterface,
)
from app.canvas.context import CanvasContext
from app.canvas.items.wire_id import WireId
from app.canvas.view.viewer import CanvasViewer


class CanvasInterface(QAccessibleWidget):
    """The view of a canvas, whose children are its nodes, wires and frames."""

    def __init__(self, scene: CanvasAccessibility) -> None:
        viewer = scene.context.viewer
        super().__init__(viewer, QAccessible.Role.Canvas, viewer.accessibleName())
        self._scene = scene

    def childCount(self) -> int:
        return len(self._scene.keys())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        keys = self._scene.keys()
        return self._scene.interface(keys[index]) if 0 <= index < len(keys) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return self._scene.index(child.key) if isinstance(child, ItemInterface) else -1

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        context = self._scene.context
        position = context.viewer.viewport().mapFromGlobal(QPoint(x, y))
        node, wire, frame = (
            context.node_at(position), context.wire_at(position), context.frame_at(position)
        )  # fmt: skip
        if node is not None:
            return self._scene.interface(str(node.id))
        if wire is not None:
            return self._scene.interface(wire.wire_id)
        return self._scene.interface(frame[0]) if frame is not None else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        selection = self._scene.context.session.selection
        has_focus = self._scene.context.viewer.hasFocus()
        return self._scene.interface(selection[-1]) if selection and has_focus else None


class CanvasAccessibility(QObject):
    """Creates the interfaces of one canvas when they are asked for, and reports its changes."""

    def __init__(self, context: CanvasContext) -> None:
        super().__init__(context.viewer)
        self.context = context
        self._root: CanvasInterface | None = None
        self._interfaces: dict[ItemKey, ItemInterface] = {}
        self._keys: list[ItemKey] = []
        self._indices: dict[ItemKey, int] | None = None  # None if the keys are outdated
        context.scene_sync.synced.connect(self._on_synced)
        context.session.selection_changed.connect(self._on_selection_changed)
        context.viewer.focus_received.connect(self._report_focus)
        context.viewer.destroyed.connect(self._clear)
        _install_factory()

    @property
    def count(self) -> int:
        """The number of interfaces of items that were created."""
        return len(self._interfaces)

    def root(self) -> CanvasInterface:
        """Return the interface of the canvas."""
        if self._root is None:
            self._root = CanvasInterface(self)
        return self._root

    def keys(self) -> list[ItemKey]:
        """Return the keys of the items on the canvas."""
        if self._indices is None:
            scene = self.context.scene_sync
            self._keys = [*scene.nodes, *scene.wires, *range(len(scene.frames))]
            self._indices = {key: index for index, key in enumerate(self._keys)}
        return self._keys

    def index(self, key: ItemKey) -> int:
        """Return the index of an item on the canvas, -1 if it is not there."""
        self.keys()
        return self._indices.get(key, -1) if self._indices is not None else -1

    def interface(self, key: ItemKey) -> ItemInterface:
        """Return the interface of an item."""
        if key not in self._interfaces:
            interface = self._interfaces[key] = _interface_class(key)(self, key)
            QAccessible.registerAccessibleInterface(interface)
        return self._interfaces[key]

    def _on_synced(self) -> None:
        self._indices = None
        for key in [key for key, found in self._interfaces.items() if not found.isValid()]:
            self._delete(key)

    def _on_selection_changed(self) -> None:
        if QAccessible.isActive():
            event = QAccessible.Event.SelectionWithin
            QAccessible.updateAccessibility(QAccessibleEvent(self.root(), event))
            self._report_focus()

    def _report_focus(self) -> None:
        """Report the node that the arrow keys start from as focused."""
        selection = self.context.session.selection
        if QAccessible.isActive() and self.context.viewer.hasFocus() and selection:
            interface = self.interface(selection[-1])
            QAccessible.updateAccessibility(QAccessibleEvent(interface, QAccessible.Event.Focus))

    def _clear(self) -> None:
        for key in list(self._interfaces):
            self._delete(key)

    def _delete(self, key: ItemKey) -> None:
        """Delete an interface. Qt owns it, but knows no QObject that is deleted with it."""
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(self._interfaces.pop(key)))


def _interface_class(key: ItemKey) -> type[ItemInterface]:
    if isinstance(key, str):
        return NodeInterface
    if isinstance(key, WireId):
        return WireInterface
    return FrameInterface if isinstance(key, int) else PortInterface


@cache
def _install_factory() -> None:
    """Register the factory of the interfaces of canvases; once in a process."""
    QAccessible.installFactory(_create_interface)


def _create_interface(class_name: str, target: QObject | None) -> QAccessibleInterface | None:
    if not isinstance(target, CanvasViewer):
        return None
    scene = target.findChild(CanvasAccessibility)
    return scene.root() if isinstance(scene, CanvasAccessibility) else None
