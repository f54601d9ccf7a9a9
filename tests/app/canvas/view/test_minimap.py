"""The minimap shows where one is, and leads elsewhere."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QWidget

from app.canvas.view.minimap import Minimap

BOXES = [(QRectF(0, 0, 200, 100), "conv"), (QRectF(2000, 1000, 200, 100), "danger")]


@pytest.fixture
def minimap(qtbot, theme):
    around = QWidget()
    around.resize(400, 300)
    qtbot.addWidget(around)
    minimap = Minimap(theme, around)
    around.show()
    qtbot.waitExposed(around)
    minimap.set_boxes(BOXES)
    minimap.set_view(QRectF(0, 0, 800, 600))
    yield minimap
    around.close()


def test_it_is_hidden_while_there_is_nothing(qtbot, theme):
    """An empty graph has no map."""
    minimap = Minimap(theme)
    qtbot.addWidget(minimap)
    minimap.set_boxes([])
    assert minimap.isHidden()
    assert minimap.accessibleName()


def test_a_click_asks_for_that_place(qtbot, minimap):
    """The middle of the map is the middle of all nodes."""
    with qtbot.waitSignal(minimap.center_requested) as asked:
        qtbot.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=minimap.rect().center())
    assert (asked.args[0] - QPointF(1100, 550)).manhattanLength() < 30


def test_a_drag_goes_along(qtbot, minimap):
    """Each move with the button down asks again."""
    asked = []
    minimap.center_requested.connect(asked.append)
    qtbot.mousePress(minimap, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    qtbot.mouseMove(minimap, QPoint(60, 40))
    qtbot.mouseRelease(minimap, Qt.MouseButton.LeftButton, pos=QPoint(60, 40))
    qtbot.mouseMove(minimap, QPoint(80, 40))
    assert len(asked) == 2
    assert asked[1].x() > asked[0].x()
    assert asked[1].y() == asked[0].y()


def test_an_error_is_marked_by_a_cross_too(minimap, theme):
    """A box in the color of errors has lines from corner to corner in another color."""
    minimap.set_boxes([(QRectF(0, 0, 200, 100), "danger")])
    minimap.set_view(QRectF(0, 0, 0, 0))
    picture = minimap.grab().toImage()
    center = picture.rect().center()
    colors = {
        picture.pixelColor(center.x() + x, center.y() + y).name()
        for x in range(-8, 9)
        for y in range(-2, 3)
    }
    assert theme.color("danger").name() in colors
    assert len(colors) > 1


def test_nodes_and_the_part_in_sight_are_seen(minimap, theme):
    """A box has its own colour; what is seen moves with the view."""
    picture = minimap.grab().toImage()
    colors = {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert theme.color("danger").name() in colors
    minimap.set_view(QRectF(900, 400, 800, 600))
    assert minimap.grab().toImage() != picture


def test_a_view_far_away_is_not_drawn_across_the_edge(minimap):
    """Looking at nothing, the map shows the nodes alone."""
    minimap.set_view(QRectF(90_000, 90_000, 800, 600))
    there = minimap.grab().toImage()
    minimap.set_view(QRectF(-90_000, -90_000, 800, 600))
    assert minimap.grab().toImage() == there


def test_moving_the_view_keeps_the_picture_of_the_nodes(minimap):
    """Only new boxes, another size or theme draw it anew."""
    minimap.grab()
    kept = minimap.pixmap
    minimap.set_view(QRectF(5, 5, 800, 600))
    minimap.set_boxes(list(BOXES))
    minimap.grab()
    assert minimap.pixmap is kept
    minimap.resize(150, 90)
    minimap.grab()
    assert minimap.pixmap is not kept


def test_it_follows_the_theme(minimap, theme):
    """In light it is light."""
    dark = minimap.grab().toImage()
    theme.set_mode("light")
    assert minimap.grab().toImage() != dark
