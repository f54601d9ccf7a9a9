"""Painting of a node: shadow, body, header, texts, chips, ports, border and badge."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.canvas.drawing.paint import DASHED, NO_BRUSH, NO_PEN, draw_badge, round_pen
from app.canvas.drawing.pens import ICON_SIZE, SHADOW_MARGIN, CanvasStyle
from app.canvas.drawing.text_fit import draw_text
from app.canvas.items.level_of_detail import DetailLevel, ReducedNodeLayout, detail_level_at
from app.canvas.items.node_layout import CORNER_RADIUS, NodeLayout, TextChip
from app.canvas.items.port_item import OPTIONAL_PORT_RADIUS, PORT_RADIUS, PortItem, PortOwner

_MIN_SHADOW_ZOOM = 0.7  # at a smaller zoom, too many nodes are visible to draw shadows quickly
_TILE = QRectF(11, 11, 28, 28)
_ICON = QRectF(16, 16, ICON_SIZE, ICON_SIZE)


class PaintedNode(PortOwner, Protocol):
    """The interface of a node item that `paint_node` uses."""

    is_drop_target: bool
    is_current: bool

    @property
    def layout(self) -> NodeLayout: ...
    def reduced_layout(self, level: DetailLevel) -> ReducedNodeLayout: ...


def paint_node(painter: QPainter, node: PaintedNode) -> None:
    """Paint a node at the level of detail of the painter's zoom."""
    zoom = painter.worldTransform().m11()
    level = detail_level_at(zoom)
    if node.isSelected() or node.is_drop_target:
        _paint_halo(painter, node)
    elif zoom >= _MIN_SHADOW_ZOOM:
        _paint_shadow(painter, node)
    is_name_only = level is not None and level.is_name_only
    _paint_body(painter, node, is_name_only)
    if not is_name_only:
        _paint_icon(painter, node, zoom)
    if level is None:
        _paint_texts(painter, node)
    else:
        _paint_reduced(painter, node.style, node.reduced_layout(level))
    _paint_border(painter, node)
    if node.highlight == "dim":
        painter.setPen(NO_PEN)
        painter.setBrush(node.style.dim_brush)
        box = node.layout.box.adjusted(-1, -1, 1, 1)
        painter.drawRoundedRect(box, CORNER_RADIUS, CORNER_RADIUS)
    _paint_ports(painter, node)
    _paint_badge(painter, node, level is None)


def _paint_halo(painter: QPainter, node: PaintedNode) -> None:
    painter.setBrush(NO_BRUSH)
    painter.setPen(node.style.halo_pen)
    painter.drawRoundedRect(node.layout.box, CORNER_RADIUS, CORNER_RADIUS)


def _paint_shadow(painter: QPainter, node: PaintedNode) -> None:
    pixmap = node.style.shadow(node.layout.width, node.layout.height)
    target = node.layout.box.adjusted(-SHADOW_MARGIN, -SHADOW_MARGIN, SHADOW_MARGIN, SHADOW_MARGIN)
    painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))


def _paint_body(painter: QPainter, node: PaintedNode, is_name_only: bool) -> None:
    style, box = node.style, node.layout.box
    painter.setPen(NO_PEN)
    painter.setBrush(style.body_brush)
    painter.drawRoundedRect(box, CORNER_RADIUS, CORNER_RADIUS)
    painter.setBrush(node.family_style.header_brush)
    if node.view_model.collapsed or is_name_only:
        painter.drawRoundedRect(box, CORNER_RADIUS, CORNER_RADIUS)
    else:
        painter.drawPath(node.layout.header_path)
    # Qt draws glyph runs in wrong places while the brush is a gradient relative to an object.
    painter.setBrush(style.body_brush)


def _paint_icon(painter: QPainter, node: PaintedNode, zoom: float) -> None:
    painter.setBrush(node.family_style.icon_brush)
    painter.drawRoundedRect(_TILE, 7, 7)
    pixmap = node.style.icon(node.view_model.kind, node.view_model.family, zoom)
    painter.drawPixmap(_ICON, pixmap, QRectF(pixmap.rect()))


def _paint_texts(painter: QPainter, node: PaintedNode) -> None:
    style, layout = node.style, node.layout
    painter.setPen(style.text)
    draw_text(painter, "name", layout.name)
    painter.setPen(style.caption)
    draw_text(painter, "caption", layout.caption)
    painter.setPen(style.dim)
    for label in layout.labels:
        draw_text(painter, "label", label)
    for chip in layout.chips:
        _paint_chip(painter, style, chip)
    if layout.pill:
        _paint_pill(painter, style, layout.pill)
    if layout.bypass_lines:
        painter.setPen(style.bypass_pen)
        painter.drawLines(layout.bypass_lines)


