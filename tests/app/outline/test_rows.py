"""Which rows the outline has, and what is replaced between two lists of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.outline.rows import changed_range, group_nodes, matching_extras
from engine.graph.edits import frame_edits, node_edits, wire_edits
from engine.graph.edits.note_edits import add_note
from engine.graph.model import Project

NAMES = st.lists(st.sampled_from("abcde"), max_size=6, unique=True)


@given(NAMES, NAMES)
def test_replacing_what_lies_between_gives_the_new_rows(old: list[str], new: list[str]) -> None:
    """And what is equal at both ends is left alone."""
    first, gone, come = changed_range(old, new)
    assert [*old[:first], *come, *old[first + len(gone) :]] == new
    assert old[first : first + len(gone)] == gone
    if gone and come:
        assert gone[0] != come[0]
        assert gone[-1] != come[-1]


def drawn() -> Project:
    project = node_edits.add_node(Project(), "Input", "text")
    project = node_edits.add_node(project, "Dense", "hidden", inputs={"x": "text"})
    project = node_edits.add_node(project, "Output", "age", inputs={"x": "hidden"})
    return frame_edits.add_frame(project, ["hidden"], "Middle")


def test_nodes_stand_under_what_they_are() -> None:
    """Inputs, layers and Outputs."""
    assert group_nodes(drawn().graph, "") == [["text"], ["hidden"], ["age"]]


def test_a_loop_is_listed_though_it_has_no_order() -> None:
    """Else it could not be mended from here."""
    looped = wire_edits.rewire(drawn(), "hidden", "hidden", "x")
    assert group_nodes(looped.graph, "")[1] == ["hidden"]


def test_the_filter_reads_names_kinds_and_titles() -> None:
    """In small letters, as it was typed."""
    assert group_nodes(drawn().graph, "dense") == [[], ["hidden"], []]
    assert group_nodes(drawn().graph, "tex") == [["text"], [], []]
    project = add_note(drawn(), "Why\nmiddle?", (0, 0))
    found = matching_extras(project, "mid")
    assert [[extra.title for extra in group] for group in found] == [["Middle"], ["Why"]]
    assert matching_extras(project, "text") == []
