"""A screen reader finds nodes, ports, wires and frames of the canvas, and hears a selection."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.canvas.canvas import Canvas
from app.canvas.view.viewer import CanvasViewer
from app.documents.session import Session
from engine.graph.edits import field_edits, frame_edits, node_edits
from engine.graph.edits.note_edits import add_note
from engine.graph.model import Graph, Node, Project
from tests.app.rows.conftest import drawn
from tests.app.windows import settle, show_active

Role = QAccessible.Role


@pytest.fixture
def session(qapp: QApplication) -> Session:
    session = Session(frame_edits.add_frame(drawn(), ["a", "b"], "heads"))
    session.current_report()
    return session


@pytest.fixture
def canvas(qtbot, theme, session) -> Canvas:
    canvas = Canvas(session, theme)
    qtbot.addWidget(canvas)
    canvas.resize(1200, 760)
    show_active(qtbot, canvas)
    canvas.navigation.fit()
    return canvas


@pytest.fixture
def reader(monkeypatch) -> Iterator[list[tuple[QAccessible.Event, str]]]:
    """A screen reader is there; it hears these events."""
    heard: list[tuple[QAccessible.Event, str]] = []

    def hear(event: QAccessibleEvent) -> None:
        heard.append((event.type(), name(event.accessibleInterface())))

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    QAccessible.setActive(True)
    yield heard
    QAccessible.setActive(False)


def name(interface: QAccessibleInterface) -> str:
    return interface.text(QAccessible.Text.Name)


def root(canvas: Canvas) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(canvas.viewer)


def children(interface: QAccessibleInterface) -> list[QAccessibleInterface]:
    return [interface.child(index) for index in range(interface.childCount())]


def child(interface: QAccessibleInterface, start: str) -> QAccessibleInterface:
    return next(one for one in children(interface) if name(one).startswith(start))


def test_everything_on_the_canvas_has_a_name_and_a_role(canvas):
    found = {name(one): one.role() for one in children(root(canvas))}
    assert name(root(canvas)) == "Canvas: the network graph"
    assert found == {
        "Input 'x', output (batch, 8)": Role.ListItem,
        "Dense 'a', output (batch, 4)": Role.ListItem,
        "Dense 'b', 1 error": Role.ListItem,
        "Conv1D 'conv', 1 error": Role.ListItem,
        "Concatenate 'cat', 1 error": Role.ListItem,
        "Output 'y'": Role.ListItem,
        "wire from 'x' to 'a', (batch, 8)": Role.Graphic,
        "wire from 'a' to 'y', (batch, 4)": Role.Graphic,
        "frame 'heads', 2 nodes": Role.Grouping,
    }


def test_a_canvas_may_be_asked_for_before_it_is_complete(qtbot, theme, session, monkeypatch):
    """A desktop's bridge asks as soon as the view has a name."""
    counts = []

    def set_name(viewer: CanvasViewer, text: str) -> None:
        counts.append(QAccessible.queryAccessibleInterface(viewer).childCount())
        QWidget.setAccessibleName(viewer, text)

    monkeypatch.setattr(CanvasViewer, "setAccessibleName", set_name)
    canvas = Canvas(session, theme)
    qtbot.addWidget(canvas)
    assert counts == [0]
    assert root(canvas).childCount() == 9


def test_ports_are_children_of_their_node_with_what_they_are_connected_to(canvas):
    ports = children(child(root(canvas), "Dense 'a'"))
    assert [name(port) for port in ports] == [
        "input, from 'x'",
        "output (batch, 4), to 'y'",
    ]


def test_the_tree_leads_up_and_down_to_the_same_interfaces(canvas):
    top = root(canvas)
    for index, one in enumerate(children(top)):
        assert one.parent() is top
        assert top.indexOfChild(one) == index
        assert one.isValid()
        for place, port in enumerate(children(one)):
            assert port.parent() is one
            assert one.indexOfChild(port) == place


def test_each_is_found_at_its_place_on_the_screen(canvas):
    top = root(canvas)
    for start in ("Input 'x'", "Dense 'b'", "Output 'y'"):
        one = child(top, start)
        center = one.rect().center()
        assert canvas.viewer.rect().contains(canvas.viewer.mapFromGlobal(center))
        assert top.childAt(center.x(), center.y()) is one
    corner = canvas.viewer.mapToGlobal(QPoint(2, 2))
    assert top.childAt(corner.x(), corner.y()) is None


