"""Painting of a node: shadow, body, header, texts, chips, ports, border and badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.canvas.drawing.paint import (
    DASHED,
    MIN_SHADOW_ZOOM,
    NO_BRUSH,
    NO_PEN,
    draw_badge,
    round_pen,
)
from app.canvas.drawing.pens import ICON_SIZE, SHADOW_MARGIN, CanvasStyle
from app.canvas.drawing.text_fit import draw_text
from app.canvas.items.level_of_detail import ReducedNodeLayout, detail_level_at
from app.canvas.items.node_layout import CORNER_RADIUS, TextChip
from app.canvas.items.port_item import OPTIONAL_PORT_RADIUS, PORT_RADIUS

if TYPE_CHECKING:
    from app.canvas.items.node_item import NodeItem
    from app.canvas.items.port_item import PortItem

_TILE = QRectF(11, 11, 28, 28)
_ICON = QRectF(16, 16, ICON_SIZE, ICON_SIZE)


def paint_node(painter: QPainter, item: NodeItem) -> None:
    """Paint a node at the level of detail of the painter's zoom."""
    zoom = painter.worldTransform().m11()
    level = detail_level_at(zoom)
    if item.isSelected() or item.is_drop_target:
        _paint_halo(painter, item)
    elif zoom >= MIN_SHADOW_ZOOM:
        _paint_shadow(painter, item)
    _paint_body(painter, item)
    _paint_icon(painter, item, zoom)
    if level is None:
        _paint_texts(painter, item)
    else:
        _paint_reduced(painter, item.style, item.reduced_layout(level))
    _paint_border(painter, item)
    if item.highlight == "dim":
        painter.setPen(NO_PEN)
        painter.setBrush(item.style.dim_brush)
        painter.drawRoundedRect(
            item.layout.box.adjusted(-1, -1, 1, 1), CORNER_RADIUS, CORNER_RADIUS
        )
    _paint_ports(painter, item)
    _paint_badge(painter, item, level is None)


def _paint_halo(painter: QPainter, item: NodeItem) -> None:
    painter.setBrush(NO_BRUSH)
    painter.setPen(item.style.halo_pen)
    painter.drawRoundedRect(item.layout.box, CORNER_RADIUS, CORNER_RADIUS)


def _paint_shadow(painter: QPainter, item: NodeItem) -> None:
    pixmap = item.style.shadow(item.layout.width, item.layout.height)
    target = item.layout.box.adjusted(-SHADOW_MARGIN, -SHADOW_MARGIN, SHADOW_MARGIN, SHADOW_MARGIN)
    painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))


def _paint_body(painter: QPainter, item: NodeItem) -> None:
    look, box = item.style, item.layout.box
    painter.setPen(NO_PEN)
    painter.setBrush(look.body_brush)
    painter.drawRoundedRect(box, CORNER_RADIUS, CORNER_RADIUS)
    painter.setBrush(item.family_style.header_brush)
    if item.view_model.collapsed:
        painter.drawRoundedRect(box, CORNER_RADIUS, CORNER_RADIUS)
    else:
        painter.drawPath(item.layout.header_path)


def _paint_icon(painter: QPainter, item: NodeItem, zoom: float) -> None:
    painter.setBrush(item.family_style.icon_brush)
    painter.drawRoundedRect(_TILE, 7, 7)
    pixmap = item.style.icon(item.view_model.kind, item.view_model.family, zoom)
    painter.drawPixmap(_ICON, pixmap, QRectF(pixmap.rect()))


def _paint_texts(painter: QPainter, item: NodeItem) -> None:
    look, card = item.style, item.layout
    painter.setPen(look.text)
    draw_text(painter, "name", card.name)
    painter.setPen(look.caption)
    draw_text(painter, "caption", card.caption)
    painter.setPen(look.dim)
    for label in card.labels:
        draw_text(painter, "label", label)
    for chip in card.chips:
        _paint_chip(painter, look, chip)
    if card.pill:
        _paint_pill(painter, look, card.pill)
    if card.bypass_lines:
        _paint_bypass(painter, item)


