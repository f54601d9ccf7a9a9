"""A frame stands behind its nodes and leaves the pointer to what is in it."""

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsScene

from app.canvas.drawing.text_fit import text_width
from app.canvas.items.frame_item import COLLAPSED_SIZE, TITLE_BAR_HEIGHT, FrameItem
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import NodeViewModel


@pytest.fixture
def frame(theme):
    frame = FrameItem(theme, "Encoder", "conv")
    frame.fit_to(QRectF(100, 100, 400, 300))
    return frame


def picture(frame):
    """Return the frame alone."""
    scene = QGraphicsScene()
    scene.addItem(frame)
    box = frame.sceneBoundingRect()
    image = QImage(box.size().toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#808080"))
    painter = QPainter(image)
    scene.render(painter, QRectF(image.rect()), box)
    painter.end()
    scene.removeItem(frame)
    return image


def test_its_bar_stands_above_what_it_surrounds(frame):
    """The rectangle asked for stays free; the title is above it."""
    assert frame.box.translated(frame.pos()) == QRectF(
        100, 100 - TITLE_BAR_HEIGHT, 400, 300 + TITLE_BAR_HEIGHT
    )


def test_only_title_and_edge_are_found_by_the_pointer(frame):
    """A marquee can begin inside."""
    assert frame.contains(QPointF(50, 10))
    assert frame.contains(QPointF(3, 150))
    assert not frame.contains(QPointF(200, 150))
    frame.set_state("Encoder", "conv", True, 7)
    frame.fit_to(QRectF(100, 100, 400, 300))
    assert frame.contains(QPointF(100, 40))


def test_collapsed_it_is_a_small_box_in_the_middle(frame):
    """Wires end at the middles of its sides, and its chevron is inside."""
    frame.set_state("Encoder", "conv", True, 7)
    frame.fit_to(QRectF(100, 100, 400, 300))
    assert (frame.box.width(), frame.box.height()) == COLLAPSED_SIZE
    assert frame.sceneBoundingRect().center() == QPointF(300, 250)
    assert frame.left_edge == QPointF(200, 250)
    assert frame.right_edge == QPointF(400, 250)
    assert frame.box.contains(frame.chevron)


def test_it_is_behind_nodes(frame, theme):
    """Nodes are drawn over it."""
    assert frame.zValue() < NodeItem(theme, NodeViewModel("a", "Dense", "dense")).zValue()


@pytest.mark.parametrize("shown", [("Other", "conv", False, 0), ("Encoder", "", False, 0),
                                   ("Encoder", "#aa3355", False, 0)])  # fmt: skip
def test_title_and_colour_are_seen(frame, shown):
    """Another title or colour looks different."""
    before = picture(frame)
    frame.set_state(*shown)
    assert picture(frame) != before


def test_selection_is_seen(frame):
    """A selected frame has an accent around it."""
    before = picture(frame)
    frame.setSelected(True)
    assert picture(frame) != before


def test_a_long_title_is_cut(theme):
    """However long, it stays in its bar."""
    frame = FrameItem(theme, "title " * 100)
    frame.fit_to(QRectF(0, 0, 180, 100))
    assert text_width("name", frame.elided_title()) <= 180 - TITLE_BAR_HEIGHT
