"""The canvas for screen readers. Nothing is created or reported before one asks."""

from __future__ import annotations

from functools import cache, partial

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget
from shiboken6 import isValid

from app.canvas.accessibility.item_interface import FrameKey, ItemInterface, ItemKey
from app.canvas.accessibility.item_interfaces import (
    FrameInterface,
    NodeInterface,
    NoteInterface,
    PortInterface,
    WireInterface,
)
from app.canvas.context import CanvasContext
from app.canvas.items.wire_id import WireId
from app.canvas.view.viewer import CanvasViewer


class CanvasInterface(QAccessibleWidget):
    """The view of a canvas, whose children are its nodes, wires, notes and frames.

    Qt may ask for it before the canvas is complete; it has no children then.
    """

    def __init__(self, viewer: CanvasViewer) -> None:
        super().__init__(viewer, QAccessible.Role.Canvas)
        self._viewer = viewer
        self._found_scene: CanvasAccessibility | None = None

    @property
    def _scene(self) -> CanvasAccessibility | None:
        if not _exists(self._viewer):
            return None
        if self._found_scene is None:
            self._found_scene = self._viewer.findChild(CanvasAccessibility)
        return self._found_scene

    def childCount(self) -> int:
        return len(self._scene.keys()) if self._scene is not None else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        if self._scene is None or not 0 <= index < self.childCount():
            return None
        return self._scene.interface(self._scene.keys()[index])

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if self._scene is None or not isinstance(child, ItemInterface):
            return -1
        return self._scene.index(child.key)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        if self._scene is None:
            return None
        context = self._scene.context
        position = self._viewer.viewport().mapFromGlobal(QPoint(x, y))
        if (node := context.node_at(position)) is not None:
            return self._scene.interface(str(node.id))
        if (wire := context.wire_at(position)) is not None:
            return self._scene.interface(wire.wire_id)
        if (note := context.note_at(position)) is not None:
            return self._scene.interface(note[0])
        frame = context.frame_at(position)
        return self._scene.interface(FrameKey(frame[0])) if frame is not None else None

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self._scene.focused_interface() if self._scene is not None else None


class CanvasAccessibility(QObject):
    """Creates the interfaces of one canvas when they are asked for, and reports its changes."""

    def __init__(self, context: CanvasContext) -> None:
        super().__init__(context.viewer)
        self.context = context
        self._interfaces: dict[ItemKey, ItemInterface] = {}
        self._keys: list[ItemKey] = []
        self._indices: dict[ItemKey, int] | None = None  # None if the keys are outdated
        context.scene_sync.synced.connect(self._on_synced)
        context.session.selection_changed.connect(self._on_selection_changed)
        context.viewer.focus_received.connect(self._report_focus)
        # Not a method, since this object may be deleted when the view is.
        context.viewer.destroyed.connect(partial(_delete_all, self._interfaces))

    @property
    def count(self) -> int:
        """The number of interfaces of items that were created."""
        return len(self._interfaces)

    @property
    def is_open(self) -> bool:
        """Whether the view exists, and is not being deleted."""
        return _exists(self.context.viewer)

    def root(self) -> QAccessibleInterface | None:
        """Return the interface of the canvas, None if it is being deleted."""
        viewer = self.context.viewer
        return QAccessible.queryAccessibleInterface(viewer) if self.is_open else None

    def focused_interface(self) -> ItemInterface | None:
        """Return the interface of the item that is selected last, if the canvas has the focus."""
        selected = self.context.session.selected_items
        has_focus = self.context.viewer.hasFocus()
        return self.interface(selected[-1]) if selected and has_focus else None

    def keys(self) -> list[ItemKey]:
        """Return the keys of the items on the canvas."""
        if self._indices is None:
            scene = self.context.scene_sync
            self._keys = [*scene.nodes, *scene.wires, *scene.notes]
            self._keys += map(FrameKey, range(len(scene.frames)))
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
            _delete(self._interfaces.pop(key))

    def _on_selection_changed(self) -> None:
        if QAccessible.isActive():
            event = QAccessible.Event.SelectionWithin
            QAccessible.updateAccessibility(QAccessibleEvent(self.context.viewer, event))
            self._report_focus()

    def _report_focus(self) -> None:
        focused = self.focused_interface() if QAccessible.isActive() else None
        if focused is not None:
            QAccessible.updateAccessibility(QAccessibleEvent(focused, QAccessible.Event.Focus))


def _delete_all(interfaces: dict[ItemKey, ItemInterface]) -> None:
    while interfaces:
        _delete(interfaces.popitem()[1])


def _delete(interface: ItemInterface) -> None:
    """Delete an interface. Qt owns it, but knows no QObject that is deleted with it."""
    QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(interface))


def _exists(viewer: CanvasViewer) -> bool:
    """Return whether a view exists, and is not being deleted."""
    return bool(isValid(viewer))  # type: ignore[no-untyped-call]


def _interface_class(key: ItemKey) -> type[ItemInterface]:
    if isinstance(key, FrameKey):
        return FrameInterface
    classes = {str: NodeInterface, int: NoteInterface, WireId: WireInterface}
    return classes.get(type(key), PortInterface)


@cache
def install_factory() -> None:
    """Register the factory of the interfaces of canvases; once, before the first is created."""
    QAccessible.installFactory(_create_interface)


def _create_interface(class_name: str, target: QObject | None) -> QAccessibleInterface | None:
    if not isinstance(target, CanvasViewer):
        return None
    target.accessible_interface = CanvasInterface(target)
    return target.accessible_interface
