"""The graphics item of a frame: a titled box behind its nodes, or a small box when collapsed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.paint import (
    NO_BRUSH,
    NO_PEN,
    round_pen,
    top_rounded_path,
    with_alpha,
)
from app.canvas.drawing.pens import CanvasStyle, canvas_style
from app.canvas.drawing.text_fit import TextRun, draw_text, elide, single_line
from app.canvas.items.level_of_detail import DetailLevel, detail_level_at
from app.canvas.items.port_item import ConnectedWire
from app.theme.theme import Theme, mix_colors
from engine.core.formatting.counts import count_noun

TITLE_BAR_HEIGHT, BORDER_WIDTH, RADIUS = 24.0, 8.0, 8.0
COLLAPSED_SIZE = (200.0, 64.0)
_BEHIND = -2
_MARGIN = 6.0
_SELECTABLE = QGraphicsItem.GraphicsItemFlag.ItemIsSelectable


class FrameItem(QGraphicsItem):
    """The item of a frame. Only its title bar and border accept the pointer.

    Args:
        title: the text in the title bar.
        tint: the layer family whose color is used, or "#rrggbb"; "" for a neutral color.

    While the frame is collapsed, `anchored_wires` are the wires that are drawn to its edges.
    """

    def __init__(self, theme: Theme, title: str = "", tint: str = "") -> None:
        super().__init__()
        self._canvas_style: CanvasStyle = canvas_style(theme)
        self._theme = theme
        self.title, self.tint = title, tint
        self.collapsed, self.node_count = False, 0
        self.anchored_wires: set[ConnectedWire] = set()
        self.box = QRectF(0, 0, *COLLAPSED_SIZE)  # with the title bar, in item coordinates
        self.setZValue(_BEHIND)
        self.setFlag(_SELECTABLE, True)

    @property
    def color(self) -> QColor:
        if self.tint.startswith("#"):
            return QColor(self.tint)
        return self._theme.family_color(self.tint)

    @property
    def chevron(self) -> QRectF:
        """The rectangle of the collapse arrow, in item coordinates."""
        x, y = (10, 20) if self.collapsed else (4, 0)
        return QRectF(x, y, TITLE_BAR_HEIGHT, TITLE_BAR_HEIGHT)

    @property
    def left_edge(self) -> QPointF:
        """The point where wires into a collapsed frame end, in scene coordinates."""
        return self.mapToScene(QPointF(0, COLLAPSED_SIZE[1] / 2))

    @property
    def right_edge(self) -> QPointF:
        """The point where wires out of a collapsed frame start, in scene coordinates."""
        return self.mapToScene(QPointF(COLLAPSED_SIZE[0], COLLAPSED_SIZE[1] / 2))

    def set_state(self, title: str, tint: str, collapsed: bool, count: int) -> None:
        old = (self.title, self.tint, self.collapsed, self.node_count)
        if (title, tint, collapsed, count) != old:
            self.prepareGeometryChange()
            self.title, self.tint, self.collapsed, self.node_count = title, tint, collapsed, count
            self.update()

    def fit_to(self, rect: QRectF) -> None:
        """Surround a scene rectangle; a collapsed frame only moves to the rectangle's center."""
        if self.collapsed:
            width, height = COLLAPSED_SIZE
            corner = rect.center() - QPointF(width / 2, height / 2)
        else:
            width, height = rect.width(), rect.height() + TITLE_BAR_HEIGHT
            corner = rect.topLeft() - QPointF(0, TITLE_BAR_HEIGHT)
        box = QRectF(0, 0, width, height)
        if box != self.box:
            self.prepareGeometryChange()
            self.box = box
            self.update()
        if corner != self.pos():
            self.setPos(corner)
            for wire in tuple(self.anchored_wires):
                wire.update_path()

    def boundingRect(self) -> QRectF:
        return self.box.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        """Return the title bar and border, without the interior."""
        path = QPainterPath()
        path.addRect(self.box)
        if not self.collapsed:
            # With odd-even filling, the inner rectangle is a hole in which selecting can start.
            width = BORDER_WIDTH
            path.addRect(self.box.adjusted(width, TITLE_BAR_HEIGHT, -width, -width))
        return path

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        color, level = self.color, detail_level_at(painter.worldTransform().m11())
        if self.collapsed:
            self._paint_collapsed(painter, color, level)
        else:
            self._paint_expanded(painter, color, level)
        painter.setBrush(NO_BRUSH)
        normal_pen = round_pen(with_alpha(color, 150), 1.2)
        painter.setPen(self._canvas_style.selected_pen if self.isSelected() else normal_pen)
        painter.drawRoundedRect(self.box, RADIUS, RADIUS)

    def _paint_expanded(self, painter: QPainter, color: QColor, level: DetailLevel | None) -> None:
        painter.setPen(NO_PEN)
        painter.setBrush(with_alpha(color, 26))
        painter.drawRoundedRect(self.box, RADIUS, RADIUS)
        painter.setBrush(mix_colors(color, self._canvas_style.canvas, 0.3))
        # With a larger font, the bar extends into the free space above the nodes.
        height = TITLE_BAR_HEIGHT if level is None else max(TITLE_BAR_HEIGHT, level.font_size * 1.3)
        painter.drawPath(top_rounded_path(self.box.width(), height, RADIUS))
        self._paint_title(painter, QPointF(TITLE_BAR_HEIGHT + 6, height * 0.69), level)

    def _paint_collapsed(self, painter: QPainter, color: QColor, level: DetailLevel | None) -> None:
        style = self._canvas_style
        painter.setPen(NO_PEN)
        painter.setBrush(mix_colors(color, style.body_brush.color(), 0.28))
        painter.drawRoundedRect(self.box, RADIUS, RADIUS)
        is_name_only = level is not None and level.is_name_only
        self._paint_title(painter, QPointF(40, 42 if is_name_only else 28), level)
        if is_name_only:
            return
        painter.setPen(style.caption)
        font, baseline = ("caption", 45) if level is None else (level.caption_font, 50)
        text = count_noun(self.node_count, "node")
        draw_text(painter, font, TextRun(text, QPointF(40, baseline)))

    def _paint_title(self, painter: QPainter, position: QPointF, level: DetailLevel | None) -> None:
        style, center = self._canvas_style, self.chevron.center()
        painter.setPen(round_pen(style.caption, 1.8))
        if self.collapsed:
            points = [QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)]
        else:
            points = [QPointF(-4, -2), QPointF(0, 2), QPointF(4, -2)]
        painter.drawPolyline([center + point for point in points])
        painter.setPen(style.text)
        font = "name" if level is None else level.name_font
        draw_text(painter, font, TextRun(self.elided_title(font), position))

    def elided_title(self, font: str = "name") -> str:
        return elide(font, single_line(self.title), self.box.width() - 54)