def _paint_reduced(painter: QPainter, style: CanvasStyle, reduced: ReducedNodeLayout) -> None:
    painter.setPen(style.text)
    for line in reduced.name:
        draw_text(painter, reduced.level.name_font, line)
    painter.setPen(style.caption)
    if reduced.caption:
        draw_text(painter, reduced.level.caption_font, reduced.caption)
    if reduced.shape:
        draw_text(painter, reduced.level.chip_font, reduced.shape)
    for chip in reduced.chips:
        _paint_chip(painter, style, chip, reduced.level.chip_font)
    if reduced.pill:
        _paint_pill(painter, style, reduced.pill, reduced.level.chip_font)


def _paint_chip(painter: QPainter, style: CanvasStyle, chip: TextChip, font: str = "chip") -> None:
    painter.setPen(NO_PEN)
    painter.setBrush(style.chip_brush)
    painter.drawRoundedRect(chip.box, 9, 9)
    painter.setPen(style.shape)
    draw_text(painter, font, chip.text)


def _paint_pill(painter: QPainter, style: CanvasStyle, pill: TextChip, font: str = "chip") -> None:
    _paint_chip(painter, style, pill, font)
    painter.setPen(NO_PEN)
    painter.setBrush(style.success)
    painter.drawEllipse(QPointF(pill.box.left() + 9, pill.box.center().y()), 3, 3)


def _paint_border(painter: QPainter, node: PaintedNode) -> None:
    style, box, badge = node.style, node.layout.box, node.view_model.badge
    painter.setBrush(NO_BRUSH)
    if node.view_model.shares:
        painter.setPen(node.family_style.shared_weights_pen)
        outline, radius = box.adjusted(-3.5, -3.5, 3.5, 3.5), CORNER_RADIUS + 3
        painter.drawRoundedRect(outline, radius, radius)
    if node.is_current:
        painter.setPen(round_pen(style.text, 1.5, DASHED))
        painter.drawRoundedRect(box.adjusted(-6, -6, 6, 6), CORNER_RADIUS + 6, CORNER_RADIUS + 6)
    if node.isSelected() or node.is_drop_target:
        pen = style.selected_pen
    elif badge:
        pen = style.error_pen if badge == "error" else style.warning_pen
    else:
        pen = style.border_pen
    if node.view_model.off:
        pen = round_pen(pen.color(), max(pen.widthF(), 1.5), DASHED)
    painter.setPen(pen)
    painter.drawRoundedRect(box, CORNER_RADIUS, CORNER_RADIUS)


def _paint_ports(painter: QPainter, node: PaintedNode) -> None:
    layout = node.layout
    for ports, points in ((node.inputs, layout.inputs), (node.outputs, layout.outputs)):
        if node.view_model.collapsed:
            wired = [port for port in ports if port.is_wired]
            ports, points = (wired or ports)[:1], points[:1]
        for port, center in zip(ports, points, strict=False):
            if not port.paints_itself:
                _paint_port(painter, node, port, center)


def _paint_port(painter: QPainter, node: PaintedNode, port: PortItem, center: QPointF) -> None:
    style, is_dimmed = node.style, port.highlight == "dim"
    if is_dimmed:
        painter.setOpacity(0.35)
    if port.is_wired:
        painter.setPen(style.port_outline_pen)
        painter.setBrush(node.family_style.fill_brush)
        painter.drawEllipse(center, PORT_RADIUS + 1, PORT_RADIUS + 1)
    else:
        is_optional = port.slot.is_placeholder or port.slot.optional
        painter.setPen(style.optional_port_pen if is_optional else node.family_style.port_pen)
        painter.setBrush(style.port_brush)
        radius = OPTIONAL_PORT_RADIUS if is_optional else PORT_RADIUS - 0.5
        painter.drawEllipse(center, radius, radius)
    if is_dimmed:
        painter.setOpacity(1.0)


def _paint_badge(painter: QPainter, node: PaintedNode, is_full_detail: bool) -> None:
    if not node.view_model.badge:
        return
    style, is_error = node.style, node.view_model.badge == "error"
    center = QPointF(node.layout.width - 3, 3)
    radius = 9.0 if is_full_detail else 13.0
    painter.setPen(NO_PEN)
    painter.setBrush(style.port_brush)
    painter.drawEllipse(center, radius + 2, radius + 2)
    fill = style.danger if is_error else style.warning
    draw_badge(painter, center, radius, is_error, fill, style.on_status)
