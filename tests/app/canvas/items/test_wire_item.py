"""A wire follows its ports, is easy to hit, and says what flows along it."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

from app.canvas.items.drag_wire import DragWireItem, wire_path
from app.canvas.items.frame_item import FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.wire_item import WireItem
from app.canvas.items.wire_label import WireLabel
from app.text.phrases import plain_tooltip

FACE = NodeViewModel("a", "Dense", "dense", "", (PortSlot("x"),), (PortSlot(""),), ("batch, 64",))


class Small:
    """Two nodes and a wire, with a view on them."""

    def __init__(self, theme):
        self.scene = QGraphicsScene()
        self.a, self.b = NodeItem(theme, FACE), NodeItem(theme, FACE)
        self.wire = WireItem(theme)
        for item in (self.a, self.b, self.wire):
            self.scene.addItem(item)
        self.b.setPos(400, 100)
        self.wire.set_ports(self.a.outputs[0], self.b.inputs[0])
        self.wire.label = "batch, 64"
        self.view = QGraphicsView(self.scene)
        self.view.setMouseTracking(True)
        self.view.setSceneRect(-50, -50, 800, 400)
        self.view.resize(820, 420)

    def picture(self):
        """Return what is seen."""
        return self.view.grab().toImage()


@pytest.fixture
def small(qtbot, theme):
    small = Small(theme)
    qtbot.addWidget(small.view)
    small.view.show()
    qtbot.waitExposed(small.view)
    return small


def middle(wire):
    """Return a point of the scene on the wire."""
    return wire.path().pointAtPercent(0.5)


def test_a_wire_runs_from_port_to_port_and_follows_them(small):
    """Its ends are the middles of the ports, also after a node has moved."""
    small.b.setPos(300, 20)
    path = small.wire.path()
    assert path.pointAtPercent(0) == small.a.outputs[0].center
    assert path.pointAtPercent(1) == small.b.inputs[0].center
    assert small.wire.endpoints == (small.a.outputs[0].center, small.b.inputs[0].center)


def test_it_leaves_and_arrives_from_left_to_right(qapp):
    """Even when the node that it leads to stands on the left."""
    path = wire_path([QPointF(0, 0), QPointF(-300, 80)])
    assert path.pointAtPercent(0.02).x() > 0
    assert path.pointAtPercent(0.98).x() < -300


def test_it_is_led_through_its_points(small):
    """The line meets every bend."""
    small.wire.set_points([(250, 200), (330, 220)])
    assert small.wire.points == ((250, 200), (330, 220))
    for x, y in small.wire.points:
        assert small.wire.path().intersects(QRectF(x - 1, y - 1, 2, 2))


@pytest.mark.parametrize("zoom", [1.0, 0.5])
def test_it_is_hit_within_six_pixels_on_the_screen(small, zoom):
    """Far away the wire is as easy to hit as near by."""
    small.view.setTransform(QTransform.fromScale(zoom, zoom))
    small.b.setPos(400, 0)
    at = middle(small.wire)
    assert small.wire.contains(at + QPointF(0, 5.5 / zoom))
    assert not small.wire.contains(at + QPointF(0, 9 / zoom))
    assert small.wire.boundingRect().contains(at + QPointF(0, 5.5))


def test_hovering_tells_the_shape_and_leaving_hushes(qtbot, small):
    """The chip is there while the pointer is on the wire, and not found by the pointer itself."""
    port = small.view.viewport()
    qtbot.mouseMove(port, QPoint(3, 3))
    qtbot.mouseMove(port, small.view.mapFromScene(middle(small.wire)))
    tags = lambda: [item for item in small.scene.items() if isinstance(item, WireLabel)]  # noqa: E731
    qtbot.waitUntil(lambda: len(tags()) == 1)
    assert not any(isinstance(item, WireLabel) for item in small.scene.items(middle(small.wire)))
    qtbot.mouseMove(port, QPoint(3, 3))
    qtbot.waitUntil(lambda: not tags())


@pytest.mark.parametrize(
    ("gap", "zoom", "fits"), [(220, 1, True), (40, 1, False), (120, 0.5, False)]
)
def test_a_shape_is_written_on_a_wire_only_where_it_covers_no_neighbour(small, gap, zoom, fits):
    """Between nodes that stand close, after Tidy say, a tool tip tells it."""
    small.b.setPos(small.a.width + gap, 0)
    small.view.setTransform(QTransform.fromScale(zoom, zoom))
    before = small.picture()
    small.wire.hoverEnterEvent(None)
    (tag,) = (item for item in small.scene.items() if isinstance(item, WireLabel))
    assert tag.has_space == fits
    assert small.wire.toolTip() == ("" if fits else plain_tooltip(small.wire.label))
    seen = small.picture()
    for node in (small.a, small.b):
        box = small.view.mapFromScene(node.scene_rect.adjusted(12, 2, -12, -2)).boundingRect()
        assert seen.copy(box) == before.copy(box)
    small.wire.hoverLeaveEvent(None)


def test_a_shape_goes_when_zooming_takes_its_room(small):
    """The wheel zooms while the pointer rests on the wire."""
    small.b.setPos(small.a.width + 120, 0)
    small.wire.hoverEnterEvent(None)
    (tag,) = (item for item in small.scene.items() if isinstance(item, WireLabel))
    assert tag.has_space
    small.view.setTransform(QTransform.fromScale(0.5, 0.5))
    assert not tag.has_space
    small.wire.hoverLeaveEvent(None)


def test_a_wire_that_goes_takes_its_chip_along(small):
    """Deleting a hovered wire leaves nothing in the scene, and its ports free."""
    small.wire.hoverEnterEvent(None)
    small.wire.delete()
    assert set(small.scene.items()) == {small.a, small.b, *small.a.inputs, *small.a.outputs,
                                        *small.b.inputs, *small.b.outputs}  # fmt: skip
    assert not small.a.outputs[0].is_wired


def test_a_wire_is_one_item(small):
    """No arrow, no text: it has no children."""
    assert not small.wire.childItems()


@pytest.mark.parametrize("name", ["glow", "off", "is_node_selected"])
def test_every_state_is_seen(small, name):
    """What changes is repainted without further asking."""
    before = small.picture()
    setattr(small.wire, name, True)
    assert small.picture() != before
    setattr(small.wire, name, False)
    assert small.picture() == before


def test_selection_of_wire_or_node_is_seen(small):
    """A selected node makes its wires stand out; a selected wire even more."""
    before = small.picture()
    small.wire.setSelected(True)
    assert small.picture() != before
    small.wire.setSelected(False)
    small.a.setSelected(True)
    assert small.wire.is_node_selected
    small.a.setSelected(False)
    assert not small.wire.is_node_selected


def test_new_ends_free_the_old_ones(small, theme):
    """A wire is at two ports at most."""
    other = NodeItem(theme, FACE)
    small.scene.addItem(other)
    small.wire.set_ports(small.a.outputs[0], other.inputs[0])
    assert not small.b.inputs[0].is_wired
    assert other.inputs[0].is_wired
    assert small.a.outputs[0].connected_pipes == [small.wire]
    assert small.wire.target_port.node is other


def test_a_collapsed_frame_takes_the_ends_of_wires(small, theme):
    """The wire ends at the frame's edge and follows it; within one frame it is not seen."""
    frame = FrameItem(theme)
    small.scene.addItem(frame)
    frame.set_state("Head", "", True, 1)
    frame.fit_to(QRectF(500, 100, 300, 200))
    small.wire.set_anchors(None, frame)
    assert small.wire.endpoints[1] == frame.left_edge
    frame.fit_to(QRectF(520, 140, 300, 200))
    assert small.wire.endpoints[1] == frame.left_edge
    small.wire.set_anchors(frame, frame)
    assert not small.wire.isVisible()
    small.wire.set_anchors(None, None)
    assert small.wire.isVisible()
    assert small.wire.endpoints[1] == small.b.inputs[0].center
    assert not frame.anchored_wires


@pytest.mark.parametrize("ok", [None, True, False])
def test_the_live_wire_follows_the_pointer_and_is_in_nobodys_way(small, theme, ok):
    """It ends where it is told, says whether it fits, and the pointer looks through it."""
    live = DragWireItem(theme)
    small.scene.addItem(live)
    before = small.picture()
    live.draw([QPointF(0, 0), QPointF(300, 200)], ok)
    assert live.path().pointAtPercent(1) == QPointF(300, 200)
    assert small.picture() != before
    assert live not in small.scene.items(live.path().pointAtPercent(0.5))
    live.draw([QPointF(300, 200), QPointF(0, 0)], ok)
    assert live.path().pointAtPercent(0) == QPointF(300, 200)
