"""A graph as a small drawing without words: boxes in the tints of their families, and wires."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from app.theme.theme import Theme
from engine.diagram.layout.layered_layout import layout
from engine.graph.model import Graph, source_node
from engine.layers import catalogue

_BOX = (46.0, 30.0)
_GAP = (30.0, 22.0)
_MOST = 300  # nodes; more would be dust
_LARGEST = 0.8  # scale of a box


def boxes_of(graph: Graph) -> Mapping[str, QRectF]:
    """Return where the boxes of a graph's drawing lie, in units of their own."""
    shown = Graph(graph.nodes[:_MOST])
    places = layout(shown, {node.name: _BOX for node in shown}, gap=_GAP).places
    return {name: QRectF(x, y, *_BOX) for name, (x, y) in places.items()}


def paint_graph(
    painter: QPainter, area: QRectF, graph: Graph, boxes: Mapping[str, QRectF], theme: Theme
) -> None:
    """Draw a graph as large as it fits into an area, in its middle.

    Args:
        painter: draws.
        area: where to.
        graph: what to draw.
        boxes: what `boxes_of` answered for it.
        theme: for the colours.
    """
    bounds = QRectF()
    for box in boxes.values():
        bounds = bounds.united(box)
    if bounds.isEmpty():
        return
    scale = min(area.width() / bounds.width(), area.height() / bounds.height(), _LARGEST)
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
                painter.drawPath(_wire(boxes[source], boxes[node.name]))


def _wire(source: QRectF, target: QRectF) -> QPainterPath:
    start = QPointF(source.right(), source.center().y())
    end = QPointF(target.left(), target.center().y())
    reach = QPointF(max(abs(end.x() - start.x()) / 2, 16), 0)
    path = QPainterPath(start)
    path.cubicTo(start + reach, end - reach, end)
    return path


def _paint_boxes(
    painter: QPainter, graph: Graph, boxes: Mapping[str, QRectF], theme: Theme, scale: float
) -> None:
    for node in graph:
        if node.name not in boxes:
            continue
        kind = catalogue.find(graph.weight_owner(node).kind)
        tint = theme.family_color(kind.family if kind else "")
        painter.setPen(QPen(_edge(tint, theme), 1 / scale))
        painter.setBrush(tint)
        painter.drawRoundedRect(boxes[node.name], 7, 7)


def _edge(tint: QColor, theme: Theme) -> QColor:
    return tint.lighter(135) if theme.is_dark else tint.darker(112)
