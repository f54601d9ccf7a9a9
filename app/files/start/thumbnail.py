"""Thumbnails of graphs: unlabeled boxes in the colors of their families, and wires."""

from __future__ import annotations

from collections.abc import Mapping

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


def node_boxes(graph: Graph) -> Mapping[str, QRectF]:
    """Return a mapping from the name of each drawn node to its rectangle in layout coordinates."""
    shown = Graph(graph.nodes[:_MAX_NODES])
    positions = layered_layout(shown, {node.name: _BOX_SIZE for node in shown}, gap=_GAP).positions
    return {name: QRectF(x, y, *_BOX_SIZE) for name, (x, y) in positions.items()}


def paint_graph(
    painter: QPainter, area: QRectF, graph: Graph, boxes: Mapping[str, QRectF], theme: Theme
) -> None:
    """Draw a graph, centered and scaled to fit an area; `boxes` is the result of `node_boxes`."""
    bounds = QRectF()
    for box in boxes.values():
        bounds = bounds.united(box)
    if bounds.isEmpty():
        return
    scale = min(area.width() / bounds.width(), area.height() / bounds.height(), _MAX_SCALE)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(area.center())
    painter.scale(scale, scale)
    painter.translate(-bounds.center())
    _paint_wires(painter, graph, boxes, theme, scale)
    _paint_boxes(painter, graph, boxes, theme, scale)
    painter.restore()


def _paint_wires(
    painter: QPainter, graph: Graph, boxes: Mapping[str, QRectF], theme: Theme, scale: float
) -> None:
    painter.setPen(QPen(theme.color("outline"), 1.3 / scale))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for node in graph:
        for _, _, reference in node.wires():
            source = source_node(reference)
            if source in boxes and node.name in boxes:
                painter.drawPath(_wire_path(boxes[source], boxes[node.name]))


def _wire_path(source: QRectF, target: QRectF) -> QPainterPath:
    start = QPointF(source.right(), source.center().y())
    end = QPointF(target.left(), target.center().y())
    offset = QPointF(max(abs(end.x() - start.x()) / 2, 16), 0)
    path = QPainterPath(start)
    path.cubicTo(start + offset, end - offset, end)
    return path


def _paint_boxes(
    painter: QPainter, graph: Graph, boxes: Mapping[str, QRectF], theme: Theme, scale: float
) -> None:
    for node in graph:
        if node.name not in boxes:
            continue
        kind = catalogue.find_layer_class(graph.weight_owner(node).kind)
        color = theme.family_color(kind.family if kind else "")
        border = color.lighter(135) if theme.is_dark else color.darker(112)
        painter.setPen(QPen(border, 1 / scale))
        painter.setBrush(color)
        painter.drawRoundedRect(boxes[node.name], 7, 7)
