"""Thumbnails of graphs: unlabeled boxes in the colors of their families, and wires."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from app.theme.theme import Theme
from engine.diagram.layout.layered_layout import layered_layout
from engine.graph.model import Graph, source_node
from engine.layers import catalogue

_BOX_SIZE = (46.0, 30.0)
_GAP = (30.0, 22.0)
_MAX_NODES = 300  # further nodes would be too small to see
_MAX_SCALE = 0.8


class Thumbnail:
    """A small picture of a graph."""

    def __init__(self, graph: Graph, theme: Theme) -> None:
        self._graph, self._theme = graph, theme
        shown = Graph(graph.nodes[:_MAX_NODES])
        sizes = {node.name: _BOX_SIZE for node in shown}
        positions = layered_layout(shown, sizes, gap=_GAP).positions
        self._boxes = {name: QRectF(x, y, *_BOX_SIZE) for name, (x, y) in positions.items()}

    def paint(self, painter: QPainter, area: QRectF) -> None:
        """Paint the graph, centered and scaled to fit an area."""
        bounds = QRectF()
        for box in self._boxes.values():
            bounds = bounds.united(box)
        if bounds.isEmpty():
            return
        scale = min(area.width() / bounds.width(), area.height() / bounds.height(), _MAX_SCALE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(area.center())
        painter.scale(scale, scale)
        painter.translate(-bounds.center())
        self._paint_wires(painter, scale)
        self._paint_boxes(painter, scale)
        painter.restore()

    def _paint_wires(self, painter: QPainter, scale: float) -> None:
        painter.setPen(QPen(self._theme.color("outline"), 1.3 / scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for node in self._graph:
            for _, _, reference in node.wires():
                source = source_node(reference)
                if source in self._boxes and node.name in self._boxes:
                    painter.drawPath(_wire_path(self._boxes[source], self._boxes[node.name]))

    def _paint_boxes(self, painter: QPainter, scale: float) -> None:
        for name, box in self._boxes.items():
            node = self._graph[name]
            kind = catalogue.find_layer_class(self._graph.weight_owner(node).kind)
            color = self._theme.family_color(kind.family if kind else "")
            border = color.lighter(135) if self._theme.is_dark else color.darker(112)
            painter.setPen(QPen(border, 1 / scale))
            painter.setBrush(color)
            painter.drawRoundedRect(box, 7, 7)


def _wire_path(source: QRectF, target: QRectF) -> QPainterPath:
    start = QPointF(source.right(), source.center().y())
    end = QPointF(target.left(), target.center().y())
    offset = QPointF(max(abs(end.x() - start.x()) / 2, 16), 0)
    path = QPainterPath(start)
    path.cubicTo(start + offset, end - offset, end)
    return path