def _paint_reduced(painter: QPainter, look: CanvasStyle, reduced: ReducedNodeLayout) -> None:
    painter.setPen(look.text)
    draw_text(painter, reduced.level.name_font, reduced.name)
    if reduced.caption:
        painter.setPen(look.caption)
        draw_text(painter, reduced.level.caption_font, reduced.caption)
    for chip in reduced.chips:
        _paint_chip(painter, look, chip, reduced.level.chip_font)
    if reduced.pill:
        _paint_pill(painter, look, reduced.pill, reduced.level.chip_font)


def _paint_chip(painter: QPainter, look: CanvasStyle, chip: TextChip, font: str = "chip") -> None:
    painter.setPen(NO_PEN)
    painter.setBrush(look.chip_brush)
    painter.drawRoundedRect(chip.box, 9, 9)
    painter.setPen(look.shape)
    draw_text(painter, font, chip.text)


def _paint_pill(painter: QPainter, look: CanvasStyle, pill: TextChip, font: str = "chip") -> None:
    _paint_chip(painter, look, pill, font)
    painter.setPen(NO_PEN)
    painter.setBrush(look.success)
    painter.drawEllipse(QPointF(pill.box.left() + 9, pill.box.center().y()), 3, 3)


def _paint_bypass(painter: QPainter, item: NodeItem) -> None:
    painter.setPen(item.style.bypass_pen)
    painter.drawLines(item.layout.bypass_lines)


def _paint_border(painter: QPainter, item: NodeItem) -> None:
    look, box, badge = item.style, item.layout.box, item.view_model.badge
    painter.setBrush(NO_BRUSH)
    if item.view_model.shares:
        painter.setPen(item.family_style.shared_weights_pen)
        painter.drawRoundedRect(
            box.adjusted(-3.5, -3.5, 3.5, 3.5), CORNER_RADIUS + 3, CORNER_RADIUS + 3
        )
    if item.isSelected() or item.is_drop_target:
        pen = look.selected_pen
    elif badge:
        pen = look.error_pen if badge == "error" else look.warning_pen
    else:
        pen = look.border_pen
    if item.view_model.off:
        pen = round_pen(pen.color(), max(pen.widthF(), 1.5), DASHED)
    painter.setPen(pen)
    painter.drawRoundedRect(box, CORNER_RADIUS, CORNER_RADIUS)


def _paint_ports(painter: QPainter, item: NodeItem) -> None:
    card = item.layout
    for ports, points in ((item.inputs, card.inputs), (item.outputs, card.outputs)):
        if item.view_model.collapsed:
            wired = [port for port in ports if port.is_wired]
            ports, points = (wired or ports)[:1], points[:1]
        for port, center in zip(ports, points, strict=False):
            if not port.paints_itself:
                _paint_port(painter, item, port, center)


def _paint_port(painter: QPainter, item: NodeItem, port: PortItem, center: QPointF) -> None:
    look, is_dimmed = item.style, port.highlight == "dim"
    if is_dimmed:
        painter.setOpacity(0.35)
    if port.is_wired:
        painter.setPen(look.port_outline_pen)
        painter.setBrush(item.family_style.fill_brush)
        painter.drawEllipse(center, PORT_RADIUS + 1, PORT_RADIUS + 1)
    else:
        is_optional = port.slot.spare or port.slot.optional
        painter.setPen(look.optional_port_pen if is_optional else item.family_style.port_pen)
        painter.setBrush(look.port_brush)
        radius = OPTIONAL_PORT_RADIUS if is_optional else PORT_RADIUS - 0.5
        painter.drawEllipse(center, radius, radius)
    if is_dimmed:
        painter.setOpacity(1.0)


def _paint_badge(painter: QPainter, item: NodeItem, is_full_detail: bool) -> None:
    if not item.view_model.badge:
        return
    look, is_error = item.style, item.view_model.badge == "error"
    center = QPointF(item.layout.width - 3, 3)
    radius = 9.0 if is_full_detail else 13.0
    painter.setPen(NO_PEN)
    painter.setBrush(look.port_brush)
    painter.drawEllipse(center, radius + 2, radius + 2)
    fill = look.danger if is_error else look.warning
    draw_badge(painter, center, radius, is_error, fill, look.on_status)
