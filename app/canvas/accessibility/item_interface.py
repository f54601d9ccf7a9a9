"""The base of the interfaces through which a screen reader reads nodes, ports, wires, frames and
notes.

An interface keeps the key of its item, not the item, which may be removed at any time. A screen
reader may ask even while the canvas is deleted. No method may raise an exception then, since PySide
crashes if one of these does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, QWindow
from shiboken6 import VoidPtr

from app.canvas.context import CanvasContext
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_id import WireId

PortKey = tuple[str, str, str, int | None]  # node, side, port, index


@dataclass(frozen=True)
class FrameKey:
    """The key of a frame: its index on the canvas."""

    index: int


ItemKey = str | int | PortKey | WireId | FrameKey  # a node, a note by its index, ...


class AccessibleScene(Protocol):
    """The interface of the object that creates and keeps the interfaces."""

    context: CanvasContext

    @property
    def is_open(self) -> bool: ...
    def root(self) -> QAccessibleInterface | None: ...
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
        """Return the rectangle of an item that exists."""
        return QRectF(self.item.sceneBoundingRect())

    def child_keys(self) -> list[ItemKey]:
        return []

    # The interface that Qt reads.

    def isValid(self) -> bool:
        return self.scene.is_open and self.item is not None

    def object(self) -> None:  # type: ignore[override]  # None is Qt's nullptr
        return None

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.scene.root()

    def window(self) -> QWindow | None:  # type: ignore[override]
        parent = self.parent()
        return parent.window() if parent is not None else None

    def childCount(self) -> int:
        return len(self.child_keys()) if self.isValid() else 0

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        is_child = 0 <= index < self.childCount()
        return self.scene.interface(self.child_keys()[index]) if is_child else None

    def childAt(self, x: int, y: int) -> None:  # type: ignore[override]
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        keys = [child.key] if isinstance(child, ItemInterface) else []
        return next((at for at, key in enumerate(self.child_keys()) if key in keys), -1)

    def role(self) -> QAccessible.Role:
        return self.ROLE

    def rect(self) -> QRect:
        if not self.isValid():
            return QRect()
        viewer = self.scene.context.viewer
        rect = viewer.mapFromScene(self.scene_rect()).boundingRect()
        return QRect(viewer.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.invalid = not self.isValid()
        state.invisible = state.invalid or not self.item.isVisible()
        state.selectable = state.focusable = not isinstance(self.item, PortItem)
        state.selected = self.isValid() and self.item.isSelected()
        context = self.scene.context
        is_current = self.isValid() and context.session.selected_items[-1:] == (self.key,)
        state.focused = is_current and context.viewer.hasFocus()
        return state

    def text(self, kind: QAccessible.Text) -> str:
        return self.name() if kind == QAccessible.Text.Name and self.isValid() else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Do nothing: nodes are renamed in the inspector."""

    def interface_cast(self, kind: QAccessible.InterfaceType) -> int:
        # A null pointer stands for "none": PySide takes None for the address of an object.
        has_action = kind == QAccessible.InterfaceType.ActionInterface
        return self._action if has_action else VoidPtr(0)  # type: ignore[return-value]
