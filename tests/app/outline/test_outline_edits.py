"""Edits and menus of the outline, its filter, and other documents."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.documents.session import Session
from app.outline.connect_popup import ConnectPopup
from app.outline.panel import OutlinePanel
from app.outline.tree_edits import candidates_to
from engine.check.report import check
from engine.graph.edits import field_edits, node_edits, wire_edits
from engine.graph.model import Project
from tests.app.outline.driving import below, click, go, go_below, menu_entry, names, template

KEY = Qt.Key


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


def test_a_wire_counts_as_certain_only_if_it_was_checked():
    """The shape of a source says nothing while another input of the target has no wire."""
    project = Project()
    for name in ("a", "b"):
        project = node_edits.add_node(project, "Input", name, params={"shape": [4, 8]})
    project = node_edits.add_node(project, "Attention", "att", inputs={"query": "a"})
    bare = candidates_to(check(project), "att", "query")
    assert [(each.source, each.is_certain) for each in bare] == [("b", False)]
    project = wire_edits.connect(project, "b", "att", "value")
    project = wire_edits.disconnect(project, "att", "query")
    wired = candidates_to(check(project), "att", "query")
    assert [each.is_certain for each in wired] == [True, True]


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


@pytest.mark.slow
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
