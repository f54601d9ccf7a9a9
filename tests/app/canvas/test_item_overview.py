"""From afar the whole graph is drawn in a few calls, and errors still stand out."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsScene

from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.wire_item import WireItem
from app.canvas.view import bulk_painter

FACE = NodeViewModel("a", "Dense", "dense", "", (PortSlot("x"),), (PortSlot(""),), ("batch, 64",))


@pytest.fixture
def graph(theme):
    scene = QGraphicsScene()
    nodes = [NodeItem(theme, FACE), NodeItem(theme, replace(FACE, name="b", family="conv"))]
    nodes[1].setPos(600, 0)
    wire = WireItem(theme)
    for item in (*nodes, wire):
        scene.addItem(item)
    wire.set_ports(nodes[0].outputs[0], nodes[1].inputs[0])
    return scene, nodes, [wire]


def drawn(theme, nodes, wires, frames=(), exposed=None):
    """Return the overview at a fifth of the size."""
    picture = QImage(200, 60, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(QColor("black"))
    painter = QPainter(picture)
    painter.scale(0.2, 0.2)
    bulk_painter.paint_in_bulk(
        painter, theme, nodes, wires, exposed or QRectF(-50, -50, 1200, 500), frames
    )
    painter.end()
    return picture


def test_nodes_wires_and_errors_are_seen(theme, graph):
    """Nodes have their family's colour, a wire is between them, an error has another colour."""
    _, nodes, wires = graph
    picture = drawn(theme, nodes, wires)
    first, second = picture.pixelColor(10, 5), picture.pixelColor(130, 5)
    assert first != second
    assert picture.pixelColor(70, 14) != QColor("black")
    nodes[0].set_view_model(replace(FACE, badge="error"))
    assert drawn(theme, nodes, wires).pixelColor(10, 2) == QColor(theme.tokens["danger"])


def test_what_is_hidden_or_out_of_sight_is_left_out(theme, graph):
    """A node in a collapsed frame is not drawn, nor what is not exposed."""
    _, nodes, wires = graph
    nodes[0].setVisible(False)
    assert drawn(theme, nodes, wires).pixelColor(10, 5) == QColor("black")
    far = drawn(theme, nodes, [], exposed=QRectF(5000, 5000, 10, 10))
    assert far.pixelColor(130, 5) == QColor("black")


def test_selection_and_frames_are_seen(theme, graph):
    """Both change the picture."""
    _, nodes, wires = graph
    plain = drawn(theme, nodes, wires)
    frame = FrameItem(theme, "Head", "merge")
    frame.fit_to(QRectF(0, 150, 300, 100))
    assert drawn(theme, nodes, wires, [frame]) != plain
    nodes[1].setSelected(True)
    assert drawn(theme, nodes, wires) != plain
