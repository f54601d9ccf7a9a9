"""Reads the `ActionContext` from documents, canvas and panels, and reports when it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.documents.workspace import Workspace
from app.runs.panel import RunsPanel
from app.shell.actions.enablement import ActionContext
from app.shell.document_tabs import DocumentTabs
from app.shell.panels import Panels
from app.theme.theme import Theme
from app.training.panel.toolbar import LIVE_STATES
from engine.graph.view import exact_frame, frames_by_node
from engine.runs.state.run_state import FINAL_STATUSES


class ContextReader(QObject):
    """Reads from documents and panels the state that decides which actions are enabled or checked.

    Signals:
        changed: the result of `read` may have changed.
    """

    changed = Signal()

    def __init__(
        self, workspace: Workspace, theme: Theme, tabs: DocumentTabs, panels: Panels
    ) -> None:
        super().__init__(tabs)
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

    def read(self) -> ActionContext:
        """Return the current state of documents and panels."""
        session = self._workspace.session
        history, count = session.undo_history, len(session.selection)
        framed = frames_by_node(session.project) if count else {}
        training, results = self._panels.training, self._panels.results
        shown = training.displayed_run
        return ActionContext(
            node_count=len(session.graph),
            selected_nodes=count,
            selected_wires=len(self._tabs.canvas.context.selected_wires),
            is_frame_selected=bool(framed and exact_frame(session.project, session.selection)),
            has_framed_node=any(name in framed for name in session.selection),
            undo_label=history.undo_label,
            redo_label=history.redo_label,
            is_training=training.running,
            is_controllable=training.state in LIVE_STATES,
            is_resumable=training.resumable,
            has_last_run=training.last_run is not None,
            has_curves=shown is not None and shown.curves.started is not None,
            selected_runs=len(self._panels.runs.selected),
            is_selected_run_final=_is_selection_final(self._panels.runs),
            has_results_run=results.run is not None,
            is_evaluating=results.evaluation.is_running,
            has_evaluation=results.shown_results is not None,
            selected_columns=len(self._panels.data.selected_columns),
            theme_mode=self._theme.mode,
            is_minimap_visible=self._tabs.is_minimap_visible,
            is_log_scale=training.run_view.view_options.options.log_scale,
        )


def _is_selection_final(runs: RunsPanel) -> bool:
    selected = runs.selected
    return len(selected) == 1 and selected[0].status in FINAL_STATUSES
