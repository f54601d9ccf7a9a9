"""The gesture dispatcher: selects the gesture for a press and forwards pointer events to it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from app.canvas.context import CanvasContext
from app.canvas.gestures.bend import BendGesture, toggle_bend
from app.canvas.gestures.collapse import CollapseGesture
from app.canvas.gestures.connect import ConnectGesture
from app.canvas.gestures.cut import CutGesture
from app.canvas.gestures.gesture import Gesture, Modifiers
from app.canvas.gestures.move import MoveGesture
from app.canvas.gestures.pan import PanGesture
from app.canvas.gestures.resize import ResizeGesture
from app.canvas.gestures.select import SelectGesture
from app.canvas.items.wire_id import WireId
from app.canvas.pending_node import PendingNode
from app.documents.session import ItemKey
from engine.graph.notes import notes
from engine.graph.view import frames

# The longest tap of Space, and the longest time from a release to the press of a repeated key.
_TAP_SECONDS, _REPEAT_SECONDS = 0.35, 0.01
_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
_ALT = Qt.KeyboardModifier.AltModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class GestureDispatcher(QObject):
    """The owner of the active gesture of a canvas; at most one gesture is active at a time.

    Args:
        request_add_menu: opens the add menu for a `PendingNode`, at a viewport position.

    Signals:
        rename_requested: a node was double-clicked.
        frame_rename_requested: a frame's title was double-clicked.
        note_edit_requested: a note was double-clicked.
        add_requested: Space was tapped, which opens the add menu at the pointer.
        dragging_changed: a drag on the canvas has started or ended.
    """

    rename_requested = Signal(str)
    frame_rename_requested = Signal(int)
    note_edit_requested = Signal(int)
    add_requested = Signal()
    dragging_changed = Signal()

    def __init__(
        self, context: CanvasContext, request_add_menu: Callable[[PendingNode, QPoint], None]
    ) -> None:
        super().__init__()
        self._context = context
        self._request_add_menu = request_add_menu
        self._gesture: Gesture | None = None
        self._button = _LEFT
        self._selection_before: tuple[tuple[ItemKey, ...], set[WireId]] = ((), set())
        self._is_space_pressed = self._has_panned = False
        self._pressed_at = self._released_at = 0.0  # of Space

    @property
    def is_active(self) -> bool:
        return self._gesture is not None

    @property
    def is_dragging(self) -> bool:
        """Whether a gesture other than panning is active."""
        return self._gesture is not None and not isinstance(self._gesture, PanGesture)

    # The pointer.

    def press(self, event: QMouseEvent) -> None:
        position, modifiers = event.position().toPoint(), event.modifiers() & ~_KEYPAD
        if self._gesture is not None:
            self.cancel()
            return
        self._button = event.button()
        context = self._context
        self._selection_before = context.session.selected_items, set(context.selected_wires)
        if event.button() == _MIDDLE or (event.button() == _LEFT and self._is_space_pressed):
            self._gesture = PanGesture(self._context, position)
            self._has_panned = self._is_space_pressed
            self._context.viewer.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == _LEFT:
            self._gesture = self._gesture_for(position, modifiers)
        self._context.pointer = position
        self.dragging_changed.emit()

    def _gesture_for(self, position: QPoint, modifiers: Modifiers) -> Gesture:
        context = self._context
        if modifiers & _ALT:
            gesture = CutGesture if modifiers & _SHIFT else PanGesture
            return gesture(context, position)
        port = context.port_at(position)
        if port is not None and not modifiers:
            return ConnectGesture(context, port, position, self._request_add_menu)
        node = context.node_at(position)
        if node is not None:
            return self._move_item_gesture(str(node.id), position, modifiers)
        note = context.note_at(position)
        if note is not None and not modifiers and note[1].is_at_edge(context.to_scene(position)):
            return ResizeGesture(context, position, note[0])
        if note is not None:
            return self._move_item_gesture(note[0], position, modifiers)
        wire_hit = context.bend_or_wire_at(position)
        if wire_hit is not None:
            return BendGesture(context, position, *wire_hit)
        frame = context.frame_at(position)
        if frame is None:
            return SelectGesture(context, position)
        index, item = frame
        if item.chevron.contains(item.mapFromScene(context.to_scene(position))):
            return CollapseGesture(context, position, index)
        return self._move_frame_gesture(index, position, modifiers)

    def _move_item_gesture(self, key: ItemKey, position: QPoint, modifiers: Modifiers) -> Gesture:
        session = self._context.session
        selected = set(session.selected_items)
        if modifiers & (_SHIFT | _CTRL):
            session.select(selected ^ {key})
        elif key not in selected:
            session.select([key])
        self._context.select_wires(set())
        keys = session.selected_items if key in session.selected_items else (key,)
        return MoveGesture(self._context, position, keys, key)

    def _move_frame_gesture(self, index: int, position: QPoint, modifiers: Modifiers) -> Gesture:
        session = self._context.session
        members = frames(session.project)[index].nodes
        previous = session.selected_items if modifiers & (_SHIFT | _CTRL) else ()
        about = [n.index for n in notes(session.project) if n.nodes and set(n.nodes) <= {*members}]
        session.select((*previous, *members, *about))
        return MoveGesture(self._context, position, session.selected_items, None)

    def move(self, event: QMouseEvent) -> bool:
        """Forward a pointer move to the active gesture; return whether a gesture is active."""
        self._context.pointer = event.position().toPoint()
        if self._gesture is not None and not event.buttons():
            self.cancel()  # the release event went to another widget
        if self._gesture is None:
            return False
        self._gesture.move(self._context.pointer, event.modifiers() & ~_KEYPAD)
        return True

    def release(self, event: QMouseEvent) -> None:
        """End the active gesture if its button was released."""
        if self._gesture is not None and event.button() != self._button:
            return
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release(event.position().toPoint(), event.modifiers() & ~_KEYPAD)
            self.dragging_changed.emit()
        self._show_cursor()

    def double_click(self, event: QMouseEvent) -> None:
        """Edit the name or text at the pointer, toggle a wire's bend, or open the add menu."""
        if event.button() != _LEFT:
            return
        context, position = self._context, event.position().toPoint()
        node, frame = context.node_at(position), context.frame_at(position)
        wire_hit, note = context.bend_or_wire_at(position), context.note_at(position)
        if node is not None:
            self.rename_requested.emit(str(node.id))
        elif note is not None:
            self.note_edit_requested.emit(note[0])
        elif wire_hit is not None:
            toggle_bend(context, position, *wire_hit)
        elif frame is None:
            self._request_add_menu(PendingNode(context.to_scene(position)), position)
        elif not frame[1].chevron.contains(frame[1].mapFromScene(context.to_scene(position))):
            self.frame_rename_requested.emit(frame[0])

    def select_menu_target(self, position: QPoint) -> str:
        """Select the item at a position unless it is selected; return its type, such as "node".

        Why: menu actions apply to the whole selection.
        """
        context, session = self._context, self._context.session
        node, wire = context.node_at(position), context.wire_at(position)
        frame, note = context.frame_at(position), context.note_at(position)
        self.cancel()
        self._context.pointer = position
        if node is not None or note is not None:
            key: ItemKey = str(node.id) if node is not None else note[0] if note else ""
            if key not in session.selected_items:
                session.select([key])
                context.select_wires(set())
            return "note" if node is None else "node"
        if wire is not None:
            if wire.wire_id not in context.selected_wires:
                session.select(())
                context.select_wires({wire.wire_id})
            return "wire"
        if frame is not None:
            session.select(frames(session.project)[frame[0]].nodes)
            context.select_wires(set())
            return "frame"
        return "canvas"

    # Keys.

    def key_press(self, event: QKeyEvent) -> bool:
        """Handle Escape during a gesture, and Space; return whether the key was handled."""
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self.cancel()
            return True
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self._press_space(time.monotonic())
            return True
        return False

    def _press_space(self, now: float) -> None:
        """Remember a press of Space.

        Some X servers report a held key as releases and presses that are not marked as repeats. A
        press at once after a release therefore continues the press before.
        """
        if now - self._released_at > _REPEAT_SECONDS:
            self._pressed_at, self._has_panned = now, False
        self._is_space_pressed = True
        self._show_cursor()

    def key_release(self, event: QKeyEvent) -> bool:
        """Handle the release of Space, and return whether the key was handled.

        If Space was only tapped, and the view was not panned, request the add menu.
        """
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            return False
        self._released_at = time.monotonic()
        is_short = self._released_at - self._pressed_at <= _TAP_SECONDS
        tapped = self._is_space_pressed and is_short and not self._has_panned
        self._is_space_pressed = False
        self._show_cursor()
        if tapped and self._gesture is None:
            self.add_requested.emit()
        return True

    def reset(self) -> None:
        """Cancel the gesture and treat Space as released, since the release event may get lost."""
        self._is_space_pressed = self._has_panned = False
        self.cancel()

    def cancel(self) -> None:
        """Cancel the active gesture and restore the selection from before the press."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
            keys, wires = self._selection_before
            self._context.session.select(keys)
            self._context.select_wires(wires & set(self._context.scene_sync.wires))
            self.dragging_changed.emit()
        self._show_cursor()

    def _show_cursor(self) -> None:
        viewport = self._context.viewer.viewport()
        if self._is_space_pressed:
            viewport.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            viewport.unsetCursor()
