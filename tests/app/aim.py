"""What a person with a mouse can aim at on a canvas, chosen from one seed."""

from __future__ import annotations

import random

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.canvas import Canvas
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import PortItem
from app.documents.session import Session
from app.shell.main_window import MainWindow
from tests.app.pointer import ALT, CTRL, LEFT, MIDDLE, NONE, SHIFT, Pointer

KEYS = Qt.Key

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


class Aim:
    """Chooses places, drags, and does what can be done at any time; `log` says what was done."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.window = window
        self.log: list[str] = []
        self._chance = random.Random(seed)

    @property
    def canvas(self) -> Canvas:
        return self.window.tabs.canvas

    @property
    def session(self) -> Session:
        return self.window.workspace.session

    @property
    def pointer(self) -> Pointer:
        return Pointer(self.canvas)

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
