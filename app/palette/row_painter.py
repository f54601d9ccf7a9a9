"""What palette and add menu paint of a kind: its tile, its name with matched letters, a node."""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from itertools import groupby

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from app.text.layer_search import LayerInfo, layer_icon
from app.theme.icons import paint_icon
from app.theme.theme import Theme

TILE = 20
_LEAST, _HEADER, _BODY = 140, 30, 22  # of the dragged node, in pixels


def draw_tile(painter: QPainter, theme: Theme, about: LayerInfo, place: QRect) -> None:
    """Paint the square of a family's tint that holds the picture of a kind."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.family_color(about.family))
    painter.drawRoundedRect(place, 5, 5)
    inside = QRectF(place.adjusted(3, 3, -3, -3))
    paint_icon(painter, layer_icon(about.kind)[0], inside, theme.color("on_family"))


def draw_name(
    painter: QPainter, theme: Theme, name: str, matched: Collection[int], place: QRect, font: QFont
) -> float:
    """Paint a name with its matched letters bold and tinted; answer how wide it is.

    Its end is left out where there is no room.
    """
    bold = QFont(font)
    bold.setWeight(QFont.Weight.Bold)
    widest = QFontMetricsF(bold if matched else font)
    name = widest.elidedText(name, Qt.TextElideMode.ElideRight, place.width())
    left = float(place.left())
    for found, run in groupby(range(len(name)), key=lambda at: at in matched):
        text = "".join(name[at] for at in run)
        painter.setFont(bold if found else font)
        painter.setPen(theme.color("accent" if found else "text"))
        box = QRectF(left, place.top(), place.right() - left + 1, place.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)
        left += QFontMetricsF(painter.font()).horizontalAdvance(text)
    return left - place.left()


def draw_text(
    painter: QPainter,
    text: str,
    place: QRect,
    color: QColor,
    font: QFont,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Paint one line, its end left out where there is no room."""
    painter.setFont(font)
    painter.setPen(color)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), shown)


def card(theme: Theme, about: LayerInfo) -> str:
    """Return the rich tool tip of a kind: what it does, and its shapes."""
    tokens = theme.tokens
    shapes = escape(" ".join(about.shapes.splitlines()))
    return (
        f'<div style="font-weight:600">{escape(about.kind)} '
        f'<span style="color:{tokens.dim};font-weight:400"> {escape(about.title)}</span></div>'
        f'<div style="margin-top:4px">{escape(about.summary)}</div>'
        f'<div style="margin-top:6px;color:{tokens.shape}">'
        f"<span style=\"font-family:'JetBrains Mono'\">{shapes}</span></div>"
    )


def node_pixmap(theme: Theme, about: LayerInfo, ratio: float) -> QPixmap:
    """Return the small node that hangs on the pointer while a kind is dragged."""
    name = QFontMetricsF(theme.ui_font(9.5, bold=True)).horizontalAdvance(about.kind)
    size = QSize(max(_LEAST, int(name) + 52), _HEADER + _BODY)
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_node(painter, theme, about, QRectF(4.5, 0.5, size.width() - 9, size.height() - 1))
    painter.end()
    return pixmap


def _draw_node(painter: QPainter, theme: Theme, about: LayerInfo, body: QRectF) -> None:
    outline = QPainterPath()
    outline.addRoundedRect(body, 7, 7)
    painter.fillPath(outline, theme.color("surface"))
    painter.save()
    painter.setClipPath(outline)
    painter.fillRect(QRectF(0, 0, body.right(), _HEADER), theme.family_color(about.family))
    painter.restore()
    inside = QRect(14, 0, int(body.width()) - 20, _HEADER)
    paint_icon(painter, layer_icon(about.kind)[0], QRectF(13, 7, 16, 16), theme.color("on_family"))
    name = inside.adjusted(22, 0, 0, 0)
    draw_text(painter, about.kind, name, theme.color("on_family"), theme.ui_font(9.5, bold=True))
    title = QRect(14, _HEADER, inside.width(), _BODY)
    draw_text(painter, about.title, title, theme.color("dim"), theme.ui_font(8))
    painter.setPen(QPen(theme.color("accent"), 1))
    painter.drawPath(outline)
    painter.setBrush(theme.color("surface"))
    for left in (body.left(), body.right()):
        painter.drawEllipse(QPointF(left, _HEADER + _BODY / 2), 3.5, 3.5)
