"""The state of the window that decides which actions are enabled and which have a check mark.

`app.shell.context_reader` reads an `ActionContext` from documents and panels. `is_enabled` and
`is_checked` are pure functions of this value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.shell.actions.table import Action, ActionCondition
from app.theme.theme import ThemeMode


@dataclass(frozen=True)
class ActionContext:
    """The state of the active document, of the run in the training panel, and of the panels.

    Args:
        is_frame_selected: whether the selected nodes are exactly the nodes of one frame.
        has_framed_node: whether a selected node is in a frame.
        undo_label, redo_label: the label of the change to undo or redo, None if there is none.
        is_controllable: whether the running training accepts control requests.
        is_resumable: whether the run in the training panel can be resumed.
        has_last_run: whether the active document has a run.
        is_selected_run_final: whether exactly one run is selected and has ended.
        is_evaluating: whether the run in the results panel is being evaluated.
        is_log_scale: whether loss curves have a logarithmic scale.
    """

    node_count: int = 0
    selected_nodes: int = 0
    selected_wires: int = 0
    is_frame_selected: bool = False
    has_framed_node: bool = False
    undo_label: str | None = None
    redo_label: str | None = None
    is_training: bool = False
    is_controllable: bool = False
    is_resumable: bool = False
    has_last_run: bool = False
    has_curves: bool = False
    selected_runs: int = 0
    is_selected_run_final: bool = False
    has_results_run: bool = False
    is_evaluating: bool = False
    has_evaluation: bool = False
    selected_columns: int = 0
    theme_mode: ThemeMode = "system"
    is_minimap_visible: bool = False
    is_log_scale: bool = False


def is_enabled(action: Action, context: ActionContext) -> bool:
    """Return whether the context meets the condition `needs` of an action."""
    return _CONDITIONS[action.needs](context)


def is_checked(action: Action, context: ActionContext) -> bool:
    """Return whether a checkable action has a check mark."""
    return _CHECK_MARKS[action.id](context)


_Test = Callable[[ActionContext], bool]

_CONDITIONS: Mapping[ActionCondition, _Test] = {
    "": lambda context: True,
    "nodes": lambda context: context.selected_nodes > 0,
    "one node": lambda context: context.selected_nodes == 1,
    "several": lambda context: context.selected_nodes > 1,
    "renamable": lambda context: context.selected_nodes == 1 or context.is_frame_selected,
    "framed": lambda context: context.has_framed_node,
    "wires": lambda context: context.selected_wires > 0,
    "nodes or wires": lambda context: context.selected_nodes + context.selected_wires > 0,
    "undo": lambda context: context.undo_label is not None,
    "redo": lambda context: context.redo_label is not None,
    "graph": lambda context: context.node_count > 0,
    "running": lambda context: context.is_training,
    "idle": lambda context: not context.is_training,
    "controllable": lambda context: context.is_controllable,
    "resumable": lambda context: context.is_resumable,
    "last run": lambda context: context.has_last_run and not context.is_training,
    "curves": lambda context: context.has_curves,
    "one run": lambda context: context.selected_runs == 1,
    "runs": lambda context: context.selected_runs > 0,
    "two runs": lambda context: context.selected_runs == 2,
    "finished run": lambda context: context.is_selected_run_final and not context.is_training,
    "results run": lambda context: context.has_results_run and not context.is_evaluating,
    "evaluation": lambda context: context.has_evaluation,
    "columns": lambda context: context.selected_columns > 0,
}

_CHECK_MARKS: Mapping[str, _Test] = {
    "minimap": lambda context: context.is_minimap_visible,
    "theme-system": lambda context: context.theme_mode == "system",
    "theme-dark": lambda context: context.theme_mode == "dark",
    "theme-light": lambda context: context.theme_mode == "light",
    "curves-log": lambda context: context.is_log_scale,
}
