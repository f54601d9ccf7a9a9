"""Words and ranges that the panels share."""

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel
from PySide6.QtGui import QStandardItem, QStandardItemModel, QTextDocument

from app.controls.selection import consecutive_ranges, selected_rows
from app.text.phrases import plain_tooltip, status_message, to_sentence, truncate, window_fixes
from engine.core.diagnostic import Fix
from tests.app.windows import opened, posts


def test_advice_for_a_terminal_is_left_out() -> None:
    """Nobody at a window can type a command or its options; a minus or a dash is none of them."""
    typed = [
        "Name a run folder, such as runs/posts-001; `engine runs` lists them.",
        "To change other settings, train a new run: engine train --set.",
        "Train again without --resume.",
    ]
    kept = ["Choose the data again.", "Use a well-known kind -- or none.", "Mend the engine first."]
    assert window_fixes(map(Fix, [*typed, *kept])) == kept


def test_a_message_becomes_a_sentence() -> None:
    """What is one already stays as it is."""
    assert to_sentence("needs a wire") == "Needs a wire."
    assert to_sentence("Go on?") == "Go on?"
    assert to_sentence("there is no room.") == "There is no room."
    assert to_sentence("can't be read-only") == "Can't be read-only."
    assert to_sentence("it ends twice..") == "It ends twice."
    assert to_sentence("and so on...") == "And so on..."


def test_a_name_in_front_stays_as_it_is_written() -> None:
    """A node "conv" and a node "Conv" may both be drawn, and a file is found by its own name."""
    assert to_sentence("conv does not fit", {"conv"}) == "conv does not fit."
    assert to_sentence("conv: needs a wire", {"conv"}) == "conv: needs a wire."
    assert to_sentence("net.loom.json is read-only") == "net.loom.json is read-only."


def test_what_the_status_bar_tells_has_a_large_letter_and_no_two_stops() -> None:
    """Behind a path it has none, for it would seem a part of that."""
    assert status_message("saved /a/net.loom.json", ()) == "Saved /a/net.loom.json"
    assert status_message("The copy was not written: it is full..", ()) == (
        "The copy was not written: it is full."
    )
    assert status_message("age was reloaded.", {"age"}) == "age was reloaded."
    assert status_message("Starting...", ()) == "Starting..."


@pytest.mark.slow
def test_every_message_in_the_status_bar_goes_that_way(qtbot) -> None:
    """Whoever tells it."""
    with opened(qtbot, posts()) as window:
        for told_by in (window.workspace.message, window.workspace.session.message):
            told_by.emit("something went wrong..")
            assert window.statusBar().currentMessage() == "Something went wrong."


def test_a_tool_tip_never_is_markup() -> None:
    """A path or a name may look like a tag; nothing is no tip."""
    shown = QTextDocument()
    for text in ("<img src='x'>", "one line\nand  another", "a & b"):
        shown.setHtml(plain_tooltip(text))
        assert shown.toPlainText() == text
    assert plain_tooltip("") == ""


def test_a_long_text_is_cut_and_says_so() -> None:
    """One that fits is whole."""
    assert truncate("twelve words", 12) == "twelve words"
    assert truncate("thirteen words", 10) == "thirteen…"


@pytest.mark.parametrize(
    ("rows", "ends"),
    [([], []), ([4], [(4, 4)]), ([0, 1, 2], [(0, 2)]), ([0, 2, 3, 7], [(0, 0), (2, 3), (7, 7)])],
)
def test_rows_are_told_as_stretches(rows: list[int], ends: list[tuple[int, int]]) -> None:
    """Neighbours are one stretch."""
    assert list(consecutive_ranges(rows)) == ends


def test_selected_rows_are_told_with_what_they_stand_below(qapp: object) -> None:
    """Each once, whatever ranges Qt made of them."""
    model = QStandardItemModel()
    head = QStandardItem("head")
    head.appendRows([QStandardItem(str(number)) for number in range(5)])
    model.appendRow(head)
    above = head.index()
    chosen = QItemSelection()
    for first, last in ((0, 1), (3, 4)):
        chosen.select(model.index(first, 0, above), model.index(last, 0, above))
    selection = QItemSelectionModel(model)
    selection.select(chosen, QItemSelectionModel.SelectionFlag.Select)
    assert sorted(row for _, row in selected_rows(selection)) == [0, 1, 3, 4]
    assert {parent.row() for parent, _ in selected_rows(selection)} == {0}
