"""Painting helpers shared by items: colors, pens, badges, and cached Qt enum values.

Enum values are cached because looking one up costs as much as drawing a line.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

ANTIALIASING = QPainter.RenderHint.Antialiasing
SMOOTH = QPainter.RenderHint.SmoothPixmapTransform
NO_PEN = Qt.PenStyle.NoPen
NO_BRUSH = Qt.BrushStyle.NoBrush
SOLID, DASHED = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
ROUND_CAP, ROUND_JOIN = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin


def with_alpha(color: QColor, alpha: int) -> QColor:
    """Return the color with another alpha value (0 to 255)."""
    return QColor(color.red(), color.green(), color.blue(), alpha)


def desaturated(color: QColor) -> QColor:
    """Return the color with its saturation multiplied by 0.12."""
    hue = max(color.hslHueF(), 0.0)
    return QColor.fromHslF(hue, color.hslSaturationF() * 0.12, color.lightnessF())


def contrast_ratio(first: QColor, second: QColor) -> float:
    """Return the WCAG contrast ratio of two colors, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    """Return the relative luminance of WCAG 2, from linearized sRGB."""
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def round_pen(color: QColor, width: float, style: Qt.PenStyle = SOLID) -> QPen:
    """Return a pen with round caps and joins."""
    return QPen(QBrush(color), width, style, ROUND_CAP, ROUND_JOIN)


def top_rounded_path(width: float, height: float, radius: float) -> QPainterPath:
    """Return a rectangle at the origin whose upper corners are rounded."""
    path = QPainterPath(QPointF(0, height))
    path.lineTo(0, radius)
    path.arcTo(0, 0, 2 * radius, 2 * radius, 180, -90)
    path.lineTo(width - radius, 0)
    path.arcTo(width - 2 * radius, 0, 2 * radius, 2 * radius, 90, -90)
    path.lineTo(width, height)
    path.closeSubpath()
    return path


def shadow_pixmap(width: int, height: int, margin: int, color: QColor) -> QPixmap:
    """Return the soft shadow of a box whose size is `width` x `height` pixels.

    The shadow extends beyond the box by `margin` pixels at the sides and below, and by less above.
    """
    pixmap = QPixmap(width + 2 * margin, height + 2 * margin)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(ANTIALIASING)
    painter.setPen(NO_PEN)
    painter.setBrush(color)
    for inset in range(margin):
        side, above = inset + 0.5, inset * 0.6 + margin * 0.4
        box = QRectF(pixmap.rect()).adjusted(side, above, -side, -inset)
        painter.drawRoundedRect(box, 4 + margin - inset, 4 + margin - inset)
    painter.end()
    return pixmap


def draw_badge(
    painter: QPainter, center: QPointF, radius: float, error: bool, fill: QColor, mark: QColor
) -> None:
    """Draw an exclamation mark in a disc (error) or in a triangle (warning)."""
    painter.setPen(NO_PEN)
    painter.setBrush(fill)
    x, y = center.x(), center.y()
    if error:
        painter.drawEllipse(center, radius, radius)
        top, drop = y - radius * 0.55, radius * 0.65
    else:
        painter.setPen(round_pen(fill, radius * 0.35))
        painter.drawPolygon(_triangle(x, y, radius))
        top, drop = y - radius * 0.4, radius * 0.6
    painter.setPen(NO_PEN)
    painter.setBrush(mark)
    stem = radius * 0.13
    painter.drawRoundedRect(QRectF(x - stem, top, 2 * stem, drop), stem, stem)
    painter.drawEllipse(QPointF(x, top + drop + radius * 0.3), stem * 1.25, stem * 1.25)


def draw_highlighted_port(
    painter: QPainter, center: QPointF, radius: float, color: QColor, outline: QColor
) -> None:
    """Draw a port as an outlined disc with a translucent halo."""
    painter.setPen(NO_PEN)
    painter.setBrush(with_alpha(color, 70))
    painter.drawEllipse(center, 13.0, 13.0)
    painter.setPen(round_pen(outline, 2))
    painter.setBrush(color)
    painter.drawEllipse(center, radius, radius)


def draw_cross(painter: QPainter, center: QPointF, color: QColor) -> None:
    """Draw a small diagonal cross."""
    painter.setPen(round_pen(color, 2))
    radius = 2.6
    for sign in (1, -1):
        offset = QPointF(radius, radius * sign)
        painter.drawLine(center - offset, center + offset)


def _triangle(x: float, y: float, radius: float) -> QPolygonF:
    top, bottom = y - radius * 0.95, y + radius * 0.8
    return QPolygonF([QPointF(x, top), QPointF(x + radius, bottom), QPointF(x - radius, bottom)])
