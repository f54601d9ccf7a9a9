"""One document's canvas: it shows everything until a person looks elsewhere, and ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStackedWidget

from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.theme.theme import Theme
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import add_frame, set_frame
from tests.app.windows import opened, posts, settle


def test_all_nodes_are_in_sight_though_the_canvas_was_laid_out_before_it_was_shown(qtbot):
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    canvas = Canvas(posts(), Theme("dark"))
    stack.addWidget(canvas)
    for size in ((1200, 800), (700, 300), (900, 400)):
        stack.resize(*size)
        canvas.resize(*size)
    stack.show()
    settle()
    assert canvas.viewer.visible_rect.contains(canvas.scene_sync.nodes_rect())


def test_all_nodes_stay_in_sight_while_the_window_is_resized_until_somebody_moves(qtbot):
    with opened(qtbot, posts()) as window:
        canvas = window.tabs.canvas
        everything = canvas.scene_sync.nodes_rect()
        window.resize(1200, 700)
        settle()
        assert canvas.viewer.visible_rect.contains(everything)
        canvas.viewer.set_zoom_at(1.0)
        window.resize(1300, 800)
        settle()
        assert canvas.viewer.zoom == 1.0


@pytest.mark.slow
def test_colours_can_be_changed_after_a_document_was_closed(qtbot):
    with opened(qtbot, Session(), posts()) as window:
        for session in list(window.workspace.sessions):
            window.workspace.close(session)
            settle()
        window.theme.set_mode("light")
        settle()


@pytest.fixture
def zoomed(qtbot) -> Iterator[Canvas]:
    """A canvas of which only a part is in sight."""
    with opened(qtbot, posts()) as window:
        canvas = window.tabs.canvas
        canvas.viewer.set_zoom_at(1.0)
        settle()
        yield canvas


def whole(canvas: Canvas, name: str) -> bool:
    """Return whether a node is wholly in sight, and no map lies on it."""
    spot = canvas.viewer.mapFromScene(canvas.scene_sync.nodes[name].scene_rect).boundingRect()
    free = not (canvas.minimap.isVisible() and canvas.minimap.geometry().intersects(spot))
    return canvas.viewer.viewport().rect().contains(spot) and free


@pytest.mark.slow
def test_a_node_dropped_anywhere_is_wholly_in_sight(zoomed):
    room = zoomed.viewer.viewport().rect()
    for across, down in product((0.0, 0.5, 1.0), repeat=2):
        at = QPoint(round(across * room.right()), round(down * room.bottom()))
        zoomed.layer_drop.drop("Dense", at, Qt.KeyboardModifier.NoModifier)
        settle()
        new = zoomed.scene_sync.nodes
        name = list(new)[-1]
        assert whole(zoomed, name), (across, down)
        assert zoomed.viewer.zoom == 1.0
        spot = zoomed.viewer.mapFromScene(new[name].scene_rect).boundingRect()
        reach = QPoint(spot.width() + 40, spot.height() + 40)
        assert (spot.topLeft() - at).manhattanLength() <= reach.manhattanLength(), "a small move"
        zoomed.context.session.undo()
        settle()


def test_a_node_beyond_the_edge_is_scrolled_into_sight_at_the_same_zoom(zoomed):
    """An arrow key to a neighbor must not change the zoom that the user has chosen."""
    canvas = zoomed
    spot = canvas.viewer.mapFromScene(canvas.scene_sync.nodes["posts"].scene_rect).boundingRect()
    canvas.viewer.pan_by(QPoint(spot.left() + 30, 0))
    assert not whole(canvas, "posts")
    canvas.context.session.select(["words"])
    canvas.navigation.select_neighbor("left")
    settle()
    assert canvas.context.session.selection == ("posts",)
    assert whole(canvas, "posts")
    assert canvas.viewer.zoom == 1.0


def test_a_node_in_a_collapsed_frame_is_marked_by_its_frame(zoomed):
    session = zoomed.context.session
    session.edit("Frame", add_frame, ["age_head", "age"])
    session.edit("Collapse", set_frame, 0, collapsed=True)
    session.reveal(["age_head"])
    settle()
    (frame,) = zoomed.scene_sync.frames
    assert frame.isSelected()
    session.select(["posts"])
    assert not frame.isSelected()


def test_a_copy_below_the_edge_is_brought_into_sight(zoomed):
    canvas = zoomed
    canvas.navigation.reveal(["gender"])
    canvas.viewer.set_zoom_at(1.0)
    spot = canvas.viewer.mapFromScene(canvas.scene_sync.nodes["gender"].scene_rect).boundingRect()
    canvas.viewer.pan_by(QPoint(0, spot.bottom() - canvas.viewer.viewport().height() + 5))
    session = canvas.context.session
    session.select(["gender"])
    canvas.clipboard_actions.duplicate()
    settle()
    assert whole(canvas, session.selection[0])


def test_the_map_makes_way_for_nodes_while_a_corner_is_free(zoomed):
    canvas = zoomed
    canvas.context.session.select([])
    home = canvas.minimap.geometry()
    assert canvas.minimap.isVisible()
    spot = canvas.viewer.mapFromScene(canvas.scene_sync.nodes["pool"].scene_rect).boundingRect()
    canvas.viewer.pan_by(spot.bottomRight() - home.bottomRight())
    canvas.context.session.select(["pool"])
    assert canvas.minimap.isVisible()
    assert whole(canvas, "pool")
    assert canvas.rect().contains(canvas.minimap.geometry())
    assert canvas.minimap.geometry() != home
    canvas.context.session.select([])
    assert whole(canvas, "pool")


def test_the_map_stays_where_it_is_while_all_is_selected(zoomed):
    zoomed.viewer.set_zoom_at(3.0)
    home = zoomed.minimap.geometry()
    zoomed.edit_actions.select_all()
    assert zoomed.minimap.isVisible()
    assert zoomed.rect().contains(zoomed.minimap.geometry())
    zoomed.edit_actions.clear_selection()
    assert zoomed.minimap.geometry() == home


def test_the_map_stays_under_the_hand_that_drags_in_it(zoomed):
    canvas = zoomed
    home = canvas.minimap.geometry()
    canvas.context.session.select(list(canvas.scene_sync.nodes)[:3])
    QTest.mousePress(canvas.minimap, Qt.MouseButton.LeftButton, pos=QPoint(90, 60))
    for x in range(20, 170, 10):
        QTest.mouseMove(canvas.minimap, QPoint(x, 60))
        assert canvas.minimap.geometry() == home
    QTest.mouseRelease(canvas.minimap, Qt.MouseButton.LeftButton, pos=QPoint(160, 60))
    assert not canvas.minimap.is_dragging


def test_a_selected_node_is_renamed_while_only_a_part_is_in_sight(zoomed):
    """The map is placed while the selection still has the old name."""
    session = zoomed.context.session
    session.select(["pool"])
    session.edit("Rename", node_edits.rename_node, "pool", "peaks")
    assert session.selection == ("peaks",)


def test_what_was_tidied_is_in_sight_afterwards(zoomed):
    """Laid out anew, nodes stand elsewhere than the person looked."""
    zoomed.viewer.set_zoom_at(1.0)
    zoomed.viewer.centerOn(QPointF(9000, 9000))
    QTest.keyClick(zoomed.viewer, Qt.Key.Key_T)
    assert zoomed.viewer.visible_rect.contains(zoomed.scene_sync.nodes_rect())


def test_the_map_is_not_laid_over_a_small_canvas(zoomed):
    zoomed.viewer.set_zoom_at(1.5)
    zoomed.viewer.centerOn(QPointF(0, 0))
    QApplication.processEvents()
    assert zoomed.minimap.isVisible()
    zoomed.window().resize(760, 560)
    settle()
    zoomed.viewer.set_zoom_at(1.5)
    QApplication.processEvents()
    assert not zoomed.minimap.isVisible()


def test_the_map_lies_over_no_node_where_a_corner_is_free(zoomed):
    zoomed.viewer.set_zoom_at(1.0)
    first = next(iter(zoomed.scene_sync.nodes.values())).scene_rect
    corner = zoomed.minimap.geometry().center() - zoomed.viewer.viewport().rect().center()
    zoomed.viewer.centerOn(first.center() - QPointF(corner))
    QApplication.processEvents()
    place = QRectF(zoomed.viewer.mapToScene(zoomed.minimap.geometry()).boundingRect())
    assert zoomed.minimap.isVisible()
    assert not any(place.intersects(item.scene_rect) for item in zoomed.scene_sync.nodes.values())