def test_states_tell_selection_focus_and_what_is_hidden(canvas, session):
    top, node = root(canvas), child(root(canvas), "Dense 'a'")
    assert not node.state().selected
    canvas.viewer.setFocus()
    session.select(["a"])
    assert node.state().selected
    assert node.state().focused
    assert top.focusChild() is node
    canvas.viewer.clearFocus()
    assert not node.state().focused
    session.edit("Collapse", frame_edits.set_frame, 0, collapsed=True)
    assert node.state().invisible
    assert name(child(top, "frame")).endswith("collapsed")


def test_an_edit_changes_names_and_children(canvas, session):
    top = root(canvas)
    session.edit("Set", field_edits.set_params, "a", {"units": 9})
    session.edit("Bypass", field_edits.set_off, "b", True)
    session.current_report()
    assert child(top, "Dense 'a', output (batch, 9)")
    assert name(child(top, "Dense 'b'")).endswith("bypassed")
    gone = child(top, "Dense 'a'")
    children(gone)
    session.edit("Rename", node_edits.rename_node, "a", "hidden")
    settle()
    assert child(top, "Dense 'hidden'")
    assert not any("'a'" in name(one) for one in children(top))


def test_a_node_can_be_selected(canvas, session):
    for start, selection in (("Conv1D", ("conv",)), ("frame", ("a", "b"))):
        action = child(root(canvas), start).actionInterface()
        action.doAction(action.actionNames()[0])
        assert session.selection == selection
    assert canvas.viewer.hasFocus()
    wire = child(root(canvas), "wire from 'x'")
    wire.actionInterface().doAction(wire.actionInterface().setFocusAction())
    assert wire.state().selected
    assert session.selection == ()
    assert wire.textInterface() is None, "other interfaces are none"


def test_a_note_is_read_found_and_selected(canvas, session, reader):
    session.edit("Add note", add_note, "Why 4?", (600, 300), nodes=["a"])
    canvas.navigation.fit()
    note = child(root(canvas), "note")
    assert (name(note), note.role()) == ("note 'Why 4?', about a", Role.Note)
    center = note.rect().center()
    assert root(canvas).childAt(center.x(), center.y()) is note
    note.actionInterface().doAction(note.actionInterface().setFocusAction())
    assert session.selected_notes == (0,)
    assert note.state().focused
    assert (QAccessible.Event.Focus, "note 'Why 4?', about a") in reader
    session.undo()
    assert not note.isValid()


def test_a_screen_reader_hears_each_selection_and_the_focus(canvas, session, reader):
    canvas.viewer.setFocus()
    session.select(["x"])
    heard = (QAccessible.Event.Focus, "Input 'x', output (batch, 8)")
    assert heard in reader
    reader.clear()
    canvas.viewer.clearFocus()
    assert heard not in reader
    QTest.mouseClick(canvas.viewer.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    canvas.viewer.setFocus()
    session.select(["x"])
    assert heard in reader


def test_nothing_is_created_or_reported_before_a_screen_reader_asks(canvas, session, monkeypatch):
    reported = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", reported.append)
    canvas.viewer.setFocus()
    session.select(["x"])
    assert reported == []
    assert canvas.accessibility.count == 0
    children(root(canvas))
    assert canvas.accessibility.count == 9


def test_a_canvas_that_was_read_can_be_closed(qtbot, theme, session):
    canvas = Canvas(session, theme)
    top = root(canvas)
    interfaces = [*children(top), *(port for one in children(top) for port in children(one))]
    accessibility = canvas.accessibility
    canvas.deleteLater()
    settle()
    for one in interfaces:  # PySide crashes if a screen reader asks now and a method raises
        assert not type(one).isValid(one)
        assert not type(one).parent(one)
        assert not type(one).child(one, 0)
        assert type(one).rect(one).isEmpty()
        assert type(one).state(one).invalid
        assert type(one).window(one) is None
        assert type(one).text(one, QAccessible.Text.Name) == ""
    assert type(top).childCount(top) == 0
    assert type(top).focusChild(top) is None
    del interfaces
    gc.collect()
    assert accessibility.count == 0


@pytest.mark.slow
def test_5000_nodes_are_read_soon(qtbot, theme):
    nodes = [Node("n0", "Input", params={"shape": [4]})]
    nodes += [Node(f"n{at}", "Dense", {"x": f"n{at - 1}"}, {"units": 4}) for at in range(1, 5000)]
    canvas = Canvas(Session(Project(Graph(tuple(nodes)))), theme)
    qtbot.addWidget(canvas)
    start = time.process_time()
    assert sum(bool(name(one)) for one in children(root(canvas))) == 9999
    assert time.process_time() - start < 2
