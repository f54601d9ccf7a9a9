"""Renaming in place ends when the name is taken or given up, and says why it can't be taken."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app.canvas.canvas import Canvas
from app.canvas.view.pointer_hint import PointerHint
from app.documents.session import Session
from engine.graph.edits.frame_edits import add_frame
from tests.app.pointer import Pointer
from tests.app.rows.conftest import canvas, drawn, session
from tests.app.windows import show_active

__all__ = ["canvas", "session"]

KEY = Qt.Key


@pytest.fixture(autouse=True)
def _renaming(qtbot, canvas: Canvas, session: Session) -> None:
    """Begin to rename node a."""
    canvas.hide()
    show_active(qtbot, canvas)
    canvas.viewer.setFocus()
    session.select(["a"])
    canvas.rename_action.rename_selected()


def field() -> QLineEdit:
    """Return the field over the name, which has the keyboard."""
    found = QApplication.focusWidget()
    assert isinstance(found, QLineEdit)
    return found


def reason(canvas: Canvas) -> str:
    """Return what is said below the field."""
    hints = canvas.findChildren(PointerHint)
    return next((hint.text() for hint in hints if hint.isVisible()), "")


def press(text: str, *keys: Qt.Key) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)
    for key in keys:
        QTest.keyClick(QApplication.focusWidget(), key)
    QApplication.processEvents()


@pytest.mark.parametrize(
    ("name", "why"),
    [("b", 'A node "b" already exists. Use "b_2".'), ("two words", "A name consists of")],
)
@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Tab])
def test_a_name_that_cant_be_taken_keeps_the_field_open_and_says_why(
    canvas, session, name, why, key
):
    press(name, key)
    assert field().isVisible()
    assert field().property("invalid") is True
    assert reason(canvas).startswith(why)
    assert field().accessibleDescription() == reason(canvas)
    hint = next(h for h in canvas.findChildren(PointerHint) if h.isVisible())
    assert not hint.geometry().intersects(field().geometry())
    assert session.project == drawn()


def test_what_is_typed_next_goes_on_with_the_name(canvas, session):
    press("b", KEY.Key_Return)
    press("mth", KEY.Key_Return)
    assert "bmth" in session.graph
    assert not session.graph["bmth"].off
    assert reason(canvas) == ""
    assert QApplication.focusWidget() is canvas.viewer
    assert session.undo_history.undo_label == "Rename"


def test_the_sign_goes_as_soon_as_the_name_is_another_one(canvas):
    press("b")
    assert field().property("invalid") is True
    press("c")
    assert field().property("invalid") is False
    assert reason(canvas) == ""


def test_escape_gives_up(canvas, session):
    press("b", KEY.Key_Return, KEY.Key_Escape)
    assert session.project == drawn()
    assert reason(canvas) == ""
    assert QApplication.focusWidget() is canvas.viewer


def test_a_click_elsewhere_gives_a_wrong_name_up_and_says_so(canvas, session, qtbot):
    press("b", KEY.Key_Return)
    pointer = Pointer(canvas)
    with qtbot.waitSignal(session.message) as told:
        pointer.click(pointer.empty())
    assert told.args == ['A node "b" already exists. Use "b_2". The name was not changed.']
    assert session.project == drawn()
    assert reason(canvas) == ""


def test_a_click_elsewhere_keeps_a_name_that_can_be_taken(canvas, session):
    press("encoder")
    pointer = Pointer(canvas)
    pointer.click(pointer.empty())
    assert "encoder" in session.graph


def test_the_reason_is_seen_at_the_lower_edge_too(canvas, session):
    press("", KEY.Key_Escape)
    bottom = canvas.scene_sync.nodes["a"].scene_rect.top() + 14
    canvas.viewer.set_zoom_at(1.0)
    at = canvas.viewer.mapFromScene(0, bottom).y()
    canvas.viewer.pan_by(QPoint(0, at - canvas.viewer.viewport().height() + 20))
    canvas.rename_action.rename_selected()
    press("b", KEY.Key_Return)
    hint = next(h for h in canvas.findChildren(PointerHint) if h.isVisible())
    assert canvas.rect().contains(hint.geometry())
    assert not hint.geometry().intersects(field().geometry())


def test_a_frames_title_is_free(canvas, session):
    press("", KEY.Key_Escape)
    session.edit("Frame", add_frame, ["a", "b"])
    canvas.rename_action.rename_frame(0)
    press("two words", KEY.Key_Return)
    assert session.project.view["frames"][0]["title"] == "two words"
