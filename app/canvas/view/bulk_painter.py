"""Bulk painting at small zooms: nodes as boxes and wires as lines, one Qt call per color."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.drawing.paint import ANTIALIASING, NO_PEN, with_alpha
from app.canvas.drawing.pens import canvas_style
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.item_revision import item_revision
from app.canvas.items.node_item import NodeItem
from app.canvas.items.note_item import NoteItem
from app.canvas.items.wire_item import WireItem
from app.theme.theme import Theme


class Overview:
    """The boxes of the visible nodes and the lines of the visible wires, by color.

    They are collected again only after a change of an item, so that panning and zooming are fast.

    Attributes:
        lines: the lines of normal wires by layer family.
        highlighted: the lines of selected or highlighted wires.
        boxes: the boxes of nodes without errors, by layer family and whether they are bypassed.
        selected, with_errors: the boxes of these nodes.
        crosses: the lines that mark errors, since color alone does not.
    """

    def __init__(self) -> None:
        self._revision = -1

    def update(self, nodes: Iterable[NodeItem], wires: Iterable[WireItem]) -> None:
        if self._revision == item_revision.count:
            return
        self._revision = item_revision.count
        self.lines, self.highlighted = _lines(wires)
        self.boxes, self.selected, self.with_errors = _boxes(nodes)
        self.crosses = [
            line
            for box in self.with_errors
            for line in (
                QLineF(box.topLeft(), box.bottomRight()),
                QLineF(box.bottomLeft(), box.topRight()),
            )
        ]


def paint_in_bulk(
    painter: QPainter,
    theme: Theme,
    overview: Overview,
    frames: Iterable[FrameItem] = (),
    notes: Iterable[NoteItem] = (),
) -> None:
    """Paint the scene with a painter in scene coordinates."""
    style = canvas_style(theme)
    painter.setRenderHint(ANTIALIASING, False)
    painter.setPen(NO_PEN)
    for frame in frames:
        painter.setBrush(with_alpha(frame.color, 200 if frame.collapsed else 45))
        painter.drawRect(frame.box.translated(frame.pos()))
    for family, lines in overview.lines.items():
        painter.setPen(_cosmetic_pen(style.family_style(family).color, 1))
        painter.drawLines(lines)
    for note in notes:
        painter.setPen(style.selected_pen if note.isSelected() else style.note_pen)
        painter.setBrush(style.note_brush)
        painter.drawRect(note.scene_rect)
    painter.setPen(_cosmetic_pen(style.accent, 3))
    painter.drawLines(overview.highlighted)
    painter.setPen(NO_PEN)
    for (family, off), rects in overview.boxes.items():
        painter.setBrush(style.family_style(family, off).fill_brush)
        painter.drawRects(rects)
    painter.setBrush(style.danger)
    painter.drawRects(overview.with_errors)
    painter.setPen(_cosmetic_pen(style.on_status, 1))
    painter.drawLines(overview.crosses)
    painter.setPen(_cosmetic_pen(style.accent, 2))
    painter.setBrush(style.selection_brush)
    painter.drawRects(overview.selected)


def _cosmetic_pen(color: QColor, width: float) -> QPen:
    """Return a pen whose width does not depend on the zoom."""
    pen = QPen(color, width)
    pen.setCosmetic(True)
    return pen


def _lines(wires: Iterable[WireItem]) -> tuple[dict[str, list[QLineF]], list[QLineF]]:
    """Return (lines of normal wires by layer family, lines of selected or highlighted wires)."""
    lines: dict[str, list[QLineF]] = defaultdict(list)
    highlighted: list[QLineF] = []
    for wire in wires:
        if wire.isVisible():
            is_highlighted = wire.glow or wire.isSelected()
            (highlighted if is_highlighted else lines[wire.family]).extend(wire.lines)
    return lines, highlighted


def _boxes(
    nodes: Iterable[NodeItem],
) -> tuple[dict[tuple[str, bool], list[QRectF]], list[QRectF], list[QRectF]]:
    boxes: dict[tuple[str, bool], list[QRectF]] = defaultdict(list)
    selected: list[QRectF] = []
    with_errors: list[QRectF] = []
    for node in nodes:
        box = node.scene_rect
        if not node.isVisible():
            continue
        view_model = node.view_model
        if view_model.badge == "error":
            with_errors.append(box)
        else:
            boxes[(view_model.family, view_model.off)].append(box)
        if node.isSelected():
            selected.append(box)
    return boxes, selected, with_errors
