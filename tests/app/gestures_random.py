"""A person who does anything at any time, by real mouse and key events, from one seed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.actions.notes import NoteEditor
from app.canvas.items.node_item import NodeItem
from app.canvas.items.port_item import PortItem
from app.shell.main_window import MainWindow
from engine.graph import node_names
from engine.graph.edits import field_edits, node_edits
from tests.app.aim import SHORTCUTS, Aim
from tests.app.pointer import ALT, CTRL, LEFT, NONE, SHIFT

KINDS = (
    "Input", "Dense", "Conv1D", "LSTM", "Embedding", "Concatenate", "Add", "Dropout", "Flatten",
    "Reshape", "BatchNormalization", "MaxPooling1D", "MultiHeadAttention", "Output", "Activation",
)  # fmt: skip
KEYS = Qt.Key
MOST_NODES = 26
MOST_NOTES = 8


class Walker(Aim):
    """Does one gesture after another; `log` tells which, so that a failure can be repeated."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        super().__init__(window, seed)
        self._gestures: dict[Callable[[], None], int] = {
            self.drop_kind: 10, self.add_by_key: 5, self.add_by_double_click: 3,
            self.drag_wire: 30, self.drag_to_nothing: 8, self.pull_off: 8,
            self.move_node: 14, self.insert_on_wire: 6, self.move_frame: 5, self.fold_frame: 3,
            self.bend: 8, self.unbend: 4, self.cut_wires: 3, self.marquee: 6,
            self.click_node: 8, self.click_wire: 6, self.shortcut: 40, self.menu: 6,
            self.rename: 4, self.context_menu: 3, self.wheel: 4, self.pan: 3,
            self.switch_tabs: 3, self.other_press: 2, self.hover: 4, self.thin_out: 2,
            self.set_parameter: 6, self.set_kind: 3, self.add_note: 5, self.drag_note: 8,
            self.write_note: 3,
        }  # fmt: skip

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
        written = isinstance(field, NoteEditor)
        text = self._chance.choice(("encoder", "b", "a b", "x.y", "", "n" * 70, "1", "input"))
        self.note(repr(text))
        QTest.keyClicks(field, text)
        how = self._chance.choice((KEYS.Key_Return, KEYS.Key_Return, KEYS.Key_Escape, None))
        if how is None:
            self.note("and away")
            self.canvas.viewer.setFocus()
        else:
            is_commit = written and how == KEYS.Key_Return
            QTest.keyClick(field, how, CTRL if is_commit else NONE)
        QApplication.processEvents()

    # Notes.

    def add_note(self) -> None:
        if len(self.canvas.scene_sync.notes) < MOST_NOTES:
            self.canvas.setFocus()
            QTest.mouseMove(self.pointer.viewport, self._anywhere())
            self.pointer.key(KEYS.Key_N)
            self._answer_field()

    def write_note(self) -> None:
        at = self._any_note(0.5)
        if at is not None and self._ready(at):
            self.pointer.double_click(at)
            QTest.mouseRelease(self.pointer.viewport, LEFT)
            self._answer_menu()
            if self._chance.random() < 0.15:
                self.note("meanwhile undo")
                self.session.undo()
            self._answer_field()

    def drag_note(self) -> None:
        """Move a note, or change its width."""
        at = self._any_note(self._chance.choice((0.5, 0.99)))
        if at is not None and self._ready(at):
            self._drag(at, self._near(at), modifiers=self._chance.choice((NONE, NONE, SHIFT, CTRL)))

    def _any_note(self, across: float) -> QPoint | None:
        items = list(self.canvas.scene_sync.notes.values())
        if not items:
            return None
        rect = self._chance.choice(items).scene_rect
        return self.pointer.at(rect.topLeft() + QPointF(rect.width() * across, 12))

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


def long_name() -> str:
    """Return a name as long as a graph allows."""
    return "n" * node_names.MAX_NAME_LENGTH
