"""Real mouse and key events on a canvas, as Qt delivers them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.canvas import Canvas

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


class Pointer:
    """A mouse over one canvas; places are logical pixels of its viewport."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.viewport = canvas.viewer.viewport()

    def at(self, point: QPointF) -> QPoint:
        """Return where a point of the scene is seen."""
        return self.canvas.viewer.mapFromScene(point)

    def out(self, name: str, output: str = "") -> QPoint:
        """Return where an output port is seen."""
        place = self.canvas.scene_sync.nodes[name].port_at(output, None, "out")
        assert place is not None
        return self.at(place.center)

    def port(self, name: str, port: str = "x", place: int | None = None) -> QPoint:
        """Return where an input port is seen."""
        found = self.canvas.scene_sync.nodes[name].port_at(port, place, "in")
        assert found is not None
        return self.at(found.center)

    def head(self, name: str) -> QPoint:
        """Return a spot in the header of a node, away from ports."""
        item = self.canvas.scene_sync.nodes[name]
        return self.at(item.pos() + QPointF(item.width / 2, 12))

    def wire(self, node: str, port: str = "x", place: int | None = None) -> QPoint:
        """Return the middle of a wire."""
        from app.canvas.items.wire_id import WireId

        path = self.canvas.scene_sync.wires[WireId(node, port, place)].path()
        return self.at(path.pointAtPercent(0.5))

    def empty(self) -> QPoint:
        """Return a spot with nothing under it."""
        for x in range(20, self.viewport.width(), 40):
            for y in range(20, self.viewport.height(), 40):
                at = QPoint(x, y)
                stage = self.canvas.context
                if not any((stage.node_at(at), stage.port_at(at), stage.wire_at(at),
                            stage.frame_at(at))):  # fmt: skip
                    return at
        raise AssertionError("the canvas is full")

    def press(self, at: QPoint, button=LEFT, modifiers=NONE) -> None:
        QTest.mouseMove(self.viewport, at)
        QApplication.processEvents()
        QTest.mousePress(self.viewport, button, modifiers, at)

    def move(self, start: QPoint, stop: QPoint, steps: int = 6) -> None:
        for step in range(1, steps + 1):
            QTest.mouseMove(self.viewport, start + (stop - start) * step / steps)
            QApplication.processEvents()

    def release(self, at: QPoint, button=LEFT, modifiers=NONE) -> None:
        QTest.mouseRelease(self.viewport, button, modifiers, at)
        QApplication.processEvents()

    def drag(self, start: QPoint, stop: QPoint, button=LEFT, modifiers=NONE) -> None:
        self.press(start, button, modifiers)
        self.move(start, stop)
        self.release(stop, button, modifiers)

    def click(self, at: QPoint, button=LEFT, modifiers=NONE) -> None:
        self.press(at, button, modifiers)
        self.release(at, button, modifiers)

    def double_click(self, at: QPoint) -> None:
        QTest.mouseMove(self.viewport, at)
        QTest.mouseDClick(self.viewport, LEFT, NONE, at)
        QApplication.processEvents()

    def key(self, key, modifiers=NONE) -> None:
        QTest.keyClick(self.canvas.viewer, key, modifiers)
        QApplication.processEvents()
