"""The outline: what it lists, how it is walked, and names that are changed in it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from app.outline.delegate import OutlineDelegate
from app.outline.panel import OutlinePanel
from engine.graph.edits import field_edits, wire_edits
from engine.graph.edits.frame_edits import add_frame
from engine.graph.view import frames
from tests.app.outline.driving import below, click, go, go_below, menu_entry, names

KEY = Qt.Key
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


def test_nodes_stand_in_order_of_computation_under_three_heads(panel, session):
    """Inputs, layers and Outputs are all there, none twice."""
    inputs, layers, outputs = names(panel)
    assert inputs == ["posts"]
    assert outputs == ["age", "income", "gender"]
    order = [node.name for node in session.graph.topological_order]
    assert layers == [name for name in order if name not in inputs + outputs]


def test_nodes_on_a_loop_are_listed_too(panel, session):
    """What has no order must be reachable all the same, else it could not be mended."""
    session.edit("Connect", wire_edits.connect, "conv_3", "conv", "x")
    session.current_report()
    assert sorted(sum(names(panel), [])) == sorted(node.name for node in session.graph)


def test_a_screen_reader_hears_a_node_as_a_sentence(panel, session):
    """Name, kind, settings, shape, wires and findings are said in one breath."""
    session.edit("Break", field_edits.set_params, "age_head", {"units": 0})
    session.current_report()
    said = panel.view.outline_model.node_index("conv_2").data(ACCESSIBLE)
    assert said.startswith(
        "conv_2, Conv1D, filters 256, kernel_size 5, activation relu, output shape "
    )
    assert said.endswith("inputs from pool, feeds conv_3")
    assert panel.view.outline_model.node_index("age_head").data(ACCESSIBLE).endswith("; 1 error")
    assert panel.view.outline_model.index(1, 0).data(ACCESSIBLE) == "Layers, 10 nodes"


def test_a_click_selects_and_ctrl_adds(qtbot, panel, session):
    """The selection is that of the document, one node or several."""
    click(qtbot, panel, "conv")
    assert session.selection == ("conv",)
    click(qtbot, panel, "pool", Qt.KeyboardModifier.ControlModifier)
    assert session.selection == ("conv", "pool")


def test_a_selection_from_elsewhere_is_shown(panel, session):
    """What is selected on the canvas is selected here, and in sight."""
    session.select(["conv", "conv_2", "age"])
    assert set(panel.view.selected_keys()) == {"conv", "conv_2", "age"}
    assert panel.view.outline_model.node_at(panel.view.currentIndex()) == "conv"


def test_arrow_keys_walk_and_enter_follows_a_wire(qtbot, panel, session):
    """Right opens a node, Down walks its wires, Return goes to the node at the other end."""
    go(panel, "conv_2")
    qtbot.keyClick(panel.view, KEY.Key_Right)
    qtbot.keyClick(panel.view, KEY.Key_Down)
    assert panel.view.currentIndex().data() == "from pool"
    assert session.selection == ("conv_2",)
    with qtbot.waitSignal(session.reveal_requested) as asked:
        qtbot.keyClick(panel.view, KEY.Key_Return)
    assert asked.args == [["pool"]]
    assert session.selection == ("pool",)
    assert panel.view.outline_model.node_at(panel.view.currentIndex()) == "pool"


def test_a_fork_lists_all_that_it_feeds(panel):
    """Each wire is a row."""
    assert below(panel, "features") == [
        "from peak",
        "to age_head",
        "to income_head",
        "to gender_head",
    ]


def test_f2_renames_in_place_and_the_row_stays(qtbot, panel, session):
    """A new name keeps the row current and selected, and is one step."""
    go(panel, "conv_2")
    panel.view.expand(panel.view.currentIndex())
    qtbot.keyClick(panel.view, KEY.Key_F2)
    editor = panel.view.viewport().findChild(QLineEdit)
    qtbot.keyClicks(editor, "second")
    qtbot.keyClick(editor, KEY.Key_Return)
    qtbot.waitUntil(lambda: "second" in session.graph)
    session.current_report()
    assert session.graph["conv_3"].inputs["x"] == "second"
    assert session.selection == ("second",)
    assert panel.view.currentIndex().data() == "second"
    assert panel.view.isExpanded(panel.view.currentIndex())
    session.undo()
    assert "conv_2" in session.graph


@pytest.mark.parametrize(("typed", "why"), [("conv", 'A node "conv"'), ("2 c", "A name consists")])
@pytest.mark.parametrize("key", [KEY.Key_Return, KEY.Key_Tab])
def test_a_name_that_cant_be_taken_keeps_the_field_open(qtbot, panel, session, typed, why, key):
    """It is red and says why, what is typed next goes on with the name, and Escape gives up."""
    go(panel, "conv_2")
    qtbot.keyClick(panel.view, KEY.Key_F2)
    editor = panel.view.viewport().findChild(QLineEdit)
    qtbot.keyClicks(editor, typed)
    qtbot.keyClick(editor, key)
    assert panel.view.viewport().findChild(QLineEdit) is editor
    assert editor.isVisible()
    assert editor.property("invalid") is True
    assert editor.accessibleDescription().startswith(why)
    qtbot.keyClick(editor, KEY.Key_Escape)
    qtbot.waitUntil(lambda: panel.view.state() == panel.view.State.NoState)
    assert "conv_2" in session.graph


def test_f2_on_a_wire_renames_the_node_above(qtbot, panel, session):
    """A wire has no name of its own."""
    go_below(panel, "conv_2", "from pool")
    qtbot.keyClick(panel.view, KEY.Key_F2)
    editor = panel.view.viewport().findChild(QLineEdit)
    assert editor.text() == "conv_2"
    qtbot.keyClicks(editor, "second")
    qtbot.keyClick(editor, KEY.Key_Return)
    qtbot.waitUntil(lambda: "second" in session.graph)


@pytest.fixture
def framed(panel, session):
    """Two frames around the ends of the network."""
    session.edit("Frame", add_frame, ["age_head", "age"], "Age")
    session.edit("Frame", add_frame, ["income_head", "income"], "Income")
    session.current_report()
    return panel


def go_to_frame(panel: OutlinePanel, row: int) -> None:
    model = panel.view.outline_model
    panel.view.setCurrentIndex(model.index(row, 0, model.index(3, 0)))


def test_frames_are_listed_while_there_are_some(framed, session):
    """After Inputs, layers and Outputs; a row each, that says its nodes."""
    model = framed.view.outline_model
    assert names(framed)[3] == ["Age", "Income"]
    assert model.index(3, 0).data(ACCESSIBLE) == "Frames, 2 frames"
    row = model.index(0, 0, model.index(3, 0))
    assert row.data(ACCESSIBLE) == "Age, frame around age_head and age"
    session.undo()
    session.undo()
    session.current_report()
    assert len(names(framed)) == 3


def test_a_frame_is_gone_to_renamed_and_removed_by_keys(qtbot, framed, session):
    """Return shows its nodes, F2 renames it, Delete takes the frame and leaves the nodes."""
    go_to_frame(framed, 1)
    assert session.selection == ("income_head", "income")
    with qtbot.waitSignal(session.reveal_requested) as asked:
        qtbot.keyClick(framed.view, KEY.Key_Return)
    assert asked.args == [["income_head", "income"]]
    go_to_frame(framed, 1)
    qtbot.keyClick(framed.view, KEY.Key_F2)
    editor = framed.view.viewport().findChild(QLineEdit)
    qtbot.keyClicks(editor, "Head of income")
    qtbot.keyClick(editor, KEY.Key_Return)
    qtbot.waitUntil(lambda: frames(session.project)[1].title == "Head of income")
    session.current_report()
    assert names(framed)[3] == ["Age", "Head of income"]
    qtbot.keyClick(framed.view, KEY.Key_Delete)
    session.current_report()
    assert names(framed)[3] == ["Age"]
    assert "income" in session.graph


def test_the_menu_of_a_frame_collapses_it(framed, session):
    """As a click on its arrow does."""
    go_to_frame(framed, 0)
    framed.view.context_menu_requested.emit(QPoint(0, 0))
    menu_entry(framed, "Collapse").trigger()
    assert frames(session.project)[0].collapsed
    QApplication.activePopupWidget().close()


def test_every_row_has_its_shape_however_narrow_the_panel(panel, session, monkeypatch):
    """Briefly, at the right; the kind before it is cut with three dots."""
    panel.resize(230, 640)
    session.current_report()
    told: list[str] = []
    draw = OutlineDelegate._paint_text

    def heard(self, painter, rect, text, font, ink):
        if ink == self._theme.color("shape"):
            told.append(text)
        return draw(self, painter, rect, text, font, ink)

    monkeypatch.setattr(OutlineDelegate, "_paint_text", heard)
    panel.view.viewport().grab()
    assert len(told) == len(session.graph)
    assert "None × 256" in told
