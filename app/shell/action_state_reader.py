"""Reads from documents, canvas and panels which actions are enabled, and reports changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.documents.workspace import Workspace
from app.shell.actions.action_manager import ActionState
from app.shell.actions.table import ActionCondition
from app.shell.document_tabs import DocumentTabs
from app.shell.panel_layouts import LAYOUT_NAMES, PanelLayouts
from app.shell.panels import Panels
from app.theme.theme import Theme
from app.training.panel.toolbar import LIVE_STATES
from engine.graph.view import exact_frame, frames_by_node
from engine.runs.state.run_state import FINAL_STATUSES


class ActionStateReader(QObject):
    """Reads from documents and panels which actions are enabled or checked.

    Signals:
        changed: the result of `read` may have changed.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        theme: Theme,
        tabs: DocumentTabs,
        panels: Panels,
        layouts: PanelLayouts,
    ) -> None:
        super().__init__(tabs)
        self._layouts = layouts
        layouts.changed.connect(self.changed)
        self._workspace, self._theme, self._tabs, self._panels = workspace, theme, tabs, panels
        workspace.project_changed.connect(self.changed)
        workspace.selection_changed.connect(self.changed)
        tabs.wire_selection_changed.connect(self.changed)
        panels.data.selection_changed.connect(self.changed)
        panels.training.running_changed.connect(self.changed)
        panels.training.state_changed.connect(self.changed)
        panels.training.run_view.view_options.changed.connect(self.changed)
        panels.runs.selection_changed.connect(self.changed)
        panels.results.changed.connect(self.changed)

    def read(self) -> ActionState:
        """Return the current state of the actions."""
        history = self._workspace.session.undo_history
        options = self._panels.training.run_view.view_options.options
        return ActionState(
            conditions={"": True, **self._document_conditions(), **self._run_conditions()},
            check_marks={
                "minimap": self._tabs.is_minimap_visible,
                "theme-system": self._theme.mode == "system",
                "theme-dark": self._theme.mode == "dark",
                "theme-light": self._theme.mode == "light",
                "color-blind": self._theme.color_blind,
                "reduce-motion": self._theme.reduced_motion,
                "curves-log": options.log_scale,
                **{f"layout-{name}": name == self._layouts.active for name in LAYOUT_NAMES},
            },
            undo_label=history.undo_label,
            redo_label=history.redo_label,
        )

    def _document_conditions(self) -> dict[ActionCondition, bool]:
        """Return whether each condition about the document and its data is met."""
        session = self._workspace.session
        history, nodes = session.undo_history, len(session.selection)
        notes = len(session.selected_notes)
        wires = len(self._tabs.canvas.context.selected_wires)
        framed = frames_by_node(session.project) if nodes else {}
        is_frame = bool(framed) and exact_frame(session.project, session.selection) is not None
        return {
            "nodes": nodes > 0,
            "one node": nodes == 1,
            "several": nodes > 1,
            "renamable": (nodes == 1 or is_frame) if nodes else notes == 1,
            "framed": any(name in framed for name in session.selection),
            "wires": wires > 0,
            "nodes or notes": nodes + notes > 0,
            "nodes and notes": nodes > 0 and notes > 0,
            "selection": nodes + notes + wires > 0,
            "undo": history.undo_label is not None,
            "redo": history.redo_label is not None,
            "graph": len(session.graph) > 0,
            "columns": len(self._panels.data.selected_columns) > 0,
        }

    def _run_conditions(self) -> dict[ActionCondition, bool]:
        """Return whether each condition about the training, the runs and their results is met."""
        training, results = self._panels.training, self._panels.results
        shown, selected = training.displayed_run, self._panels.runs.selected
        is_final = len(selected) == 1 and selected[0].status in FINAL_STATUSES
        return {
            "running": training.running,
            "idle": not training.running,
            "controllable": training.state in LIVE_STATES,
            "resumable": training.resumable,
            "last run": training.last_run is not None and not training.running,
            "curves": shown is not None and shown.curves.started is not None,
            "one run": len(selected) == 1,
            "runs": len(selected) > 0,
            "two runs": len(selected) == 2,
            "finished run": is_final and not training.running,
            "results run": results.run is not None and not results.evaluation.is_running,
            "evaluation": results.shown_results is not None,
        }
