"""The controllers of a window."""

from __future__ import annotations

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
from app.shell.window_parts import WindowParts


class Controllers:
    """All controllers of a window, its dialogs, and the exports of graphs, curves and results."""

    def __init__(self, window: WindowParts) -> None:
        self.start_dialogs = StartDialogs(window)
        self.help_dialogs = HelpDialogs(window)
        self.documentation = DocumentationController(window)
        self.launch_dialogs = LaunchDialogs(window)
        self.documents = DocumentController(window)
        self.close_guard = CloseGuard(window, self.documents)
        self.welcome = WelcomeController(window)
        self.node_adding = NodeAddingController(window)
        self.source = SourceController(window)
        self.data = DataController(window, self.start_dialogs)
        self.data_status = DataStatusController(window)
        self.problems = ProblemsController(window, self.data_status)
        self.status_chip = StatusChipController(window, self.data_status)
        self.training = TrainingController(window)
        self.tour = TourController(window)
        self.runs_folder = RunsFolderController(window)
        self.run_curves = RunCurvesController(window)
        self.run_graphs = RunGraphsController(window, self.runs_folder)
        self.results_run = ResultsRunController(window)
        self.file_prediction = FilePredictionController(window)
        self.context_menus = ContextMenuController(window)
        self.graph_export = GraphExport(window)
        self.curve_export = CurveExport(window)
        self.results_export = ResultsExport(window)
        self.pytorch_export = PyTorchExport(window, self.graph_export)

    def finish(self) -> None:
        """Stop engine processes at exit. Stop training only if the user chose to stop it."""
        self.close_guard.apply_training_choice()
        self.results_export.stop()
        self.file_prediction.stop()
