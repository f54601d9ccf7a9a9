"""The graphics item of a frame: a titled box behind its nodes, or a small box when collapsed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from app.canvas.drawing.paint import NO_BRUSH, NO_PEN, faded, line, mix, top_rounded
from app.canvas.drawing.pens import Look, look_of
from app.canvas.drawing.text_fit import Words, cut, draw_words, one_line
from app.canvas.items.level_of_detail import Level, level_at
from app.text.phrases import counted
from app.theme.theme import Theme

BAR, EDGE, RADIUS = 24.0, 8.0, 8.0
FOLDED = (200.0, 64.0)
_BEHIND = -2
_MARGIN = 6.0
_SELECTABLE = QGraphicsItem.GraphicsItemFlag.ItemIsSelectable


class FrameItem(QGraphicsItem):
    """The item of a frame. Only its title bar and border accept the pointer.

    Args:
        theme: the source of its colours.
        title: the text in its title bar.
        tint: a layer family whose colour it uses, or "#rrggbb"; "" is neutral.

    `anchored_wires` are the wires that are drawn to its edges while it is collapsed.
    """

    def __init__(self, theme: Theme, title: str = "", tint: str = "") -> None:
        super().__init__()
        self._look: Look = look_of(theme)
        self._theme = theme
        self.title, self.tint = title, tint
        self.collapsed, self.count = False, 0
        self.anchored: set[Any] = set()
        self._box = QRectF(0, 0, *FOLDED)
        self.setZValue(_BEHIND)
        self.setFlag(_SELECTABLE, True)

    @property
    def box(self) -> QRectF:
        """Its rectangle with the title bar, in item coordinates."""
        return self._box

    @property
    def color(self) -> QColor:
        """The colour of its tint."""
        if self.tint.startswith("#"):
            return QColor(self.tint)
        return self._theme.family(self.tint)

    @property
    def chevron(self) -> QRectF:
        """The rectangle of the collapse arrow, in item coordinates."""
        return QRectF(4, 0, BAR, BAR) if not self.collapsed else QRectF(10, 20, BAR, BAR)

    @property
    def left_edge(self) -> QPointF:
        """Where wires into a collapsed frame end, in scene coordinates."""
        return self.mapToScene(QPointF(0, FOLDED[1] / 2))

    @property
    def right_edge(self) -> QPointF:
        """Where wires out of a collapsed frame begin, in scene coordinates."""
        return self.mapToScene(QPointF(FOLDED[0], FOLDED[1] / 2))

    def set_state(self, title: str, tint: str, collapsed: bool, count: int) -> None:
        """Set the title, colour, collapsed state and node count."""
        if (title, tint, collapsed, count) == (self.title, self.tint, self.collapsed, self.count):
            return
        self.prepareGeometryChange()
        self.title, self.tint, self.collapsed, self.count = title, tint, collapsed, count
        self.update()

    def fit(self, rect: QRectF) -> None:
        """Surround a scene rectangle; if collapsed, move to its center."""
        if self.collapsed:
            width, height = FOLDED
            corner = rect.center() - QPointF(width / 2, height / 2)
        else:
            width, height = rect.width(), rect.height() + BAR
            corner = rect.topLeft() - QPointF(0, BAR)
        box = QRectF(0, 0, width, height)
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box
            self.update()
        if corner != self.pos():
            self.setPos(corner)
            for wire in tuple(self.anchored):
                wire.redraw()

    def boundingRect(self) -> QRectF:
        """Return the painted area with its margin."""
        return self._box.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        """Return the title bar and border, without the interior."""
        path = QPainterPath()
        path.addRect(self._box)
        if not self.collapsed:
            # Odd-even filling leaves a hole, in which a selection rectangle can begin.
            path.addRect(self._box.adjusted(EDGE, BAR, -EDGE, -EDGE))
        return path

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint the frame."""
        color, level = self.color, level_at(painter.worldTransform().m11())
        if self.collapsed:
            self._paint_collapsed(painter, color, level)
        else:
            self._paint_expanded(painter, color, level)
        painter.setBrush(NO_BRUSH)
        painter.setPen(self._look.chosen if self.isSelected() else line(faded(color, 150), 1.2))
        painter.drawRoundedRect(self._box, RADIUS, RADIUS)

    def _paint_expanded(self, painter: QPainter, color: QColor, level: Level | None) -> None:
        painter.setPen(NO_PEN)
        painter.setBrush(faded(color, 26))
        painter.drawRoundedRect(self._box, RADIUS, RADIUS)
        painter.setBrush(mix(self._look.canvas, color, 0.3))
        # With a larger font, the bar extends into the free space above the nodes.
        height = BAR if level is None else max(BAR, level.size * 1.3)
        painter.drawPath(top_rounded(self._box.width(), height, RADIUS))
        self._paint_title(painter, QPointF(BAR + 6, height * 0.69), level)

    def _paint_collapsed(self, painter: QPainter, color: QColor, level: Level | None) -> None:
        look = self._look
        painter.setPen(NO_PEN)
        painter.setBrush(mix(look.body.color(), color, 0.28))
        painter.drawRoundedRect(self._box, RADIUS, RADIUS)
        is_name_only = level is not None and level.is_name_only
        self._paint_title(painter, QPointF(40, 42 if is_name_only else 28), level)
        if is_name_only:
            return
        painter.setPen(look.caption)
        font, baseline = ("caption", 45) if level is None else (level.caption, 50)
        draw_words(painter, font, Words(counted(self.count, "node"), QPointF(40, baseline)))

    def _paint_title(self, painter: QPainter, position: QPointF, level: Level | None) -> None:
        look, center = self._look, self.chevron.center()
        painter.setPen(line(look.caption, 1.8))
        if self.collapsed:
            points = [QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)]
        else:
            points = [QPointF(-4, -2), QPointF(0, 2), QPointF(4, -2)]
        painter.drawPolyline([center + point for point in points])
        painter.setPen(look.text)
        font = "name" if level is None else level.name
        draw_words(painter, font, Words(self.caption(font), position))

    def caption(self, font: str = "name") -> str:
        """Return the title, elided to the width of the bar."""
        return cut(font, one_line(self.title), self._box.width() - 54)
