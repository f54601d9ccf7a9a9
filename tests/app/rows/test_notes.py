"""What keys, menus and the mouse do with notes, by real events; each is one undo step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.actions.notes import NoteEditor
from app.canvas.view.viewer import BULK_PAINT_ZOOM
from engine.graph.edits.frame_edits import add_frame
from engine.graph.edits.note_edits import add_note, remove_notes
from engine.graph.notes import Note, notes
from tests.app.equal import check_at_rest, check_equal
from tests.app.pointer import CTRL, LEFT, SHIFT, Pointer
from tests.app.rows.conftest import drawn, only_step
from tests.app.rows.menus import trigger

KEY = Qt.Key


@pytest.fixture
def canvas(window):
    canvas = window.tabs.canvas
    yield canvas
    check_equal(canvas, window.workspace.session)
    check_at_rest(canvas)


@pytest.fixture
def noted(session, canvas):
    """Add a note about node a, and fit the view."""
    session.edit("Add note", add_note, "Why 4?", (300, -150), nodes=["a"])
    canvas.navigation.fit()
    return canvas


def write(text: str, *keys: tuple[Qt.Key, Qt.KeyboardModifier]) -> None:
    editor = QApplication.focusWidget()
    assert isinstance(editor, NoteEditor)
    QTest.keyClicks(editor, text)
    for key, modifier in keys:
        QTest.keyClick(QApplication.focusWidget(), key, modifier)
    QApplication.processEvents()


DONE = (KEY.Key_Return, CTRL)
CANCEL = (KEY.Key_Escape, Qt.KeyboardModifier.NoModifier)
NEW_LINE = (KEY.Key_Return, Qt.KeyboardModifier.NoModifier)


def place(canvas, index: int = 0, across: float = 0.5) -> QPoint:
    rect = canvas.scene_sync.notes[index].scene_rect
    return Pointer(canvas).at(rect.topLeft() + QPointF(rect.width() * across, 12))


def test_row_add_note(window, canvas, press, session):
    session.select(["a", "b"])
    press("add-note")
    write("Tln", NEW_LINE)  # keys of actions are text
    write("more", DONE)
    (note,) = notes(session.project)
    assert (note.text, note.nodes) == ("Tln\nmore", ("a", "b"))
    assert note.at[1] >= canvas.scene_sync.nodes_rect(["b"]).bottom()
    assert session.selected_note == note
    assert canvas.viewer.hasFocus()
    only_step(session, "Add note")


@pytest.mark.parametrize("text", ["", "lost"])
def test_a_new_note_that_is_cancelled_or_empty_leaves_nothing(canvas, press, session, text):
    press("add-note")
    write(text, CANCEL if text else DONE)
    assert session.project == drawn()
    assert session.undo_history.undo_label is None


def test_a_click_elsewhere_commits_the_text(window, canvas, press, session):
    QTest.mouseMove(canvas.viewer.viewport(), QPoint(40, 40))
    press("add-note")
    write("kept")
    Pointer(canvas).click(QPoint(canvas.width() - 30, canvas.height() - 30))
    assert [note.text for note in notes(session.project)] == ["kept"]


def test_row_link_note(window, noted, session):
    session.select([0, "b", "x"])
    window.action_manager.refresh()
    trigger(window, "link-note")
    assert notes(session.project)[0].nodes == ("a", "x", "b")
    assert len(noted.scene_sync.notes[0].connectors) == 3
    session.select([0, "a", "b"])
    trigger(window, "link-note")
    assert notes(session.project)[0].nodes == ("x",)
    session.undo()
    session.undo()
    assert notes(session.project)[0].nodes == ("a",)


def test_row_resize_note(noted, session):
    start = place(noted, across=0.99)
    Pointer(noted).drag(start, start + QPoint(120, 0))
    note = notes(session.project)[0]
    assert note.width > 230
    assert noted.scene_sync.notes[0].scene_rect.width() == note.width
    assert session.undo_history.undo_label == "Resize note"
    session.undo()
    assert notes(session.project)[0].width == 220
    pointer = Pointer(noted)
    pointer.press(start)
    pointer.move(start, start + QPoint(90, 0))
    QTest.keyClick(noted.viewer, KEY.Key_Escape)
    pointer.release(start)
    check_equal(noted, session)


def test_a_double_click_or_f2_edits_the_text_and_escape_reverts_it(noted, press, session):
    pointer = Pointer(noted)
    pointer.double_click(place(noted))
    QTest.mouseRelease(pointer.viewport, LEFT)
    write(" <b>Because</b>", DONE)
    assert notes(session.project)[0].text == "Why 4? <b>Because</b>"
    assert session.undo_history.undo_label == "Edit note"
    session.select([0])
    press("rename")
    write("lost", CANCEL)
    assert notes(session.project)[0].text == "Why 4? <b>Because</b>"
    press("rename")
    QApplication.focusWidget().selectAll()
    write("", (KEY.Key_Delete, Qt.KeyboardModifier.NoModifier), DONE)
    assert notes(session.project) == ()
    session.undo()
    assert len(notes(session.project)) == 1


def test_a_note_that_goes_meanwhile_closes_the_editor(noted, press, session):
    session.select([0])
    press("rename")
    session.undo()
    assert noted.findChild(NoteEditor).isHidden()
    assert session.project == drawn()


def test_a_drag_moves_what_is_selected_and_keys_nudge_it(noted, press, session):
    before = session.project
    session.select([0, "b"])
    start = place(noted)
    Pointer(noted).drag(start, start + QPoint(60, 30))
    (x, y), at = notes(session.project)[0].at, session.project.view["nodes"]["b"]["at"]
    assert (x - 300, y + 150) == (at[0] - 300, at[1] - 160) != (0, 0)
    assert session.undo_history.undo_label == "Move"
    press("nudge-right")
    assert notes(session.project)[0].at == (x + 10, y)
    session.undo()
    session.undo()
    assert session.project == before


def test_clicks_and_rectangles_select_notes(noted, press, session):
    pointer = Pointer(noted)
    pointer.click(place(noted))
    assert session.selected_items == (0,)
    pointer.click(pointer.head("b"), modifiers=SHIFT)
    assert session.selected_items == ("b", 0)
    pointer.click(place(noted), modifiers=CTRL)
    assert session.selected_items == ("b",)
    pointer.drag(place(noted) - QPoint(20, 30), place(noted) + QPoint(5, 30))
    assert session.selected_notes == (0,)
    press("select-all")
    assert len(session.selected_items) == 7
    press("invert")
    assert session.selected_items == ()
    session.select([0])
    press("select-none")
    assert session.selected_notes == ()


def test_notes_are_deleted_cut_copied_and_duplicated_with_nodes(noted, press, session):
    before = session.project
    session.select([0, "a"])
    press("copy")
    press("paste")
    assert session.selected_items == ("a_2", 1)
    assert notes(session.project)[1].nodes == ("a_2",)
    session.undo()
    session.select([0])
    press("duplicate")
    assert [note.text for note in notes(session.project)] == ["Why 4?"] * 2
    assert session.selected_notes == (1,)
    press("delete")
    assert session.project == before
    session.select([0])
    press("cut")
    assert session.project == drawn()
    assert "Why 4?" in QGuiApplication.clipboard().text()
    press("paste")
    assert notes(session.project)[0].nodes == ()


def test_the_selection_follows_notes_that_others_shift(noted, session):
    session.edit("Add note", add_note, "Second", (0, -150))
    session.select([1])
    session.edit("Delete", remove_notes, [0])
    assert session.selected_note == Note(0, "Second", (0, -150))
    session.undo()
    assert session.selected_notes == (1,)


def test_actions_of_nodes_are_disabled_for_a_note(window, noted, session):
    actions = window.action_manager.actions
    session.select([0])
    window.action_manager.refresh()
    for id in ("bypass", "collapse", "frame", "connect", "align-left", "linked-copy", "link-note"):
        assert not actions[id].isEnabled(), id
    for id in ("cut", "copy", "duplicate", "delete", "rename", "nudge-left"):
        assert actions[id].isEnabled(), id
    menu = window.action_manager.context_menu("note", window)
    assert "Rename" in [action.text() for action in menu.actions()]
    menu.deleteLater()
    assert noted.gestures.select_menu_target(place(noted)) == "note"


def test_a_frame_takes_the_notes_about_its_nodes_along(noted, press, session):
    session.edit("Frame", add_frame, ["a"])
    noted.navigation.fit()
    rect = noted.scene_sync.frames[0].sceneBoundingRect()
    title = Pointer(noted).at(rect.topLeft() + QPointF(90, 18))
    Pointer(noted).drag(title, title + QPoint(0, 60))
    assert notes(session.project)[0].at[1] > -150


@pytest.mark.parametrize("zoom", [BULK_PAINT_ZOOM - 0.06, 0.4, 0.6, 1.0])
def test_a_note_is_painted_at_every_zoom(noted, session, zoom):
    noted.viewer.setTransform(noted.viewer.transform().fromScale(zoom, zoom))
    noted.viewer.centerOn(noted.scene_sync.notes[0].scene_rect.center())
    image = noted.viewer.grab().toImage()
    item = noted.scene_sync.notes[0]
    box = item.scene_rect  # its right end is free of text
    at = noted.viewer.mapFromScene(QPointF(box.right() - 30, box.center().y()))
    assert image.pixelColor(at) == item._style.note_brush.color()
