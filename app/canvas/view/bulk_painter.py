"""The canvas from afar: nodes as boxes and wires as lines, one call of Qt for each colour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.drawing.paint import ANTIALIASING, NO_PEN, faded
from app.canvas.drawing.pens import look_of
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.wire_item import WireItem
from app.theme.theme import Theme


def paint(
    painter: QPainter,
    theme: Theme,
    nodes: Iterable[NodeItem],
    wires: Iterable[WireItem],
    exposed: QRectF,
    frames: Iterable[FrameItem] = (),
) -> None:
    """Paint what lies in the exposed part of the scene."""
    look = look_of(theme)
    painter.setRenderHint(ANTIALIASING, False)
    painter.setPen(NO_PEN)
    for frame in frames:
        painter.setBrush(faded(frame.color, 200 if frame.collapsed else 45))
        painter.drawRect(frame.box.translated(frame.pos()))
    chords, marked = _lines(wires)
    for family, lines in chords.items():
        painter.setPen(_cosmetic(look.tint(family).color, 1))
        painter.drawLines(lines)
    painter.setPen(_cosmetic(look.accent, 3))
    painter.drawLines(marked)
    boxes, chosen, wrong = _boxes(nodes, exposed)
    painter.setPen(NO_PEN)
    for (family, off), rects in boxes.items():
        painter.setBrush(look.tint(family, off).fill)
        painter.drawRects(rects)
    painter.setBrush(look.danger)
    painter.drawRects(wrong)
    _cross_out(painter, wrong, _cosmetic(look.on_status, 1))
    painter.setPen(_cosmetic(look.accent, 2))
    painter.setBrush(look.glow)
    painter.drawRects(chosen)


def _cross_out(painter: QPainter, boxes: list[QRectF], pen: QPen) -> None:
    # Told by shape as well as by colour.
    painter.setPen(pen)
    painter.drawLines(
        [QLineF(box.topLeft(), box.bottomRight()) for box in boxes]
        + [QLineF(box.bottomLeft(), box.topRight()) for box in boxes]
    )


def _cosmetic(color: QColor, width: float) -> QPen:
    """Return a pen that is as wide at every zoom."""
    pen = QPen(color, width)
    pen.setCosmetic(True)
    return pen


def _lines(wires: Iterable[WireItem]) -> tuple[dict[str, list[QLineF]], list[QLineF]]:
    """Return wires as lines by family, and apart those that are selected or aimed at."""
    lines: dict[str, list[QLineF]] = defaultdict(list)
    marked: list[QLineF] = []
    for wire in wires:
        if wire.isVisible():
            (marked if wire.glow or wire.isSelected() else lines[wire.family]).append(wire.chord)
    return lines, marked


def _boxes(
    nodes: Iterable[NodeItem], exposed: QRectF
) -> tuple[dict[tuple[str, bool], list[QRectF]], list[QRectF], list[QRectF]]:
    boxes: dict[tuple[str, bool], list[QRectF]] = defaultdict(list)
    chosen: list[QRectF] = []
    wrong: list[QRectF] = []
    for node in nodes:
        box = node.spot
        if not box.intersects(exposed) or not node.isVisible():
            continue
        face = node.face
        if face.badge == "error":
            wrong.append(box)
        else:
            boxes[(face.family, face.off)].append(box)
        if node.isSelected():
            chosen.append(box)
    return boxes, chosen, wrong
