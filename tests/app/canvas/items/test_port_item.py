"""A port is easy to hit, says what it is, and lights up while a wire is dragged."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsView

from app.canvas.drawing.nodegraphqt import IN, OUT
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.text.phrases import plain_tooltip

FACE = NodeViewModel(
    "lstm", "LSTM", "recurrent", "64 units",
    (PortSlot("x", None, "x"), PortSlot("initial", None, "state", optional=True)),
    (PortSlot("", None, "sequence"), PortSlot("state_h", None, "state h")),
    ("batch, 9, 64", "batch, 64"),
)  # fmt: skip
NOTHING = QGraphicsItem.GraphicsItemFlag.ItemHasNoContents


@pytest.fixture
def node(theme):
    return NodeItem(theme, FACE)


@pytest.fixture
def view(qtbot, node):
    scene = QGraphicsScene()
    scene.addItem(node)
    view = QGraphicsView(scene)
    view.setMouseTracking(True)
    view.resize(500, 300)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    yield view
    scene.removeItem(node)


def test_references_are_those_of_the_graph(node):
    """The only or first output is called like its node, others by node and output."""
    assert [place.reference for place in node.outputs] == ["lstm", "lstm.state_h"]
    assert node.inputs[0].reference == "lstm"
    assert [place.side for place in (*node.inputs, *node.outputs)] == [IN, IN, OUT, OUT]


def test_a_port_is_hit_within_twelve_pixels_of_its_middle(view, node):
    """What the pointer hits is 24 pixels wide and high at least."""
    place = node.inputs[0]
    for dx, dy in [(-12, 0), (11, 0), (0, 11), (0, -11)]:
        at = place.center + QPointF(dx, dy)
        assert view.scene().items(at)[0] is place


def test_its_middle_is_where_nodegraphqt_looks_for_it(node):
    """NodeGraphQt reckons with half of the bounding rectangle."""
    for place in (*node.inputs, *node.outputs):
        box = place.boundingRect()
        assert place.center == place.scenePos() + QPointF(box.width() / 2, box.height() / 2)


def test_hovering_lights_it_and_tells_its_name_and_shape(qtbot, view, node):
    """The pointer makes it stand out; its tool tip says name and shape."""
    place = node.outputs[1]
    qtbot.mouseMove(view.viewport(), QPoint(5, 5))
    qtbot.mouseMove(view.viewport(), view.mapFromScene(place.center))
    qtbot.waitUntil(lambda: place.hovered)
    assert place.toolTip() == plain_tooltip("state h: batch, 64")
    assert not place.flags() & NOTHING
    qtbot.mouseMove(view.viewport(), QPoint(5, 5))
    qtbot.waitUntil(lambda: not place.hovered)
    assert place.flags() & NOTHING


def test_a_name_from_a_file_is_plain_text_in_its_tool_tip(theme):
    """Tags in a label are shown, not obeyed."""
    node = NodeItem(theme, replace(FACE, inputs=(PortSlot("x", None, "<i>x</i>"),)))
    place = node.inputs[0]
    place.hoverEnterEvent(None)
    assert "&lt;i&gt;" in place.toolTip()


@pytest.mark.parametrize("light", ["fits", "dim", "target", "rejected"])
def test_every_light_is_seen(view, node, light):
    """Each light looks unlike the port at rest, and goes out without a trace."""
    place = node.inputs[0]
    rest = view.grab().toImage()
    place.highlight = light
    lit = view.grab().toImage()
    place.highlight = ""
    assert lit != rest
    assert view.grab().toImage() == rest


def test_lights_differ_from_each_other(view, node):
    """Fits, target and rejected are told apart."""
    pictures = []
    for light in ("fits", "target", "rejected"):
        node.inputs[0].highlight = light
        pictures.append(view.grab().toImage())
    assert pictures[0] != pictures[1] != pictures[2] != pictures[0]


def test_a_free_port_is_hollow(view, node, theme):
    """Unwired its middle has the canvas' colour."""
    at = view.mapFromScene(node.outputs[0].center)
    assert view.grab().toImage().pixelColor(at) == QColor(theme.tokens["canvas"])


def test_a_press_on_a_port_does_not_grab_its_node(qtbot, view, node):
    """Pressing a port begins a wire: the node below it stays where it is."""
    before, at = node.pos(), view.mapFromScene(node.outputs[0].center - QPointF(8, 0))
    qtbot.mouseMove(view.viewport(), QPoint(5, 5))
    qtbot.mouseMove(view.viewport(), at)
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(view.viewport(), at + QPoint(30, 30))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(30, 30))
    assert node.pos() == before
