"""A person who does anything at any time, by real mouse and key events, from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.canvas import Canvas
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import PortItem
from app.documents.session import Session
from app.shell.main_window import MainWindow
from engine.graph import node_names
from engine.graph.edits import field_edits, node_edits
from tests.app.pointer import ALT, CTRL, LEFT, MIDDLE, NONE, SHIFT, Pointer

KINDS = (
    "Input", "Dense", "Conv1D", "LSTM", "Embedding", "Concatenate", "Add", "Dropout", "Flatten",
    "Reshape", "BatchNormalization", "MaxPooling1D", "MultiHeadAttention", "Output", "Activation",
)  # fmt: skip
KEYS = Qt.Key
MOST_NODES = 26

# What may be pressed at any time, also while the mouse is down.
SHORTCUTS = {
    "undo": (KEYS.Key_Z, CTRL),
    "redo": (KEYS.Key_Z, CTRL | SHIFT),
    "select all": (KEYS.Key_A, CTRL),
    "invert": (KEYS.Key_I, CTRL),
    "delete": (KEYS.Key_Delete, NONE),
    "delete without bridging": (KEYS.Key_Delete, SHIFT),
    "cut": (KEYS.Key_X, CTRL),
    "copy": (KEYS.Key_C, CTRL),
    "paste": (KEYS.Key_V, CTRL),
    "paste with wires": (KEYS.Key_V, CTRL | SHIFT),
    "duplicate": (KEYS.Key_D, CTRL),
    "linked copy": (KEYS.Key_D, ALT),
    "connect": (KEYS.Key_L, NONE),
    "bypass": (KEYS.Key_M, NONE),
    "collapse": (KEYS.Key_H, NONE),
    "frame": (KEYS.Key_G, CTRL),
    "take out of frame": (KEYS.Key_G, CTRL | SHIFT),
    "collapse frame": (KEYS.Key_H, SHIFT),
    "tidy": (KEYS.Key_T, NONE),
    "tidy down": (KEYS.Key_T, SHIFT),
    "nudge right": (KEYS.Key_Right, ALT),
    "nudge up": (KEYS.Key_Up, ALT),
    "align left": (KEYS.Key_Left, CTRL | ALT),
    "align top": (KEYS.Key_Up, CTRL | ALT),
    "walk left": (KEYS.Key_Left, NONE),
    "walk right": (KEYS.Key_Right, NONE),
    "walk down": (KEYS.Key_Down, NONE),
    "fit": (KEYS.Key_Home, NONE),
    "fit selection": (KEYS.Key_F, NONE),
    "zoom in": (KEYS.Key_Plus, CTRL),
    "zoom out": (KEYS.Key_Minus, CTRL),
    "minimap": (KEYS.Key_M, CTRL),
    "next problem": (KEYS.Key_F8, NONE),
    "next panel": (KEYS.Key_F6, NONE),
    "escape": (KEYS.Key_Escape, NONE),
}
BY_MENU = (
    "theme-dark", "theme-light", "align-middle", "distribute-across", "straighten", "remove-frame",
    "next-problem", "undo", "redo",
)  # fmt: skip


class Walker:
    """Does one gesture after another; `log` tells which, so that a failure can be repeated."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.window = window
        self.log: list[str] = []
        self._chance = random.Random(seed)
        self._gestures: dict[Callable[[], None], int] = {
            self.drop_kind: 10, self.add_by_key: 5, self.add_by_double_click: 3,
            self.drag_wire: 30, self.drag_to_nothing: 8, self.pull_off: 8,
            self.move_node: 14, self.insert_on_wire: 6, self.move_frame: 5, self.fold_frame: 3,
            self.bend: 8, self.unbend: 4, self.cut_wires: 3, self.marquee: 6,
            self.click_node: 8, self.click_wire: 6, self.shortcut: 40, self.menu: 6,
            self.rename: 4, self.context_menu: 3, self.wheel: 4, self.pan: 3,
            self.switch_tabs: 3, self.other_press: 2, self.hover: 4, self.thin_out: 2,
            self.set_parameter: 6, self.set_kind: 3,
        }  # fmt: skip

    @property
    def canvas(self) -> Canvas:
        return self.window.tabs.canvas

    @property
    def session(self) -> Session:
        return self.window.workspace.session

    @property
    def pointer(self) -> Pointer:
        return Pointer(self.canvas)

    def step(self) -> None:
        """Do one gesture."""
        if not self.canvas.viewer.hasFocus() and self._chance.random() < 0.7:
            self.canvas.setFocus()
        gestures, weights = list(self._gestures), list(self._gestures.values())
        if len(self.session.graph) >= MOST_NODES:
            self.thin_out()
            return
        (gesture,) = self._chance.choices(gestures, weights)
        self.log.append(gesture.__name__)
        gesture()
        QApplication.processEvents()

    def note(self, *words: object) -> None:
        self.log[-1] += " " + " ".join(str(word) for word in words)

    # What is there.

    def _seen(self, at: QPoint) -> bool:
        return self.pointer.viewport.rect().contains(at)

    def _any_node(self) -> NodeItem | None:
        nodes = [node for node in self.canvas.scene_sync.nodes.values() if node.isVisible()]
        return self._chance.choice(nodes) if nodes else None

    def _any_place(self, side: str, wired: bool | None = None) -> PortItem | None:
        places = [
            place
            for node in self.canvas.scene_sync.nodes.values()
            if node.isVisible()
            for place in (node.inputs if side == "in" else node.outputs)
            if wired is None or place.is_wired == wired
        ]
        return self._chance.choice(places) if places else None

    def _any_wire(self) -> QPoint | None:
        wires = [(end, w) for end, w in self.canvas.scene_sync.wires.items() if w.isVisible()]
        if not wires:
            return None
        end, wire = self._chance.choice(wires)
        self.note("wire", end)
        return self.pointer.at(wire.path().pointAtPercent(self._chance.uniform(0.3, 0.7)))

    def _anywhere(self) -> QPoint:
        size = self.pointer.viewport.size()
        return QPoint(
            self._chance.randrange(5, size.width() - 5),
            self._chance.randrange(5, size.height() - 5),
        )

    def _near(self, at: QPoint, most: int = 140) -> QPoint:
        return at + QPoint(self._chance.randint(-most, most), self._chance.randint(-most, most))

    def _ready(self, *points: QPoint | None) -> bool:
        """Return whether these are there and in sight; if not, look at everything."""
        if any(point is None for point in points):
            return False
        if all(self._seen(point) for point in points if point is not None):
            return True
        self.note("out of sight")
        self.canvas.setFocus()
        self.pointer.key(KEYS.Key_Home)
        return False

    # Drags, and what may happen in the middle of them.

    def _drag(self, start: QPoint, stop: QPoint, button=LEFT, modifiers=NONE, drop=NONE) -> None:
        pointer, canvas = self.pointer, self.canvas
        self.note(start.toTuple(), "to", stop.toTuple())
        pointer.press(start, button, modifiers)
        middle = start + (stop - start) / 2
        pointer.move(start, middle, 2)
        if self._chance.random() < 0.12:
            self._interfere()
        if self.canvas is not canvas or not canvas.isVisible():
            return  # the press is no longer this canvas' own
        pointer.move(middle, stop, 3)
        pointer.release(stop, button, modifiers | drop)

    def _interfere(self) -> None:
        kind = self._chance.choice(("escape", "key", "focus", "undo", "tab", "theme", "wheel"))
        self.note("meanwhile", kind)
        if kind == "escape":
            self.pointer.key(KEYS.Key_Escape)
        elif kind == "key":
            name = self._chance.choice(list(SHORTCUTS))
            self.note(name)
            self.pointer.key(*SHORTCUTS[name])
        elif kind == "undo":
            self.pointer.key(*SHORTCUTS[self._chance.choice(("undo", "redo"))])
        elif kind == "focus":
            self.window.panels.palette.setFocus()
            self.canvas.viewer.clearFocus()
        elif kind == "tab":
            self.switch_tabs()
        elif kind == "theme":
            self._trigger(self._chance.choice(("theme-dark", "theme-light")))
        else:
            self.wheel()

    # Adding.

    def drop_kind(self) -> None:
        kind = self._chance.choice(KINDS)
        at = self._any_wire() if self._chance.random() < 0.4 else self._anywhere()
        if not self._ready(at):
            return
        assert at is not None
        self.note(kind, at.toTuple())
        mime = QMimeData()
        mime.setData("application/x-layerloom-kind", kind.encode())
        copy = Qt.DropAction.CopyAction
        away = self._chance.random() < 0.15
        last = QDragLeaveEvent() if away else QDropEvent(QPointF(at), copy, mime, LEFT, NONE)
        for event in (
            QDragEnterEvent(at, copy, mime, LEFT, NONE),
            QDragMoveEvent(at, copy, mime, LEFT, NONE),
            last,
        ):
            QApplication.sendEvent(self.pointer.viewport, event)

    def add_by_key(self) -> None:
        self.canvas.setFocus()
        QTest.mouseMove(self.pointer.viewport, self._anywhere())
        self.pointer.key(self._chance.choice((KEYS.Key_Tab, KEYS.Key_Space)))
        self._answer_menu()

    def add_by_double_click(self) -> None:
        self.pointer.double_click(self._anywhere())
        QTest.mouseRelease(self.pointer.viewport, LEFT)
        QApplication.processEvents()
        self._answer_menu()
        self._answer_field()

    def _answer_menu(self) -> None:
        menu = self.window.controllers.node_adding.add_menu
        if not menu.isVisible():
            return
        field = QApplication.focusWidget()
        if self._chance.random() < 0.3:
            self.note("Escape")
            QTest.keyClick(field, KEYS.Key_Escape)
        else:
            kind = self._chance.choice(KINDS)
            self.note(kind)
            QTest.keyClicks(field, kind[:6])
            QTest.keyClick(field, KEYS.Key_Return)
        if menu.isVisible():  # nothing fits
            QTest.keyClick(menu, KEYS.Key_Escape)
            menu.close()
        QApplication.processEvents()

    def _answer_field(self) -> None:
        field = QApplication.focusWidget()
        if field is None or field.parent() is not self.canvas or field is self.canvas.viewer:
            return
        text = self._chance.choice(("encoder", "b", "a b", "x.y", "", "n" * 70, "1", "input"))
        self.note(repr(text))
        QTest.keyClicks(field, text)
        how = self._chance.choice((KEYS.Key_Return, KEYS.Key_Return, KEYS.Key_Escape, None))
        if how is None:
            self.note("and away")
            self.canvas.viewer.setFocus()
        else:
            QTest.keyClick(field, how)
        QApplication.processEvents()

    # Wires.

    def drag_wire(self) -> None:
        back = self._chance.random() < 0.3
        start = self._any_place("in", wired=False) if back else self._any_place("out")
        to_body = self._chance.random() < 0.25
        stop = self._any_node() if to_body else self._any_place("out" if back else "in")
        if start is None or stop is None:
            return
        first = self.pointer.at(start.center)
        last = self.pointer.head(stop.id) if isinstance(stop, NodeItem) else self._of(stop)
        anyway = CTRL if self._chance.random() < 0.3 else NONE
        if self._ready(first, last):
            self.note(start.node.id, start.key, "to", last.toTuple(), anyway == CTRL)
            self._drag(first, last, drop=anyway)
            self._answer_menu()

    def _of(self, place: PortItem) -> QPoint:
        return self.pointer.at(place.center)

    def drag_to_nothing(self) -> None:
        start = self._any_place(
            self._chance.choice(("in", "out")), self._chance.choice((True, False))
        )
        if start is None:
            return
        first, last = self._of(start), self._anywhere()
        if self._ready(first, last):
            self.note(start.node.id, start.key)
            self._drag(first, last)
            self._answer_menu()

    def pull_off(self) -> None:
        start = self._any_place("in", wired=True)
        if start is None:
            return
        other = self._any_place("in") if self._chance.random() < 0.7 else None
        first = self._of(start)
        last = self._of(other) if other is not None else self._anywhere()
        if self._ready(first, last):
            self.note(start.node.id, start.key, "to", other and (other.node.id, other.key))
            self._drag(first, last, drop=CTRL if self._chance.random() < 0.4 else NONE)
            self._answer_menu()

    def cut_wires(self) -> None:
        at = self._any_wire()
        if at is not None and self._ready(at, stop := self._near(at)):
            self._drag(at - (stop - at), stop, modifiers=ALT | SHIFT)

    def bend(self) -> None:
        at = self._any_wire()
        if at is not None and self._ready(at):
            if self._chance.random() < 0.4:
                self.pointer.double_click(at)
                QTest.mouseRelease(self.pointer.viewport, LEFT)
                self._answer_field()
            else:
                self._drag(at, self._near(at))

    def unbend(self) -> None:
        bent = [(wire, point) for wire in self.canvas.scene_sync.wires.values()
                for point in wire.points if wire.isVisible()]  # fmt: skip
        if not bent:
            return
        wire, point = self._chance.choice(bent)
        at = self.pointer.at(QPointF(*point))
        if self._ready(at):
            if self._chance.random() < 0.5:
                self.pointer.double_click(at)
                QTest.mouseRelease(self.pointer.viewport, LEFT)
                self._answer_field()
            else:
                self._drag(at, self._near(at))

    def click_wire(self) -> None:
        at = self._any_wire()
        if at is not None and self._ready(at):
            self.pointer.click(at, modifiers=self._chance.choice((NONE, NONE, SHIFT, CTRL)))

    # Nodes and frames.

    def move_node(self) -> None:
        node = self._any_node()
        if node is None:
            return
        start = self.pointer.head(node.id)
        stop = self._near(start) if self._chance.random() < 0.8 else self._anywhere()
        if self._ready(start):
            self.note(node.id)
            self._drag(start, stop, modifiers=self._chance.choice((NONE, NONE, NONE, SHIFT, CTRL)))

    def insert_on_wire(self) -> None:
        alone = [
            name for name, item in self.canvas.scene_sync.nodes.items()
            if item.isVisible() and not any(p.is_wired for p in (*item.inputs, *item.outputs))
        ]  # fmt: skip
        at = self._any_wire()
        if not alone or at is None:
            return
        name = self._chance.choice(alone)
        start = self.pointer.head(name)
        if self._ready(start, at):
            self.note(name)
            self.session.select([name])
            self._drag(start, at)

    def move_frame(self) -> None:
        if not self.canvas.scene_sync.frames:
            return
        item = self._chance.choice(self.canvas.scene_sync.frames)
        corner = item.sceneBoundingRect().topLeft()
        title = self.pointer.at(corner + QPointF(80, 18 if not item.collapsed else 14))
        if not self._ready(title):
            return
        if self._chance.random() < 0.3:
            self.pointer.double_click(title)
            QTest.mouseRelease(self.pointer.viewport, LEFT)
            self._answer_menu()
            self._answer_field()
        else:
            self._drag(title, self._near(title))

    def fold_frame(self) -> None:
        if not self.canvas.scene_sync.frames:
            return
        item = self._chance.choice(self.canvas.scene_sync.frames)
        at = self.pointer.at(item.mapToScene(item.chevron.center()))
        if self._ready(at):
            self.note(item.title)
            self.pointer.click(at)

    def click_node(self) -> None:
        node = self._any_node()
        if node is not None and self._ready(at := self.pointer.head(node.id)):
            self.note(node.id)
            self.pointer.click(at, modifiers=self._chance.choice((NONE, NONE, SHIFT, CTRL)))

    def marquee(self) -> None:
        modifiers = self._chance.choice((NONE, NONE, SHIFT, CTRL))
        self._drag(self._anywhere(), self._anywhere(), modifiers=modifiers)
        self._answer_menu()

    def rename(self) -> None:
        node = self._any_node()
        if node is None or not self._ready(at := self.pointer.head(node.id)):
            return
        if self._chance.random() < 0.5:
            self.pointer.double_click(at)
            QTest.mouseRelease(self.pointer.viewport, LEFT)
        else:
            self.canvas.setFocus()
            self.session.select([node.id])
            self.pointer.key(KEYS.Key_F2)
        self.note(node.id)
        if self._chance.random() < 0.15:
            self.note("meanwhile undo")
            self.session.undo()
        self._answer_field()

    def thin_out(self) -> None:
        """Delete several, so that the graph stays small."""
        if not self.log or not self.log[-1].startswith("thin_out"):
            self.log.append("thin_out")
        found = list(self.session.graph.by_name)
        some = self._chance.sample(found, k=len(found) // 2)
        self.note(*some)
        self.canvas.setFocus()
        self.session.select(some)
        self.pointer.key(*SHORTCUTS[self._chance.choice(("delete", "delete without bridging"))])

    def set_parameter(self) -> None:
        """Do what the inspector does; some nodes get or lose outputs by it."""
        node = self._any_node()
        if node is None:
            return
        recurrent = [n.name for n in self.session.graph if n.kind == "LSTM"]
        name = self._chance.choice(recurrent) if recurrent else node.id
        on = self._chance.random() < 0.5
        changes = (
            {"return_state": on}, {"return_state": on, "return_sequences": True}, {"units": 7},
            {"units": -1}, {"shape": [96, 8]}, {"shape": [8]}, {"filters": 3}, {"nonsense": 1},
        )  # fmt: skip
        params = self._chance.choice(changes)
        self.note(name, params)
        self.session.edit("Set", field_edits.set_params, name, params)

    def set_kind(self) -> None:
        node = self._any_node()
        if node is not None:
            kind = self._chance.choice(KINDS)
            self.note(node.id, kind)
            self.session.edit("Make it another kind", node_edits.set_kind, node.id, kind)

    # Keys, menus, looking.

    def shortcut(self) -> None:
        name = self._chance.choice(list(SHORTCUTS))
        if self._chance.random() < 0.25:
            name = self._chance.choice(("undo", "undo", "redo"))
        self.note(name)
        self.canvas.setFocus()
        self.pointer.key(*SHORTCUTS[name])

    def menu(self) -> None:
        id = self._chance.choice(BY_MENU)
        self.note(id)
        self._trigger(id)

    def _trigger(self, id: str) -> None:
        self.window.action_manager.refresh()
        if self.window.action_manager.actions[id].isEnabled():
            self.window.action_manager.actions[id].trigger()

    def context_menu(self) -> None:
        at = (
            self._anywhere()
            if self._chance.random() < 0.4
            else (self._any_wire() or self._anywhere())
        )
        if not self._seen(at):
            return
        viewport = self.pointer.viewport
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, viewport.mapToGlobal(at))
        QApplication.sendEvent(viewport, event)
        QApplication.processEvents()
        popup = QApplication.activePopupWidget()
        while popup is not None:
            QTest.keyClick(popup, KEYS.Key_Escape)
            QApplication.processEvents()
            popup = QApplication.activePopupWidget()

    def wheel(self) -> None:
        viewport, at = self.pointer.viewport, self._anywhere()
        event = QWheelEvent(
            QPointF(at), QPointF(viewport.mapToGlobal(at)), QPoint(),
            QPoint(0, self._chance.choice((-480, -120, 120, 240))), Qt.MouseButton.NoButton, NONE,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(viewport, event)

    def pan(self) -> None:
        start = self._anywhere()
        self._drag(start, self._near(start), button=MIDDLE)

    def hover(self) -> None:
        at = self._any_wire() if self._chance.random() < 0.5 else self._anywhere()
        if self._ready(at):
            QTest.mouseMove(self.pointer.viewport, at)

    def other_press(self) -> None:
        """Press another button while the first one is held."""
        pointer, start = self.pointer, self._anywhere()
        self.note(start.toTuple())
        pointer.press(start)
        pointer.move(start, self._near(start), 2)
        pointer.press(start, MIDDLE)
        pointer.release(start, MIDDLE)
        pointer.release(start)
        self._answer_menu()

    def switch_tabs(self) -> None:
        canvas = self.canvas
        QTest.keyClick(QApplication.focusWidget() or self.window, KEYS.Key_Tab, CTRL)
        QApplication.processEvents()
        self.note("to another" if self.canvas is not canvas else "stays")


def long_name() -> str:
    """Return a name as long as a graph allows."""
    return "n" * node_names.MAX_NAME_LENGTH
