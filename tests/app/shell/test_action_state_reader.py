"""Enabled actions and check marks follow selection, edits and panels."""

from __future__ import annotations

from types import SimpleNamespace
from typing import get_args

import pytest
from PySide6.QtWidgets import QMainWindow

from app.settings import Settings
from app.shell.action_state_reader import ActionStateReader
from app.shell.actions.table import ACTIONS, ActionCondition, find_action
from app.shell.dock_layout import DockLayout
from app.shell.document_tabs import DocumentTabs
from app.shell.panel_layouts import PanelLayouts
from app.shell.panels import Panels
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import add_frame
from engine.graph.edits.note_edits import add_note


@pytest.fixture
def tabs(qtbot, workspace, theme):
    tabs = DocumentTabs(workspace, theme)
    qtbot.addWidget(tabs)
    return tabs


@pytest.fixture
def reader(qtbot, workspace, theme, tabs):
    panels = Panels(workspace, theme, Settings())
    window = QMainWindow()
    qtbot.addWidget(window)
    docks = DockLayout(window, panels.by_title(), b"", theme)
    return ActionStateReader(workspace, theme, tabs, panels, PanelLayouts(docks, Settings()))


def panels(
    running=False, state="idle", resumable=False, last_run=None, curves=None, log_scale=False,
    runs=(), results=None, evaluating=False, evaluation=None, columns=(),
):  # fmt: skip
    """Panels that show these runs, curves and results; `runs` are states."""
    shown = SimpleNamespace(curves=SimpleNamespace(started=curves))
    options = SimpleNamespace(options=SimpleNamespace(log_scale=log_scale))
    return SimpleNamespace(
        training=SimpleNamespace(
            running=running,
            state=state,
            resumable=resumable,
            last_run=last_run,
            displayed_run=shown,
            run_view=SimpleNamespace(view_options=options),
        ),
        runs=SimpleNamespace(selected=[SimpleNamespace(status=status) for status in runs]),
        results=SimpleNamespace(
            run=results,
            evaluation=SimpleNamespace(is_running=evaluating),
            shown_results=evaluation,
        ),
        data=SimpleNamespace(selected_columns=columns),
    )


def met(reader) -> set[str]:
    return {name for name, is_met in reader.read().conditions.items() if is_met}


def is_enabled(reader, id: str) -> bool:
    return reader.read().conditions[find_action(id).needs]


def fill(session) -> None:
    for name in ("a", "b", "c"):
        session.edit("Add Dense", node_edits.add_node, "Dense", name)


def test_an_empty_document_has_nothing_to_act_on(reader):
    assert met(reader) == {"", "idle"}
    assert reader.read().undo_label is None


def test_every_condition_can_be_met(reader, tabs, session):
    fill(session)
    session.edit("Frame", add_frame, ["a", "b"])
    session.edit("Add note", add_note, "A note", (0, 0))
    session.select(["a", "b", 0])
    session.edit("Add Dense", node_edits.add_node, "Dense", "d")
    session.undo()
    tabs.canvas.context.selected_wires = {"a wire"}
    reader._panels = panels(
        True, "running", True, "run", 1, runs=("finished", "finished"), results="run",
        evaluation="scores", columns=("age",),
    )  # fmt: skip
    found = met(reader)
    session.select(["a"])
    reader._panels = panels(last_run="run", runs=("finished",))
    assert found | met(reader) == set(get_args(ActionCondition))
    assert set(reader.read().conditions) == set(get_args(ActionCondition))


def test_edits_and_selection_are_followed(reader, session, qtbot):
    with qtbot.waitSignal(reader.changed):
        session.edit("Add Dense", node_edits.add_node, "Dense", "a")
    assert {"undo", "graph"} <= met(reader)
    assert reader.read().undo_label == "Add Dense"
    with qtbot.waitSignal(reader.changed):
        session.select(["a"])
    assert {"nodes", "one node", "renamable", "selection"} <= met(reader)
    assert not is_enabled(reader, "collapse-frame")


def test_one_node_or_one_whole_frame_can_be_renamed(reader, session):
    fill(session)
    session.select(["a", "b"])
    assert not is_enabled(reader, "rename")
    session.edit("Frame", add_frame, ["a", "b"])
    assert is_enabled(reader, "rename")
    assert is_enabled(reader, "collapse-frame")
    session.select(["a", "b", "c"])
    assert not is_enabled(reader, "rename")
    assert is_enabled(reader, "collapse-frame")
    session.select(["c"])
    assert is_enabled(reader, "rename")
    assert not is_enabled(reader, "collapse-frame")


def test_a_wire_can_be_deleted_but_not_bridged(reader, tabs):
    tabs.canvas.context.selected_wires = {"a wire"}
    assert is_enabled(reader, "delete")
    assert not is_enabled(reader, "delete-plain")


@pytest.mark.parametrize(
    ("shown", "id", "expected"),
    [
        ({"running": True}, "train", False),
        ({"running": True}, "stop", True),
        ({"running": True, "state": "running"}, "pause", True),
        ({"running": True, "state": "starting"}, "pause", False),
        ({"last_run": "run"}, "last-run", True),
        ({"last_run": "run", "running": True}, "last-run", False),
        ({"runs": ["finished"]}, "run-again", True),
        ({"runs": ["running"]}, "run-again", False),
        ({"runs": ["finished"], "running": True}, "run-again", False),
        ({"runs": ["finished", "finished"]}, "run-again", False),
        ({"runs": ["finished", "finished"]}, "run-compare", True),
        ({"results": "run"}, "evaluate", True),
        ({"results": "run", "evaluating": True}, "evaluate", False),
    ],
)
def test_an_action_is_enabled_by_the_run_it_acts_on(reader, shown, id, expected):
    reader._panels = panels(**shown)
    assert is_enabled(reader, id) == expected


def test_every_checkable_action_has_a_check_mark(reader, tabs):
    marks = reader.read().check_marks
    assert set(marks) == {row.id for row in ACTIONS if row.checkable}
    assert {id for id, is_on in marks.items() if is_on} == {
        "theme-dark", "minimap", "layout-network",
    }  # fmt: skip
    tabs.show_minimap(False)
    reader._panels = panels(log_scale=True)
    marks = reader.read().check_marks
    assert {id for id, is_on in marks.items() if is_on} == {
        "theme-dark", "curves-log", "layout-network",
    }  # fmt: skip


def test_another_scale_of_the_curves_is_reported(reader, qtbot):
    view = reader._panels.training.run_view.view_options
    with qtbot.waitSignal(reader.changed):
        view.update(log_scale=True)
    assert reader.read().check_marks["curves-log"]
