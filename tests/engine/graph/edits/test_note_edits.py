"""Notes follow every edit of nodes, are copied with them, and nothing in a file breaks them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph import fragment
from engine.graph.edits import frame_edits, node_edits, note_edits
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from engine.graph.notes import MAX_NOTE_LENGTH, MAX_NOTES, NOTE_WIDTH, Note, notes
from engine.graph.serialization import file
from tests.strategies import NAMES, projects, values
from tests.tiers import noted

A = Node("a", "Input", params={"shape": [4]})
B = Node("b", "Dense", {"x": "a"}, {"units": 4})
C = Node("c", "Output", {"x": "b"})
START = Project(Graph((A, B, C)))
WITH = note_edits.add_note(START, "Why\n<b>4</b>?", (10, 20), nodes=["b", "a", "b"])


def test_a_note_is_saved_with_text_position_and_links_and_read_again() -> None:
    assert notes(WITH) == (Note(0, "Why\n<b>4</b>?", (10, 20), NOTE_WIDTH, ("b", "a")),)
    assert WITH.view == {"notes": [{"text": "Why\n<b>4</b>?", "at": [10, 20], "nodes": ["b", "a"]}]}
    again = file.parse(file.dumps(WITH).encode())
    assert (again.project, again.diagnostics) == (WITH, ())
    assert notes(WITH)[0].title == "Why"


def test_a_note_is_changed_moved_and_removed() -> None:
    now = note_edits.add_note(WITH, "Second", (0, 0), 300)
    now = note_edits.set_note(now, 0, text="New", nodes=[])
    now = note_edits.move_notes(now, [(1, 5.4, -6.6)])
    assert notes(now) == (Note(0, "New", (10, 20)), Note(1, "Second", (5, -7), 300))
    assert now.view["notes"][0] == {"text": "New", "at": [10, 20]}
    assert notes(note_edits.set_note(now, 1, width=5))[1].width == 100
    assert note_edits.remove_notes(now, [0, 1]) == START


def test_links_follow_renames_and_are_lost_with_their_nodes() -> None:
    renamed = node_edits.rename_node(WITH, "b", "hidden")
    assert notes(renamed)[0].nodes == ("hidden", "a")
    gone = node_edits.remove_nodes(renamed, ["hidden"])
    assert notes(gone)[0].nodes == ("a",)
    gone = node_edits.remove_node(gone, "a")
    assert gone.view["notes"] == [{"text": "Why\n<b>4</b>?", "at": [10, 20]}]


def test_notes_are_copied_with_the_links_to_copied_nodes() -> None:
    copied = fragment.copy_nodes(WITH, ["b"], [0])
    assert notes(copied)[0].nodes == ("b",)
    pasted = fragment.paste_nodes(WITH, copied, (100, 100))
    assert pasted.notes == (1,)
    assert notes(pasted.project)[1] == Note(1, "Why\n<b>4</b>?", (110, 120), nodes=("b_2",))
    alone = fragment.paste_nodes(START, fragment.copy_nodes(WITH, [], [0]))
    assert (alone.names, notes(alone.project)[0].nodes) == ({}, ())
    assert notes(fragment.copy_nodes(WITH, ["a", "b"])) == ()


MISUSES = [
    ({"do": "add_note", "text": " ", "at": [0, 0]}, "1 to 4,000"),
    ({"do": "add_note", "text": "x" * (MAX_NOTE_LENGTH + 1), "at": [0, 0]}, "1 to 4,000"),
    ({"do": "add_note", "text": "x", "at": [1e300, 0]}, "a position is"),
    ({"do": "add_note", "text": "x", "at": [0, 0], "nodes": ["z"]}, "no node 'z'"),
    ({"do": "set_note", "note": 1, "text": "x"}, "no note 1"),
    ({"do": "move_notes", "places": [[-1, 0, 0]]}, "no note -1"),
    ({"do": "remove_notes", "notes": [7]}, "no note 7"),
]


def test_misuse_is_said_plainly() -> None:
    for edit, says in MISUSES:
        with noted(edit, says), pytest.raises(ValueError, match=says):
            apply_edit(WITH, edit)


def test_entries_that_can_not_be_read_are_kept() -> None:
    wrong = [5, {}, {"text": 1, "at": [0, 0]}, {"text": "x"}, {"text": " ", "at": [0, 0]}]
    start = Project(
        START.graph, view={"notes": [*wrong, {"text": "x", "at": [1, 2], "width": "w"}]}
    )
    assert notes(start) == (Note(5, "x", (1, 2)),)
    now = note_edits.set_note(note_edits.add_note(start, "y", (0, 0)), 5, width=150)
    assert now.view["notes"][:5] == wrong
    assert [note.width for note in notes(now)] == [150, NOTE_WIDTH]
    other = Project(START.graph, view={"notes": {"version": 9}})
    assert notes(other) == ()
    with pytest.raises(ValueError, match="can't read"):
        note_edits.add_note(other, "x", (0, 0))


def test_a_very_long_text_is_truncated_and_very_many_notes_are_passed_over() -> None:
    entries = [{"text": "x" * 9000, "at": [0, 0], "width": 1e9}] * (MAX_NOTES + 1)
    found = notes(Project(START.graph, view={"notes": entries}))
    assert (len(found), len(found[0].text), found[0].width) == (
        MAX_NOTES,
        MAX_NOTE_LENGTH,
        NOTE_WIDTH,
    )


entries = st.fixed_dictionaries(
    {"text": values | st.text(max_size=5), "at": values | st.just([1, 2])},
    optional={"nodes": values | st.lists(st.sampled_from(NAMES)), "width": values},
)


@given(projects(), values | st.lists(entries | values, max_size=4), st.integers(-1, 4))
def test_any_list_of_notes_is_read_edited_and_copied(start: Project, view: Any, index: int) -> None:
    now = Project(start.graph, view={"notes": view})
    for note in notes(now):
        assert set(note.nodes) <= set(now.graph.by_name)
    try:
        now = note_edits.set_note(now, index, text="new")
    except ValueError:
        now = frame_edits.set_collapsed(now, [next(iter(now.graph.by_name))]) if now.graph else now
    names = list(now.graph.by_name)
    pasted = fragment.paste_nodes(now, fragment.copy_nodes(now, names, range(9)))
    assert len(pasted.notes) == len(notes(now))
    assert file.parse(file.dumps(pasted.project).encode()).project == pasted.project
