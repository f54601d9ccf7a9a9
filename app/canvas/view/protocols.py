"""The interfaces of the objects that the view forwards events to and reads the graph from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.note_item import NoteItem
from app.canvas.items.wire_id import WireId
from app.canvas.items.wire_item import WireItem

Payload = TypeVar("Payload", contravariant=True)


class PointerHandler(Protocol):
    """A receiver of the pointer and key events of the view."""

    def press(self, event: QMouseEvent) -> None: ...
    def release(self, event: QMouseEvent) -> None: ...
    def double_click(self, event: QMouseEvent) -> None: ...
    def move(self, event: QMouseEvent) -> bool:
        """Handle a pointer move; return whether it belongs to a gesture."""

    def key_press(self, event: QKeyEvent) -> bool:
        """Handle a key press; return whether the key was used."""

    def key_release(self, event: QKeyEvent) -> bool:
        """Handle a key release; return whether the key was used."""

    def reset(self) -> None:
        """Cancel the gesture and treat held keys as released. Called at a loss of the focus."""


class DropHandler(Protocol[Payload]):
    """A receiver of objects that are dragged onto the view from another widget."""

    @property
    def is_active(self) -> bool: ...
    def drag(self, payload: Payload, /, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Preview a drop of the object `payload` at a viewport position."""

    def leave(self) -> None:
        """End the drag without a drop."""

    def drop(self, payload: Payload, /, position: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Apply a drop of the object `payload` at a viewport position."""


class SceneItems(Protocol):
    """The interface by which the view reads the graphics items of the graph."""

    @property
    def nodes(self) -> Mapping[str, NodeItem]: ...
    @property
    def wires(self) -> Mapping[WireId, WireItem]: ...
    @property
    def frames(self) -> Sequence[FrameItem]: ...
    @property
    def notes(self) -> Mapping[int, NoteItem]: ...
    def nodes_rect(self) -> QRectF: ...
