"""Small things that several items draw: mixed colours, badges; and Qt's names, looked up once.

Looking up an enum of Qt costs as much as drawing a line, and a frame has hundreds of items.
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

# Below this zoom there are too many nodes in sight for each to throw a shadow.
NEAR = 0.7


def mix(below: QColor, above: QColor, share: float) -> QColor:
    """Return the colour seen where `above` lies over `below`, covering `share` of it."""
    rest = 1 - share
    return QColor.fromRgbF(
        below.redF() * rest + above.redF() * share,
        below.greenF() * rest + above.greenF() * share,
        below.blueF() * rest + above.blueF() * share,
    )


def faded(color: QColor, alpha: int) -> QColor:
    """Return the colour, seen through."""
    return QColor(color.red(), color.green(), color.blue(), alpha)


def grey(color: QColor) -> QColor:
    """Return the colour with hardly any hue left."""
    return QColor.fromHslF(
        max(color.hslHueF(), 0.0), color.hslSaturationF() * 0.12, color.lightnessF()
    )


def contrast(one: QColor, other: QColor) -> float:
    """Return how well two colours are told apart, 1 to 21, as WCAG reckons it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: QColor) -> float:
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def line(color: QColor, width: float, style: Qt.PenStyle = SOLID) -> QPen:
    """Return a pen with round ends and corners."""
    return QPen(QBrush(color), width, style, ROUND_CAP, ROUND_JOIN)


def top_rounded(width: float, height: float, radius: float) -> QPainterPath:
    """Return a box at the origin whose upper corners alone are round."""
    path = QPainterPath(QPointF(0, height))
    path.lineTo(0, radius)
    path.arcTo(0, 0, 2 * radius, 2 * radius, 180, -90)
    path.lineTo(width - radius, 0)
    path.arcTo(width - 2 * radius, 0, 2 * radius, 2 * radius, 90, -90)
    path.lineTo(width, height)
    path.closeSubpath()
    return path


def soft_box(width: int, height: int, margin: int, shade: QColor) -> QPixmap:
    """Return a box that fades out over the margin, somewhat more below than above."""
    picture = QPixmap(width + 2 * margin, height + 2 * margin)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(ANTIALIASING)
    painter.setPen(NO_PEN)
    painter.setBrush(shade)
    for inset in range(margin):
        side, above = inset + 0.5, inset * 0.6 + margin * 0.4
        box = QRectF(picture.rect()).adjusted(side, above, -side, -inset)
        painter.drawRoundedRect(box, 4 + margin - inset, 4 + margin - inset)
    painter.end()
    return picture


def draw_badge(
    painter: QPainter, at: QPointF, radius: float, error: bool, fill: QColor, mark: QColor
) -> None:
    """Draw an exclamation mark in a disc (error) or in a triangle (warning)."""
    painter.setPen(NO_PEN)
    painter.setBrush(fill)
    x, y = at.x(), at.y()
    if error:
        painter.drawEllipse(at, radius, radius)
        top, drop = y - radius * 0.55, radius * 0.65
    else:
        painter.setPen(line(fill, radius * 0.35))
        painter.drawPolygon(_triangle(x, y, radius))
        top, drop = y - radius * 0.4, radius * 0.6
    painter.setPen(NO_PEN)
    painter.setBrush(mark)
    stem = radius * 0.13
    painter.drawRoundedRect(QRectF(x - stem, top, 2 * stem, drop), stem, stem)
    painter.drawEllipse(QPointF(x, top + drop + radius * 0.3), stem * 1.25, stem * 1.25)


def _triangle(x: float, y: float, radius: float) -> QPolygonF:
    corners = [
        QPointF(x, y - radius * 0.95),
        QPointF(x + radius, y + radius * 0.8),
        QPointF(x - radius, y + radius * 0.8),
    ]
    return QPolygonF(corners)
