"""A graph of any size can be seen whole, and not be zoomed to a speck."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from app.canvas.view.viewer import CanvasViewer
from app.canvas.view.zoom import MIN_ZOOM
from engine.graph.edits import field_edits
from tests.app.windows import opened, posts, settle


def test_a_rectangle_of_any_size_is_fitted(theme, qtbot):
    viewer = CanvasViewer(theme)
    qtbot.addWidget(viewer)
    viewer.resize(800, 600)
    rect = QRectF(-300_000, -1000, 600_000, 2000)
    viewer.fit(rect)
    assert viewer.zoom < MIN_ZOOM
    assert viewer.visible_rect.contains(rect)


def test_zooming_out_ends_where_the_whole_graph_is_seen(qtbot):
    with opened(qtbot, posts()) as window:
        viewer, session = window.tabs.canvas.viewer, window.workspace.session
        viewer.set_zoom_at(0.0001)
        assert viewer.zoom == MIN_ZOOM
        last = session.graph.nodes[-1].name
        session.edit("Move", field_edits.move, {last: (200_000, 0)})
        settle()
        viewer.set_zoom_at(0.0001)
        lowest = viewer.zoom
        window.tabs.canvas.navigation.fit()
        assert lowest < MIN_ZOOM
        assert abs(viewer.zoom / lowest - 1) < 0.1
