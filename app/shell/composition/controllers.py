"""The controllers of a window."""

from __future__ import annotations

from app.files.documents.file_drops import FileDropFilter
from app.palette.menu import AddMenu
from app.shell.composition.parts import WindowParts
from app.shell.controllers.close_guard import CloseGuard
from app.shell.controllers.context_menus import ContextMenuController
from app.shell.controllers.data.data_panel import DataController
from app.shell.controllers.data.data_status import DataStatusController
from app.shell.controllers.documentation import DocumentationController
from app.shell.controllers.documents import DocumentController
from app.shell.controllers.node_adding import NodeAddingController
from app.shell.controllers.problems import ProblemsController
from app.shell.controllers.results.file_prediction import FilePredictionController
from app.shell.controllers.results.results_run import ResultsRunController
from app.shell.controllers.runs.run_curves import RunCurvesController
from app.shell.controllers.runs.run_graphs import RunGraphsController
from app.shell.controllers.runs.runs_folder import RunsFolderController
from app.shell.controllers.source import SourceController
from app.shell.controllers.status_chip import StatusChipController
from app.shell.controllers.tour import TourController
from app.shell.controllers.training import TrainingController
from app.shell.controllers.welcome import WelcomeController
from app.shell.dialogs.help import HelpDialogs
from app.shell.dialogs.launch import LaunchDialogs
from app.shell.dialogs.start import StartDialogs
from app.shell.exports.curve_export import CurveExport
from app.shell.exports.graph_export import GraphExport
from app.shell.exports.pytorch_export import PyTorchExport
from app.shell.exports.results_export import ResultsExport


class Controllers:
    """All controllers of a window, its dialogs, and the exports of graphs, curves and results.

    Each controller gets only the objects that it connects.
    """

    def __init__(self, window: WindowParts) -> None:
        workspace, tabs, panels, theme = window.workspace, window.tabs, window.panels, window.theme
        files, settings = window.document_manager, window.settings
        prompts, exporter = files.prompts, files.exporter
        training, runs, results, data = panels.training, panels.runs, panels.results, panels.data
        actions, status_bar, docks = window.action_manager, window.status_bar, window.dock_layout
        self.start_dialogs = StartDialogs(window, theme, settings, workspace, files)
        self.help_dialogs = HelpDialogs(window, theme, actions)
        self.documentation = DocumentationController(
            window, theme, workspace, panels.problems, actions
        )
        self.launch_dialogs = LaunchDialogs(window, theme, workspace, training)
        self.documents = DocumentController(workspace, files, tabs, panels.inspector, training)
        self.close_guard = CloseGuard(self.documents, files, training, window.close)
        self.welcome = WelcomeController(tabs, workspace, files, actions, theme, settings)
        add_menu = AddMenu(theme, settings, window)
        self.node_adding = NodeAddingController(tabs, add_menu, panels.palette)
        self.source = SourceController(panels.source, workspace, files, actions, docks)
        drops = FileDropFilter(window, files)
        self.data = DataController(
            data,
            panels.inspector,
            training,
            workspace,
            tabs,
            docks,
            drops,
            self.start_dialogs,
            files.prompts,
        )
        self.data_status = DataStatusController(workspace, data, training, docks)
        self.problems = ProblemsController(panels.problems, status_bar, self.data_status, docks)
        bar = window.tool_bar
        self.status_chip = StatusChipController(
            bar.chip, workspace, training, self.data_status, docks
        )
        self.training = TrainingController(training, workspace, tabs, actions, bar)
        self.tour = TourController(
            window, theme, settings, workspace, files, tabs, docks, bar, training, results
        )
        self.runs_folder = RunsFolderController(runs, workspace, docks, window)
        self.run_curves = RunCurvesController(runs, training, workspace, docks)
        self.run_graphs = RunGraphsController(runs, self.runs_folder, tabs, workspace)
        self.results_run = ResultsRunController(results, runs, training, workspace, docks)
        self.file_prediction = FilePredictionController(results, exporter, workspace, docks, window)
        self.context_menus = ContextMenuController(actions, tabs, runs, data, window)
        self.graph_export = GraphExport(workspace, theme, tabs, prompts, exporter)
        self.curve_export = CurveExport(training, workspace, exporter)
        self.results_export = ResultsExport(results, exporter, workspace)
        self.pytorch_export = PyTorchExport(
            results, self.graph_export, workspace, prompts, exporter, window
        )

    def finish(self) -> None:
        """Stop engine processes at exit. Stop training only if the user chose to stop it."""
        self.close_guard.apply_training_choice()
        self.results_export.stop()
        self.file_prediction.stop()
