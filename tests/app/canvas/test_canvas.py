"""One document's canvas: it shows everything until a person looks elsewhere, and ends with it."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget

from app.canvas.canvas import Canvas
from app.session import Session
from app.theme import Theme
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
    assert canvas.viewer.in_sight.contains(canvas.picture.rect_of())


def test_all_nodes_stay_in_sight_while_the_window_is_resized_until_somebody_moves(qtbot):
    with opened(qtbot, posts()) as window:
        canvas = window.tabs.canvas
        everything = canvas.picture.rect_of()
        window.resize(1200, 700)
        settle()
        assert canvas.viewer.in_sight.contains(everything)
        canvas.looking.zoom_to(1.0)
        window.resize(1300, 800)
        settle()
        assert canvas.viewer.zoom == 1.0


def test_colours_can_be_changed_after_a_document_was_closed(qtbot):
    with opened(qtbot, Session(), posts()) as window:
        for session in list(window.workspace.sessions):
            window.workspace.close(session)
            settle()
        window.theme.set_mode("light")
        settle()
