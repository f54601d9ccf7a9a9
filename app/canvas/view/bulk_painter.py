"""Bulk painting at small zooms: nodes as boxes and wires as lines, one Qt call per color."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas.drawing.paint import ANTIALIASING, NO_PEN, with_alpha
from app.canvas.drawing.pens import canvas_style
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.wire_item import WireItem
from app.theme.theme import Theme


def paint_in_bulk(
    painter: QPainter,
    theme: Theme,
    nodes: Iterable[NodeItem],
    wires: Iterable[WireItem],
    exposed: QRectF,
    frames: Iterable[FrameItem] = (),
) -> None:
    """Paint the exposed part of the scene.

    Args:
        painter: a painter in scene coordinates.
        exposed: the scene rectangle to paint.
    """
    style = canvas_style(theme)
    painter.setRenderHint(ANTIALIASING, False)
    painter.setPen(NO_PEN)
    for frame in frames:
        painter.setBrush(with_alpha(frame.color, 200 if frame.collapsed else 45))
        painter.drawRect(frame.box.translated(frame.pos()))
    chords, highlighted = _lines(wires)
    for family, lines in chords.items():
        painter.setPen(_cosmetic_pen(style.family_style(family).color, 1))
        painter.drawLines(lines)
    painter.setPen(_cosmetic_pen(style.accent, 3))
    painter.drawLines(highlighted)
    boxes, selected, with_errors = _boxes(nodes, exposed)
    painter.setPen(NO_PEN)
    for (family, off), rects in boxes.items():
        painter.setBrush(style.family_style(family, off).fill_brush)
        painter.drawRects(rects)
    painter.setBrush(style.danger)
    painter.drawRects(with_errors)
    # Errors are marked by a cross too, not by color alone.
    painter.setPen(_cosmetic_pen(style.on_status, 1))
    painter.drawLines(
        [QLineF(box.topLeft(), box.bottomRight()) for box in with_errors]
        + [QLineF(box.bottomLeft(), box.topRight()) for box in with_errors]
    )
    painter.setPen(_cosmetic_pen(style.accent, 2))
    painter.setBrush(style.selection_brush)
    painter.drawRects(selected)


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
            (highlighted if is_highlighted else lines[wire.family]).append(wire.chord)
    return lines, highlighted


def _boxes(
    nodes: Iterable[NodeItem], exposed: QRectF
) -> tuple[dict[tuple[str, bool], list[QRectF]], list[QRectF], list[QRectF]]:
    boxes: dict[tuple[str, bool], list[QRectF]] = defaultdict(list)
    selected: list[QRectF] = []
    with_errors: list[QRectF] = []
    for node in nodes:
        box = node.scene_rect
        if not box.intersects(exposed) or not node.isVisible():
            continue
        view_model = node.view_model
        if view_model.badge == "error":
            with_errors.append(box)
        else:
            boxes[(view_model.family, view_model.off)].append(box)
        if node.isSelected():
            selected.append(box)
    return boxes, selected, with_errors
