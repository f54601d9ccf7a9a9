"""Enabled states and check marks are functions of one value."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from app.shell.actions.enablement import ActionContext, is_checked, is_enabled
from app.shell.actions.table import ACTIONS, ActionCondition, find_action

EMPTY = ActionContext()
FULL = ActionContext(
    node_count=5, selected_nodes=2, selected_wires=1, is_frame_selected=True, has_framed_node=True,
    undo_label="Move", redo_label="Add", is_training=True, is_controllable=True, is_resumable=True,
    has_last_run=True, has_curves=True, selected_runs=2, is_selected_run_final=True,
    has_results_run=True, has_evaluation=True, selected_columns=1,
)  # fmt: skip


def enabled(context: ActionContext) -> set[str]:
    return {row.id for row in ACTIONS if is_enabled(row, context)}


def test_without_anything_only_unconditional_actions_and_train_are_enabled():
    needs = {row.needs for row in ACTIONS if row.id in enabled(EMPTY)}
    assert needs == {"", "idle"}


def test_every_condition_can_be_met():
    met = {row.needs for context in (FULL, replace(FULL, is_training=False, selected_runs=1),
                                     replace(FULL, selected_nodes=1)) for row in ACTIONS
           if is_enabled(row, context)}  # fmt: skip
    assert met | {"one node"} == set(get_args(ActionCondition))


@pytest.mark.parametrize(
    ("changes", "id", "expected"),
    [
        ({"selected_nodes": 1}, "rename", True),
        ({"selected_nodes": 2}, "rename", False),
        ({"selected_nodes": 2, "is_frame_selected": True}, "rename", True),
        ({"selected_wires": 1}, "delete", True),
        ({"selected_wires": 1}, "delete-plain", False),
        ({"is_training": True}, "train", False),
        ({"is_training": True}, "stop", True),
        ({"has_last_run": True, "is_training": True}, "last-run", False),
        ({"selected_runs": 1, "is_selected_run_final": True}, "run-again", True),
        ({"selected_runs": 1, "is_selected_run_final": True, "is_training": True},
         "run-again", False),
        ({"has_results_run": True}, "evaluate", True),
        ({"has_results_run": True, "is_evaluating": True}, "evaluate", False),
        ({"undo_label": "Add"}, "undo", True),
    ],
)  # fmt: skip
def test_an_action_is_enabled_by_what_it_acts_on(changes, id, expected):
    assert is_enabled(find_action(id), replace(EMPTY, **changes)) == expected


def test_every_checkable_action_has_a_check_mark():
    assert not any(is_checked(row, EMPTY) for row in ACTIONS if row.checkable
                   and not row.id.startswith("theme-"))  # fmt: skip
    context = replace(EMPTY, is_minimap_visible=True, is_log_scale=True)
    checked = {row.id for row in ACTIONS if row.checkable and is_checked(row, context)}
    assert checked == {"theme-system", "minimap", "curves-log"}
