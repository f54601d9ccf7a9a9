"""Painting of a node: shadow, body, header, texts, chips, ports, border and badge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from app.canvas.drawing.paint import DASHED, NEAR, NO_BRUSH, NO_PEN, draw_badge, line
from app.canvas.drawing.pens import ICON, SHADE, Look
from app.canvas.drawing.text_fit import draw_words
from app.canvas.items.level_of_detail import Afar, level_at
from app.canvas.items.node_layout import RADIUS, Chip
from app.canvas.items.port_item import REST, SPARE

if TYPE_CHECKING:
    from app.canvas.items.node_item import NodeItem
    from app.canvas.items.port_item import Place

_TILE = QRectF(11, 11, 28, 28)
_ICON = QRectF(16, 16, ICON, ICON)


def paint_node(painter: QPainter, item: NodeItem) -> None:
    """Paint a node at the level of detail of the painter's zoom."""
    zoom = painter.worldTransform().m11()
    level = level_at(zoom)
    if item.isSelected() or item.drop_target:
        _paint_halo(painter, item)
    elif zoom >= NEAR:
        _paint_shadow(painter, item)
    _paint_body(painter, item)
    _paint_icon(painter, item, zoom)
    if level is None:
        _paint_texts(painter, item)
    else:
        _paint_reduced(painter, item.look, item.afar(level))
    _paint_border(painter, item)
    if item.light == "dim":
        painter.setPen(NO_PEN)
        painter.setBrush(item.look.veil)
        painter.drawRoundedRect(item.card.box.adjusted(-1, -1, 1, 1), RADIUS, RADIUS)
    _paint_ports(painter, item)
    _paint_badge(painter, item, level is None)


def _paint_halo(painter: QPainter, item: NodeItem) -> None:
    painter.setBrush(NO_BRUSH)
    painter.setPen(item.look.halo)
    painter.drawRoundedRect(item.card.box, RADIUS, RADIUS)


def _paint_shadow(painter: QPainter, item: NodeItem) -> None:
    pixmap = item.look.shadow(item.card.width, item.card.height)
    target = item.card.box.adjusted(-SHADE, -SHADE, SHADE, SHADE)
    painter.drawPixmap(target, pixmap, QRectF(pixmap.rect()))


def _paint_body(painter: QPainter, item: NodeItem) -> None:
    look, box = item.look, item.card.box
    painter.setPen(NO_PEN)
    painter.setBrush(look.body)
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    painter.setBrush(item.tint.head)
    if item.face.collapsed:
        painter.drawRoundedRect(box, RADIUS, RADIUS)
    else:
        painter.drawPath(item.card.head)


def _paint_icon(painter: QPainter, item: NodeItem, zoom: float) -> None:
    painter.setBrush(item.tint.tile)
    painter.drawRoundedRect(_TILE, 7, 7)
    pixmap = item.look.icon(item.face.kind, item.face.family, zoom)
    painter.drawPixmap(_ICON, pixmap, QRectF(pixmap.rect()))


def _paint_texts(painter: QPainter, item: NodeItem) -> None:
    look, card = item.look, item.card
    painter.setPen(look.text)
    draw_words(painter, "name", card.name)
    painter.setPen(look.caption)
    draw_words(painter, "caption", card.caption)
    painter.setPen(look.dim)
    for label in card.labels:
        draw_words(painter, "label", label)
    for chip in card.chips:
        _paint_chip(painter, look, chip)
    if card.pill:
        _paint_pill(painter, look, card.pill)
    if card.through:
        _paint_bypass(painter, item)


def _paint_reduced(painter: QPainter, look: Look, reduced: Afar) -> None:
    painter.setPen(look.text)
    draw_words(painter, reduced.level.name, reduced.name)
    if reduced.caption:
        painter.setPen(look.caption)
        draw_words(painter, reduced.level.caption, reduced.caption)
    for chip in reduced.chips:
        _paint_chip(painter, look, chip, reduced.level.chip)
    if reduced.pill:
        _paint_pill(painter, look, reduced.pill, reduced.level.chip)


def _paint_chip(painter: QPainter, look: Look, chip: Chip, font: str = "chip") -> None:
    painter.setPen(NO_PEN)
    painter.setBrush(look.chip)
    painter.drawRoundedRect(chip.box, 9, 9)
    painter.setPen(look.shape)
    draw_words(painter, font, chip.words)


def _paint_pill(painter: QPainter, look: Look, pill: Chip, font: str = "chip") -> None:
    _paint_chip(painter, look, pill, font)
    painter.setPen(NO_PEN)
    painter.setBrush(look.success)
    painter.drawEllipse(QPointF(pill.box.left() + 9, pill.box.center().y()), 3, 3)


def _paint_bypass(painter: QPainter, item: NodeItem) -> None:
    painter.setPen(item.look.through)
    painter.drawLines(item.card.through)


def _paint_border(painter: QPainter, item: NodeItem) -> None:
    look, box, badge = item.look, item.card.box, item.face.badge
    painter.setBrush(NO_BRUSH)
    if item.face.shares:
        painter.setPen(item.tint.outer)
        painter.drawRoundedRect(box.adjusted(-3.5, -3.5, 3.5, 3.5), RADIUS + 3, RADIUS + 3)
    if item.isSelected() or item.drop_target:
        pen = look.chosen
    elif badge:
        pen = look.wrong if badge == "error" else look.doubtful
    else:
        pen = look.edge
    if item.face.off:
        pen = line(pen.color(), max(pen.widthF(), 1.5), DASHED)
    painter.setPen(pen)
    painter.drawRoundedRect(box, RADIUS, RADIUS)


def _paint_ports(painter: QPainter, item: NodeItem) -> None:
    card = item.card
    for ports, points in ((item.inputs, card.inputs), (item.outputs, card.outputs)):
        if item.face.collapsed:
            wired = [port for port in ports if port.wired]
            ports, points = (wired or ports)[:1], points[:1]
        for port, center in zip(ports, points, strict=False):
            if not port.paints_itself:
                _paint_port(painter, item, port, center)


def _paint_port(painter: QPainter, item: NodeItem, port: Place, center: QPointF) -> None:
    look, is_dimmed = item.look, port.light == "dim"
    if is_dimmed:
        painter.setOpacity(0.35)
    if port.wired:
        painter.setPen(look.cut)
        painter.setBrush(item.tint.fill)
        painter.drawEllipse(center, REST + 1, REST + 1)
    else:
        is_optional = port.slot.spare or port.slot.optional
        painter.setPen(look.spare if is_optional else item.tint.ring)
        painter.setBrush(look.hole)
        radius = SPARE if is_optional else REST - 0.5
        painter.drawEllipse(center, radius, radius)
    if is_dimmed:
        painter.setOpacity(1.0)


def _paint_badge(painter: QPainter, item: NodeItem, is_full_detail: bool) -> None:
    if not item.face.badge:
        return
    look, is_error = item.look, item.face.badge == "error"
    center = QPointF(item.card.width - 3, 3)
    radius = 9.0 if is_full_detail else 13.0
    painter.setPen(NO_PEN)
    painter.setBrush(look.hole)
    painter.drawEllipse(center, radius + 2, radius + 2)
    fill = look.danger if is_error else look.warning
    draw_badge(painter, center, radius, is_error, fill, look.on_status)
