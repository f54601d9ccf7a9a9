"""The outline: whoever sees no canvas walks, renames, wires and deletes with the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.outline.connect_popup import ConnectPopup
from app.outline.delegate import OutlineDelegate
from app.outline.panel import OutlinePanel
from app.theme.theme import Theme
from engine.graph import templates
from engine.graph.edits import field_edits, node_edits, wire_edits
from engine.graph.edits.frame_edits import add_frame
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.graph.view import frames

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


def template(name: str) -> Project:
    return parse(templates.read_template(name)).project


@pytest.fixture
def panel(qtbot, workspace: Workspace, session: Session, theme: Theme) -> OutlinePanel:
    session.apply("Draw", template("posts"))
    session.current_report()
    made = OutlinePanel(workspace, theme)
    qtbot.addWidget(made)
    made.resize(420, 640)
    made.show()
    qtbot.waitExposed(made)
    QAbstractItemModelTester(
        made.view.outline_model, QAbstractItemModelTester.FailureReportingMode.Fatal, made
    )
    return made


def names(panel: OutlinePanel) -> list[list[str]]:
    """Return the names that the tree shows, by group."""
    model = panel.view.outline_model
    groups = [model.index(row, 0) for row in range(model.rowCount())]
    return [
        [model.index(row, 0, group).data() for row in range(model.rowCount(group))]
        for group in groups
    ]


def go(panel: OutlinePanel, name: str) -> None:
    panel.view.setCurrentIndex(panel.view.outline_model.node_index(name))


def below(panel: OutlinePanel, name: str) -> list[str]:
    model = panel.view.outline_model
    above = model.node_index(name)
    return [model.index(row, 0, above).data() for row in range(model.rowCount(above))]


def go_below(panel: OutlinePanel, name: str, text: str) -> None:
    model = panel.view.outline_model
    row = below(panel, name).index(text)
    panel.view.expand(model.node_index(name))
    panel.view.setCurrentIndex(model.index(row, 0, model.node_index(name)))


def click(qtbot, panel: OutlinePanel, name: str, keys=Qt.KeyboardModifier.NoModifier) -> None:
    rect = panel.view.visualRect(panel.view.outline_model.node_index(name))
    qtbot.mouseClick(panel.view.viewport(), LEFT, keys, rect.topLeft() + QPoint(40, 8))


def menu_entry(panel: OutlinePanel, text: str):
    menu = panel.findChild(QMenu, "outline-menu")
    return next(action for action in menu.actions() if action.text().startswith(text))


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
    assert set(panel.view.selected_names()) == {"conv", "conv_2", "age"}
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
    assert "free × 256" in told


def test_delete_takes_all_selected_nodes_in_one_step(qtbot, panel, session):
    """One press, one undo step."""
    before = session.project
    session.select(["conv", "pool"])
    qtbot.keyClick(panel.view, KEY.Key_Delete)
    session.current_report()
    assert "conv" not in session.graph
    assert "pool" not in session.graph
    assert "conv" not in names(panel)[1]
    session.undo()
    assert session.project is before


def test_delete_on_a_wire_takes_only_the_wire(qtbot, panel, session):
    """On a "from" row Delete disconnects."""
    go_below(panel, "conv_2", "from pool")
    qtbot.keyClick(panel.view, KEY.Key_Delete)
    session.current_report()
    assert "x" not in session.graph["conv_2"].inputs
    assert below(panel, "conv_2") == ["input x: not connected", "to conv_3"]
    assert "conv_2" in session.graph


def test_a_wire_is_drawn_without_a_mouse(qtbot, panel, session):
    """Ctrl+L lists what can take a wire; typing narrows, Return connects."""
    session.edit("Disconnect", wire_edits.disconnect, "conv_2", "x")
    session.current_report()
    go(panel, "pool")
    qtbot.keyClick(panel.view, KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    popup = panel.findChild(ConnectPopup)
    first = popup.list.item(0).text()
    assert first == "conv_2, input x"
    qtbot.keyClicks(popup.filter_field, "conv_2")
    qtbot.keyClick(popup.filter_field, KEY.Key_Return)
    assert session.graph["conv_2"].inputs["x"] == "pool"


def test_what_would_make_a_loop_or_does_not_fit_is_not_offered(qtbot, panel, session):
    """The list holds only wires that make sense."""
    go(panel, "features")
    qtbot.keyClick(panel.view, KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    popup = panel.findChild(ConnectPopup)
    offered = [popup.list.item(row).text() for row in range(popup.list.count())]
    assert not any(text.startswith(("words", "conv", "peak", "features")) for text in offered)
    assert any(text.startswith("age, input x (replaces age_head)") for text in offered)
    qtbot.keyClick(popup.filter_field, KEY.Key_Escape)


def test_a_loose_port_is_wired_from_its_row(qtbot, panel, session):
    """Return on "not connected" lists where a wire could come from."""
    session.edit("Disconnect", wire_edits.disconnect, "conv_2", "x")
    session.current_report()
    go_below(panel, "conv_2", "input x: not connected")
    qtbot.keyClick(panel.view, KEY.Key_Return)
    popup = panel.findChild(ConnectPopup)
    qtbot.keyClicks(popup.filter_field, "pool")
    qtbot.keyClick(popup.filter_field, KEY.Key_Return)
    assert session.graph["conv_2"].inputs["x"] == "pool"


def test_the_menu_goes_bypasses_and_deletes(qtbot, panel, session):
    """The context menu opens at once and does what its entries say."""
    click(qtbot, panel, "pool")
    panel.view.context_menu_requested.emit(QPoint(0, 0))
    menu_entry(panel, "Bypass").trigger()
    assert session.graph["pool"].off
    QApplication.activePopupWidget().close()
    qtbot.waitUntil(lambda: panel.findChild(QMenu, "outline-menu") is None)
    panel.view.context_menu_requested.emit(QPoint(0, 0))
    assert menu_entry(panel, "Bypass").isChecked()
    menu_entry(panel, "Delete").trigger()
    assert "pool" not in session.graph
    QApplication.activePopupWidget().close()


def test_the_menu_of_a_wire_disconnects(panel, session):
    """A "from" row offers to take its wire away."""
    go_below(panel, "conv_2", "from pool")
    panel.view.context_menu_requested.emit(QPoint(0, 0))
    menu_entry(panel, "Disconnect").trigger()
    assert "x" not in session.graph["conv_2"].inputs
    QApplication.activePopupWidget().close()


def test_the_filter_leaves_what_matches(qtbot, panel, session):
    """Typing narrows the tree to names and kinds, and the selection stays the document's."""
    session.select(["conv"])
    qtbot.keyClicks(panel.filter_field, "dense")
    assert names(panel) == [[], ["features", "age_head", "income_head", "gender_head"], []]
    assert session.selection == ("conv",)
    panel.filter_field.clear()
    assert panel.view.selected_names() == ["conv"]


