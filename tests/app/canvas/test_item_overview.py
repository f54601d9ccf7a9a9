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


def drawn(theme, nodes, wires, frames=(), overview=None):
    """Return the overview at a fifth of the size."""
    picture = QImage(200, 60, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(QColor("black"))
    painter = QPainter(picture)
    painter.scale(0.2, 0.2)
    overview = overview or bulk_painter.Overview()
    overview.update(nodes, wires)
    bulk_painter.paint_in_bulk(painter, theme, overview, frames)
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


def test_what_is_hidden_is_left_out(theme, graph):
    """A node in a collapsed frame is not drawn."""
    _, nodes, wires = graph
    nodes[0].setVisible(False)
    assert drawn(theme, nodes, wires).pixelColor(10, 5) == QColor("black")


def test_an_overview_follows_every_change_of_what_it_shows(theme, graph):
    """The picture of a kept overview is that of a new one after each change."""
    _, nodes, wires = graph
    kept = bulk_painter.Overview()
    pictures = [drawn(theme, nodes, wires, overview=kept)]

    def assert_changed() -> None:
        pictures.append(drawn(theme, nodes, wires, overview=kept))
        assert pictures[-1] != pictures[-2]
        assert pictures[-1] == drawn(theme, nodes, wires)

    nodes[1].setPos(500, 60)
    assert_changed()
    nodes[1].set_view_model(replace(FACE, name="b", family="conv", badge="error"))
    assert_changed()
    nodes[0].setSelected(True)
    assert_changed()
    wires[0].glow = True
    assert_changed()
    wires[0].set_points([(300, 200), (400, 200)])
    assert_changed()
    nodes[1].setVisible(False)
    assert_changed()
    lines = kept.lines
    drawn(theme, nodes, wires, overview=kept)
    assert kept.lines is lines


def test_selection_and_frames_are_seen(theme, graph):
    """Both change the picture."""
    _, nodes, wires = graph
    plain = drawn(theme, nodes, wires)
    frame = FrameItem(theme, "Head", "merge")
    frame.fit_to(QRectF(0, 150, 300, 100))
    assert drawn(theme, nodes, wires, [frame]) != plain
    nodes[1].setSelected(True)
    assert drawn(theme, nodes, wires) != plain
