"""Painting of layer types in palette and add menu: icon tile, highlighted name, drag pixmap."""

from __future__ import annotations

from collections.abc import Collection
from html import escape
from itertools import groupby

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from app.text.layer_search import LayerInfo, layer_icon
from app.theme.icons import paint_icon
from app.theme.theme import Theme

TILE_SIZE = 20
_MIN_NODE_WIDTH, _HEADER_HEIGHT, _BODY_HEIGHT = 140, 30, 22  # pixels of the drag pixmap


def draw_tile(painter: QPainter, theme: Theme, info: LayerInfo, rect: QRect) -> None:
    """Paint the tile of a layer type: its icon on a background in the color of the family."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.family_color(info.family))
    painter.drawRoundedRect(rect, 5, 5)
    inside = QRectF(rect.adjusted(3, 3, -3, -3))
    paint_icon(painter, layer_icon(info.kind)[0], inside, theme.color("on_family"))


def draw_name(
    painter: QPainter, theme: Theme, name: str, matched: Collection[int], rect: QRect, font: QFont
) -> float:
    """Paint a name, elided to the rectangle, and return the painted width.

    `matched` are the indices of the letters to highlight.
    """
    bold = QFont(font)
    bold.setWeight(QFont.Weight.Bold)
    metrics = QFontMetricsF(bold if matched else font)
    name = metrics.elidedText(name, Qt.TextElideMode.ElideRight, rect.width())
    left = float(rect.left())
    for is_match, run in groupby(range(len(name)), key=lambda index: index in matched):
        text = "".join(name[index] for index in run)
        painter.setFont(bold if is_match else font)
        painter.setPen(theme.color("accent" if is_match else "text"))
        box = QRectF(left, rect.top(), rect.right() - left + 1, rect.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), text)
        left += QFontMetricsF(painter.font()).horizontalAdvance(text)
    return left - rect.left()


def draw_text(
    painter: QPainter,
    text: str,
    rect: QRect,
    color: QColor,
    font: QFont,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Paint a line of text, elided to the rectangle."""
    painter.setFont(font)
    painter.setPen(color)
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(align | Qt.AlignmentFlag.AlignVCenter), elided)


def tooltip_html(theme: Theme, info: LayerInfo) -> str:
    """Return the HTML tooltip of a layer type: name, summary and shapes."""
    tokens = theme.tokens
    shapes = escape(" ".join(info.shapes.splitlines()))
    return (
        f'<div style="font-weight:600">{escape(info.kind)} '
        f'<span style="color:{tokens["dim"]};font-weight:400"> {escape(info.title)}</span></div>'
        f'<div style="margin-top:4px">{escape(info.summary)}</div>'
        f'<div style="margin-top:6px;color:{tokens["shape"]}">'
        f"<span style=\"font-family:'JetBrains Mono'\">{shapes}</span></div>"
    )


def node_pixmap(theme: Theme, info: LayerInfo, ratio: float) -> QPixmap:
    """Return the drag image of a layer type: a small node. `ratio` is the device pixel ratio."""
    name_width = QFontMetricsF(theme.ui_font(9.5, bold=True)).horizontalAdvance(info.kind)
    size = QSize(max(_MIN_NODE_WIDTH, int(name_width) + 52), _HEADER_HEIGHT + _BODY_HEIGHT)
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_node(painter, theme, info, QRectF(4.5, 0.5, size.width() - 9, size.height() - 1))
    painter.end()
    return pixmap


def _draw_node(painter: QPainter, theme: Theme, info: LayerInfo, body: QRectF) -> None:
    outline = QPainterPath()
    outline.addRoundedRect(body, 7, 7)
    painter.fillPath(outline, theme.color("surface"))
    painter.save()
    painter.setClipPath(outline)
    painter.fillRect(QRectF(0, 0, body.right(), _HEADER_HEIGHT), theme.family_color(info.family))
    painter.restore()
    inside = QRect(14, 0, int(body.width()) - 20, _HEADER_HEIGHT)
    paint_icon(painter, layer_icon(info.kind)[0], QRectF(13, 7, 16, 16), theme.color("on_family"))
    name = inside.adjusted(22, 0, 0, 0)
    draw_text(painter, info.kind, name, theme.color("on_family"), theme.ui_font(9.5, bold=True))
    title = QRect(14, _HEADER_HEIGHT, inside.width(), _BODY_HEIGHT)
    draw_text(painter, info.title, title, theme.color("dim"), theme.ui_font(8))
    painter.setPen(QPen(theme.color("accent"), 1))
    painter.drawPath(outline)
    painter.setBrush(theme.color("surface"))
    for left in (body.left(), body.right()):
        painter.drawEllipse(QPointF(left, _HEADER_HEIGHT + _BODY_HEIGHT / 2), 3.5, 3.5)
