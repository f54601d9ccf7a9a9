"""Decides which gesture a press begins, and hands it the pointer until it ends."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from app.canvas.gestures.connect import Wiring
from app.canvas.gestures.context import Stage, Wanted, snapped
from app.canvas.gestures.gesture import Gesture, Modifiers
from app.canvas.gestures.move import Bending, Folding, Moving, Panning, bend, leg_at
from app.canvas.gestures.select import Cutting, Marquee
from app.canvas.items.node_item import NodeItem
from app.canvas.items.wire_item import WireItem
from app.canvas.scene_sync import End
from engine.graph.view import frames

_LEFT, _MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
_ALT = Qt.KeyboardModifier.AltModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class Gestures(QObject):
    """At most one gesture at a time.

    Args:
        stage: the canvas.
        ask: opens the add menu for a node that shall be wired as wanted.

    Signals:
        rename_wanted: a node was double-clicked.
        frame_rename_wanted: a frame's title was double-clicked.
        add_tapped: Space was tapped, for the add menu at the pointer.
        dragging_changed: something began or ceased to be dragged over the canvas.
    """

    rename_wanted = Signal(str)
    frame_rename_wanted = Signal(int)
    add_tapped = Signal()
    dragging_changed = Signal()

    def __init__(self, stage: Stage, ask: Callable[[Wanted, QPoint], None]) -> None:
        super().__init__()
        self._stage = stage
        self._ask = ask
        self._gesture: Gesture | None = None
        self._button = _LEFT
        self._before: tuple[tuple[str, ...], set[End]] = ((), set())
        self._space = self._panned = False
        self.pointer = QPoint()

    @property
    def active(self) -> bool:
        """Whether a gesture is going on."""
        return self._gesture is not None

    @property
    def dragging(self) -> bool:
        """Whether something is dragged over the canvas, other than the view itself."""
        return self._gesture is not None and not isinstance(self._gesture, Panning)

    # The pointer.

    def press(self, event: QMouseEvent) -> None:
        """Begin the gesture that a press at this place means."""
        at, modifiers = event.position().toPoint(), event.modifiers() & ~_KEYPAD
        if self._gesture is not None:
            self.cancel()
            return
        self._button = event.button()
        self._before = self._stage.session.selection, set(self._stage.wires)
        if event.button() == _MIDDLE or (event.button() == _LEFT and self._space):
            self._gesture = Panning(self._stage, at)
            self._panned = self._space
            self._stage.viewer.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == _LEFT:
            self._gesture = self._begun(at, modifiers)
        self.pointer = at
        self.dragging_changed.emit()

    def _begun(self, at: QPoint, modifiers: Modifiers) -> Gesture:
        stage = self._stage
        if modifiers & _ALT:
            return Cutting(stage, at) if modifiers & _SHIFT else Panning(stage, at)
        place = stage.place_at(at)
        if place is not None and not modifiers:
            return Wiring(stage, place, at, self._ask)
        node = stage.node_at(at)
        if node is not None:
            return self._on_node(node, at, modifiers)
        dot = stage.dot_at(at)
        wire = dot[0] if dot else stage.wire_at(at)
        if wire is not None:
            return Bending(stage, at, wire, dot[1] if dot else None)
        frame = stage.frame_at(at)
        if frame is None:
            return Marquee(stage, at)
        number, item = frame
        if item.chevron.contains(item.mapFromScene(stage.scene_at(at))):
            return Folding(stage, at, number)
        return self._on_frame(number, at, modifiers)

    def _on_node(self, node: NodeItem, at: QPoint, modifiers: Modifiers) -> Gesture:
        session, name = self._stage.session, str(node.id)
        selected = set(session.selection)
        if modifiers & (_SHIFT | _CTRL):
            session.select(selected ^ {name})
        elif name not in selected:
            session.select([name])
        self._stage.select_wires(set())
        names = session.selection if name in session.selection else (name,)
        return Moving(self._stage, at, names, name)

    def _on_frame(self, number: int, at: QPoint, modifiers: Modifiers) -> Gesture:
        session = self._stage.session
        members = frames(session.project)[number].nodes
        kept = session.selection if modifiers & (_SHIFT | _CTRL) else ()
        session.select((*kept, *members))
        return Moving(self._stage, at, session.selection, None)

    def move(self, event: QMouseEvent) -> bool:
        """Go on with the gesture; answer whether there is one."""
        self.pointer = event.position().toPoint()
        if self._gesture is not None and not event.buttons():
            self.cancel()  # its release went elsewhere
        if self._gesture is None:
            return False
        self._gesture.move(self.pointer, event.modifiers() & ~_KEYPAD)
        return True

    def release(self, event: QMouseEvent) -> None:
        """End the gesture, if this is the button that began it."""
        if self._gesture is not None and event.button() != self._button:
            return
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release(event.position().toPoint(), event.modifiers() & ~_KEYPAD)
            self.dragging_changed.emit()
        self._show_cursor()

    def double_click(self, event: QMouseEvent) -> None:
        """Rename a node or a frame, bend or straighten a wire, or add a node."""
        if event.button() != _LEFT:
            return
        stage, at = self._stage, event.position().toPoint()
        node, dot, frame = stage.node_at(at), stage.dot_at(at), stage.frame_at(at)
        wire = dot[0] if dot else stage.wire_at(at)
        if node is not None:
            self.rename_wanted.emit(str(node.id))
        elif wire is not None:
            self._bend_or_straighten(wire, dot[1] if dot else None, at)
        elif frame is None:
            self._ask(Wanted(stage.scene_at(at)), at)
        elif not frame[1].chevron.contains(frame[1].mapFromScene(stage.scene_at(at))):
            self.frame_rename_wanted.emit(frame[0])

    def _bend_or_straighten(self, wire: WireItem, number: int | None, at: QPoint) -> None:
        stage, points = self._stage, list(wire.points)
        if number is not None:
            del points[number]
        else:
            here = stage.scene_at(at)
            points.insert(leg_at(wire, here), snapped(here))
        label = "Bend wire" if number is None else "Straighten wire"
        bend(stage, stage.picture.end_of(wire), wire, points, label)

    # Keys.

    def key_press(self, event: QKeyEvent) -> bool:
        """Take Escape while a gesture goes on, and Space; answer whether it was taken."""
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self.cancel()
            return True
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            if not event.isAutoRepeat():
                self._space = True
                self._show_cursor()
            return True
        return False

    def key_release(self, event: QKeyEvent) -> bool:
        """Tell a tap of Space, which adds a node, from Space held for panning."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            return False
        tapped, self._space = self._space and not self._panned, False
        self._panned = False
        self._show_cursor()
        if tapped and self._gesture is None:
            self.add_tapped.emit()
        return True

    def let_go(self) -> None:
        """Cancel a gesture and forget held keys, since their release would go elsewhere."""
        self._space = self._panned = False
        self.cancel()

    def cancel(self) -> None:
        """Leave everything as it was before the press."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
            nodes, wires = self._before
            self._stage.session.select(nodes)
            self._stage.select_wires(wires & set(self._stage.picture.wires))
            self.dragging_changed.emit()
        self._show_cursor()

    def _show_cursor(self) -> None:
        viewport = self._stage.viewer.viewport()
        if self._space:
            viewport.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            viewport.unsetCursor()
