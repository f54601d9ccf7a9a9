"""Notes are rows of the outline: shown, gone to and deleted by keys and menu."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from engine.graph.edits.frame_edits import add_frame
from engine.graph.edits.note_edits import add_note, set_note
from engine.graph.notes import notes
from tests.app.outline.driving import menu_entry, names

KEY = Qt.Key
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def noted(panel, session):
    session.edit("Add note", add_note, "Why 128?\nAsk <b>Ada</b>", (0, 0), nodes=["conv"])
    session.edit("Add note", add_note, "Second", (0, 90))
    session.current_report()
    return panel


def go_to_note(panel, index: int) -> None:
    panel.view.setCurrentIndex(panel.view.outline_model.item_index(index))


def test_notes_are_listed_after_frames_while_there_are_some(noted, session):
    model = noted.view.outline_model
    assert names(noted)[3:] == [["Why 128?", "Second"]]
    assert model.index(3, 0).data(ACCESSIBLE) == "Notes, 2 notes"
    text = model.item_index(0).data(ACCESSIBLE)
    assert text == "Why 128?\nAsk <b>Ada</b>, note about conv"
    assert "<b>" not in model.item_index(0).data(Qt.ItemDataRole.ToolTipRole)
    session.edit("Frame", add_frame, ["conv"], "Middle")
    session.edit("Edit note", set_note, 1, text="Third")
    session.current_report()
    assert names(noted)[3:] == [["Middle"], ["Why 128?", "Third"]]
    noted.filter_field.setText("ada")
    assert names(noted)[3:] == [["Why 128?"]]
    noted.filter_field.setText("")
    for _ in range(4):
        session.undo()
    session.current_report()
    assert len(names(noted)) == 3


def test_a_note_is_selected_gone_to_and_deleted_by_keys(qtbot, noted, session):
    go_to_note(noted, 1)
    assert session.selected_items == (1,)
    with qtbot.waitSignal(session.reveal_requested) as asked:
        qtbot.keyClick(noted.view, KEY.Key_Return)
    assert asked.args == [[1]]
    qtbot.keyClick(noted.view, KEY.Key_Delete)
    assert [note.title for note in notes(session.project)] == ["Why 128?"]
    assert session.undo_history.undo_label == "Delete"


def test_the_selection_of_the_canvas_is_shown_and_the_menu_deletes(noted, session):
    session.select([0, "conv"])
    assert set(noted.view.selected_keys()) == {0, "conv"}
    go_to_note(noted, 0)
    noted.view.context_menu_requested.emit(noted.mapToGlobal(noted.rect().center()))
    menu_entry(noted, "Delete").trigger()
    assert [note.title for note in notes(session.project)] == ["Second"]
