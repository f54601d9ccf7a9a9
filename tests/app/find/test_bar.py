"""The find bar walks through nodes by name, kind, parameter, or what is wrong with them."""

from unittest.mock import Mock

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton

from app.controls import SearchEdit
from app.documents.session import Session
from app.find import search
from app.find.bar import FindBar
from app.find.search import NodeFinder
from engine.graph.edits import node_edits, note_edits, wire_edits
from engine.graph.model import Graph, Node, Project

NODES = (
    Node("posts", "Input", params={"shape": [None], "dtype": "int32"}),
    Node("words", "Embedding", {"x": "posts"}, {"input_dim": 50, "output_dim": 8}),
    Node("posts_conv", "Conv1D", {"x": "words"}, {"filters": 64, "activation": "relu"}),
    Node("narrow", "Conv1D", {"x": "posts_conv"}, {"filters": 16}),
    Node("again", "Conv1D", {"x": "words"}, shares="posts_conv"),
    Node("mean", "GlobalAveragePooling1D", {"x": "narrow"}),
    Node("age", "Output", {"x": "mean"}, {"loss": {"kind": "huber", "params": {"delta": 2}}}),
)
GRAPH = Graph(NODES)


def names(text, graph=GRAPH):
    return [found.node for found in NodeFinder().find(graph, text)]


@pytest.fixture
def session(qapp):
    return Session(Project(GRAPH))


@pytest.fixture
def bar(qtbot, workspace, theme):
    bar = FindBar(workspace, theme)
    qtbot.addWidget(bar)
    bar.resize(640, 44)
    bar.start()
    return bar


def field(bar):
    return bar.findChild(SearchEdit)


def told(bar):
    return [label.text() for label in bar.findChildren(QLabel) if label.text()]


def type_in(bar, text):
    field(bar).clear()
    QTest.keyClicks(field(bar), text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("posts", ["posts", "posts_conv"]),
        ("conv1d", ["posts_conv", "narrow", "again"]),
        ("c1", ["posts_conv", "narrow", "again"]),
        ("gap", ["mean"]),
        ("pc", ["posts_conv"]),
        ("relu", ["posts_conv", "again"]),
        ("filters 16", ["narrow"]),
        ("6", []),
        ("16", ["narrow"]),
        ("huber", ["age"]),
        ("MEAN", ["mean"]),
        ("", []),
        ("xyzzy", []),
    ],
)
def test_nodes_are_found_by_name_kind_and_parameter(text, found):
    assert names(text) == found


def test_the_node_of_that_very_name_comes_first():
    graph = Graph((Node("conv_a", "Conv1D"), Node("conv", "Conv1D"), Node("a_conv", "Conv1D")))
    assert names("conv", graph) == ["conv", "conv_a", "a_conv"]


def test_typing_shows_the_first_and_enter_walks_round(bar, session):
    revealed = []
    session.reveal_requested.connect(revealed.append)
    type_in(bar, "conv")
    assert session.selection == ("posts_conv",)
    assert told(bar) == ["1 of 3", "posts_conv: Conv1D"]
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    QTest.keyClick(field(bar), Qt.Key.Key_F3)
    assert (session.selection, told(bar)[0]) == (("again",), "3 of 3")
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    assert session.selection == ("posts_conv",)
    QTest.keyClick(field(bar), Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection == ("again",)
    assert revealed[-1] == ["again"]


def test_what_was_found_is_said(bar):
    type_in(bar, "filters 16")
    assert "narrow: Conv1D, filters 16" in told(bar)


def test_buttons_step_and_are_off_when_nothing_is_found(qtbot, bar, session):
    buttons = {each.accessibleName(): each for each in bar.findChildren(QToolButton)}
    previous, following = buttons["Previous (Shift+Enter)"], buttons["Next (Enter)"]
    type_in(bar, "conv")
    qtbot.mouseClick(following, Qt.MouseButton.LeftButton)
    assert session.selection == ("narrow",)
    qtbot.mouseClick(previous, Qt.MouseButton.LeftButton)
    assert session.selection == ("posts_conv",)
    type_in(bar, "xyzzy")
    assert told(bar) == ["Nothing found"]
    assert not following.isEnabled()


def test_error_walks_through_the_problems(bar, session):
    assert session.edit("Cut", wire_edits.disconnect, "narrow", "x")
    session.current_report()
    type_in(bar, "error")
    broken = [found.node for found in session.report.errors]
    assert broken
    assert session.selection[0] in broken
    message = session.diagnostics_of(session.selection[0])[0].message
    assert f"{session.selection[0]}: {message}" in told(bar)


def test_editing_while_it_is_open_keeps_the_place(qtbot, bar, session):
    type_in(bar, "conv")
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    assert told(bar)[0] == "2 of 3"
    assert session.edit("Delete", node_edits.remove_node, "posts_conv")
    qtbot.waitUntil(lambda: told(bar)[0] == "1 of 2")
    assert session.selection == ("narrow",)


def test_escape_closes(qtbot, bar):
    type_in(bar, "conv")
    with qtbot.waitSignal(bar.closed):
        QTest.keyClick(field(bar), Qt.Key.Key_Escape)
    assert not bar.isVisible()
    bar.start()
    assert field(bar).selectedText() == "conv"


def test_of_a_thousand_nodes_only_an_edited_one_is_prepared_again(monkeypatch):
    graph = Graph(tuple(Node(f"n{i}", "Dense", params={"units": i}) for i in range(1000)))
    finder, prepare = NodeFinder(), Mock(wraps=search._search_entry)
    finder.find(graph, "dense 500")
    monkeypatch.setattr(search, "_search_entry", prepare)
    edited = Node("n7", "Dense", params={"units": 500})
    found = finder.find(graph.with_nodes(edited), "dense 500")
    assert [match.node for match in found] == ["n7", "n500"]
    prepare.assert_called_once_with("n7", edited)


def test_notes_are_found_after_nodes_and_revealed(bar, session, qtbot):
    session.edit("Add note", note_edits.add_note, "Ask Ada\nabout relu", (0, 0))
    session.edit("Add note", note_edits.add_note, "Other", (0, 90))
    type_in(bar, "relu")
    assert "1 of 3" in told(bar)
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    with qtbot.waitSignal(session.reveal_requested) as asked:
        QTest.keyClick(field(bar), Qt.Key.Key_Return)
    assert asked.args == [[0]]
    assert session.selected_notes == (0,)
    assert "note: Ask Ada" in told(bar)
    type_in(bar, "ada relu")
    assert session.selected_notes == (0,)