def test_what_is_open_stays_open_over_edits(panel, session):
    """Nodes drawn or deleted elsewhere close nothing."""
    panel.view.expand(panel.view.outline_model.node_index("features"))
    session.edit("Delete", node_edits.remove_node, "words")
    session.edit("Draw", node_edits.add_node, "Dense", "more", inputs={"x": "features"})
    session.current_report()
    assert panel.view.isExpanded(panel.view.outline_model.node_index("features"))
    assert "to more" in below(panel, "features")


def test_another_document_is_shown_whole(panel, workspace):
    """With another session in front the tree is that of its graph."""
    other = Session(template("question-answering"))
    workspace.open(other)
    assert sorted(sum(names(panel), [])) == sorted(node.name for node in other.graph)


def test_a_hidden_outline_does_nothing_and_catches_up(panel, session):
    """A dock that nobody sees costs nothing."""
    panel.hide()
    session.edit("Delete", node_edits.remove_node, "words")
    session.current_report()
    assert "words" in names(panel)[1]
    panel.show()
    assert "words" not in names(panel)[1]


def test_a_parameter_edit_among_a_thousand_nodes_changes_no_row(qtbot, workspace, session, theme):
    """The tree answers a checked edit by painting what is seen again, and by nothing else."""
    project = node_edits.add_node(Project(), "Input", "n0", params={"shape": [8]})
    for number in range(1, 1000):
        inputs = {"x": f"n{number - 1}"}
        project = node_edits.add_node(
            project, "Dense", f"n{number}", params={"units": 8}, inputs=inputs
        )
    session.apply("Draw", project)
    session.current_report()
    panel = OutlinePanel(workspace, theme)
    qtbot.addWidget(panel)
    panel.show()
    model, told = panel.view.outline_model, []
    panel.view.expand(model.node_index("n500"))
    assert model.rowCount(model.node_index("n500"))
    for change in (model.dataChanged, model.layoutChanged, model.modelReset,
                   model.rowsInserted, model.rowsRemoved):  # fmt: skip
        change.connect(lambda *_: told.append(1))
    session.edit("Set units", field_edits.set_params, "n500", {"units": 9})
    session.current_report()
    assert model.report is session.report
    assert not told
    QTest.keyClick(panel.view, KEY.Key_End)
