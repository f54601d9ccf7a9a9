"""The context follows selection, edits and panels."""

from __future__ import annotations

import pytest

from app.settings import Settings
from app.shell.context_reader import ContextReader
from app.shell.document_tabs import DocumentTabs
from app.shell.panels import build_panels
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import add_frame


@pytest.fixture
def reader(qtbot, workspace, theme):
    tabs = DocumentTabs(workspace, theme)
    panels = build_panels(workspace, theme, Settings())
    for widget in (tabs, *(panel for _, panel in panels.by_title())):
        qtbot.addWidget(widget)
    return ContextReader(workspace, theme, tabs, panels)


def test_an_empty_document_has_nothing_to_act_on(reader):
    context = reader.read()
    assert (context.node_count, context.selected_nodes, context.selected_runs) == (0, 0, 0)
    assert context.undo_label is None
    assert not context.has_curves
    assert context.theme_mode == "dark"


def test_edits_and_selection_are_counted(reader, session, qtbot):
    with qtbot.waitSignal(reader.changed):
        session.edit("Add Dense", node_edits.add_node, "Dense", "a")
    session.edit("Add Dense", node_edits.add_node, "Dense", "b")
    session.select(["a"])
    context = reader.read()
    assert (context.node_count, context.selected_nodes) == (2, 1)
    assert context.undo_label == "Add Dense"
    assert not context.has_framed_node


def test_a_frame_is_selected_with_all_of_its_nodes_only(reader, session):
    for name in ("a", "b"):
        session.edit("Add", node_edits.add_node, "Dense", name)
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    assert reader.read().has_framed_node
    assert not reader.read().is_frame_selected
    session.select(["a", "b"])
    assert reader.read().is_frame_selected


def test_another_scale_of_the_curves_is_reported(reader, qtbot):
    view = reader._panels.training.run_view.view_options
    with qtbot.waitSignal(reader.changed):
        view.update(log_scale=True)
    assert reader.read().is_log_scale
