"""Creates the controllers of a window."""

from __future__ import annotations

from dataclasses import dataclass

from app.files.documents.file_drops import FileDropFilter
from app.palette.menu import AddMenu
from app.shell.composition.parts import WindowParts
from app.shell.controllers.close_guard import CloseGuard
from app.shell.controllers.context_menus import ContextMenuController
from app.shell.controllers.data.data_panel import DataController
from app.shell.controllers.data.data_status import DataStatusController
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
from app.shell.controllers.training import TrainingController
from app.shell.controllers.welcome import WelcomeController
from app.shell.dialogs.help import HelpDialogs
from app.shell.dialogs.launch import LaunchDialogs
from app.shell.dialogs.start import StartDialogs
from app.shell.exports.curve_export import CurveExport
from app.shell.exports.graph_export import GraphExport
from app.shell.exports.pytorch_export import PyTorchExport
from app.shell.exports.results_export import ResultsExport


@dataclass(frozen=True)
class Controllers:
    """All controllers of a window, its dialogs, and the exports of graphs, curves and results."""

    start_dialogs: StartDialogs
    help_dialogs: HelpDialogs
    launch_dialogs: LaunchDialogs
    problems: ProblemsController
    documents: DocumentController
    close_guard: CloseGuard
    welcome: WelcomeController
    node_adding: NodeAddingController
    source: SourceController
    data: DataController
    data_status: DataStatusController
    status_chip: StatusChipController
    training: TrainingController
    runs_folder: RunsFolderController
    run_curves: RunCurvesController
    run_graphs: RunGraphsController
    results_run: ResultsRunController
    file_prediction: FilePredictionController
    context_menus: ContextMenuController
    graph_export: GraphExport
    curve_export: CurveExport
    results_export: ResultsExport
    pytorch_export: PyTorchExport

    def finish(self) -> None:
        """Stop engine processes at exit. Stop training only if the user chose to stop it."""
        self.close_guard.apply_training_choice()
        self.results_export.stop()
        self.file_prediction.stop()


def build_controllers(window: WindowParts) -> Controllers:
    """Create the controllers. Each controller gets only the objects that it connects."""
    workspace, tabs, panels, theme = window.workspace, window.tabs, window.panels, window.theme
    files, settings = window.document_manager, window.settings
    training, runs, results, data = panels.training, panels.runs, panels.results, panels.data
    actions, status_bar, display = window.action_manager, window.status_bar, window.display
    start_dialogs = StartDialogs(window, theme, settings, workspace, files)
    documents = DocumentController(workspace, files, tabs, panels.inspector, training)
    data_status = DataStatusController(workspace, data, training, display)
    chip = window.tool_bar.chip
    runs_folder = RunsFolderController(runs, workspace, display, window)
    graph_export = GraphExport(workspace, theme, tabs, files.prompts, files.exporter)
    return Controllers(
        start_dialogs=start_dialogs,
        help_dialogs=HelpDialogs(window, theme, actions),
        launch_dialogs=LaunchDialogs(window, theme, workspace, training),
        problems=ProblemsController(panels.problems, status_bar, data_status, display),
        documents=documents,
        close_guard=CloseGuard(documents, files, training, window.close),
        welcome=WelcomeController(tabs, workspace, files, actions, theme, settings),
        node_adding=NodeAddingController(tabs, AddMenu(theme, settings, window), panels.palette),
        source=SourceController(panels.source, workspace, files, actions, display),
        data=DataController(
            data,
            panels.inspector,
            training,
            workspace,
            tabs,
            display,
            FileDropFilter(window, files),
            start_dialogs,
        ),
        data_status=data_status,
        status_chip=StatusChipController(chip, workspace, training, data_status, display),
        training=TrainingController(training, workspace, tabs, actions, window.tool_bar),
        runs_folder=runs_folder,
        run_curves=RunCurvesController(runs, training, workspace, display),
        run_graphs=RunGraphsController(runs, runs_folder, tabs, workspace),
        results_run=ResultsRunController(results, runs, training, workspace, display),
        file_prediction=FilePredictionController(
            results, files.prompts, files.exporter, workspace, display, window
        ),
        context_menus=ContextMenuController(actions, tabs, runs, data, window),
        graph_export=graph_export,
        curve_export=CurveExport(training, workspace, files.exporter),
        results_export=ResultsExport(results, files.exporter, workspace),
        pytorch_export=PyTorchExport(
            results, graph_export, workspace, files.prompts, files.exporter, window
        ),
    )
