"""The main window: creates and connects canvas, panels, menus, bars and controllers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QByteArray, QPoint
from PySide6.QtGui import QCloseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow

from app.data.panel import DataPanel
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.documents.document_manager import Files
from app.files.documents.file_bars import FileBar
from app.files.documents.file_drops import Drops
from app.files.documents.recovery_bar import RecoveryBar
from app.find.bar import FindBar
from app.inspector.panel import InspectorPanel
from app.outline.panel import OutlinePanel
from app.palette.menu import AddMenu
from app.palette.panel import PalettePanel
from app.problems.panel import ProblemsPanel
from app.results.panel import ResultsPanel
from app.runs.panel import RunsPanel
from app.settings import Settings
from app.shell.action_handlers import action_handlers
from app.shell.actions import ACTIONS
from app.shell.bars import RecentMenu, StatusBarContents, ToolBar, fill_menu_bar
from app.shell.close_guard import CloseGuard
from app.shell.controllers.columns import ColumnsController
from app.shell.controllers.data_status import DataStatusController
from app.shell.controllers.export import ExportController
from app.shell.controllers.results import ResultsController
from app.shell.controllers.runs import RunsController
from app.shell.controllers.training import TrainingController
from app.shell.controllers.welcome import WelcomeController
from app.shell.dialogs import DialogController
from app.shell.docking import BOTTOM_AREA, LEFT_AREA, RIGHT_AREA, DockLayout
from app.shell.qt_actions import ActionManager
from app.shell.tabs import DocumentTabs
from app.shortcuts.keymap import Keymap
from app.source.panel import SourcePanel
from app.summary.panel import SummaryPanel
from app.text.phrases import status_message
from app.theme.icons import app_icon
from app.theme.theme import Theme, ThemeMode
from app.training.panel.panel import TrainingPanel

_CURVES_HEIGHT = 360  # logical pixels that the curves of three outputs need
_TABLE_HEIGHT = 330  # logical pixels that the data table needs


class MainWindow(QMainWindow):
    """The main window. It creates all parts and connects them; controllers contain the logic."""

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self._was_shown = False
        self.close_guard = CloseGuard(self)
        self.workspace, self.theme, self.settings = workspace, theme, settings
        self.setWindowIcon(app_icon())
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AnimatedDocks
        )
        self.files = Files(workspace, settings, theme, self)
        self.drops = Drops(self, self.files)
        self.dialog_controller = DialogController(self)
        self.tabs = DocumentTabs(workspace, theme)
        self.setCentralWidget(self.tabs)
        self.find_bar = FindBar(workspace, theme)
        self.recovery_bar = RecoveryBar(self.files, theme)
        self.file_bar = FileBar(self.files, workspace, theme)
        for bar in (self.recovery_bar, self.file_bar, self.find_bar):
            self.tabs.bars_layout.addWidget(bar)
        self.find_bar.hide()
        self.add_menu = AddMenu(theme, self, settings)
        self._build_panels()
        self.action_manager = ActionManager(
            workspace,
            theme,
            Keymap(ACTIONS, settings),
            action_handlers(self),
            self,
            self.tabs.stack,
        )
        self.action_manager.has_selected_wires = lambda: bool(self.tabs.canvas.context.wires)
        for mode in get_args(ThemeMode):
            self.action_manager.check_states[f"theme-{mode}"] = partial(self._is_theme_mode, mode)
        self.action_manager.check_states["minimap"] = lambda: self.tabs.is_minimap_visible
        self._build_bars()
        self._connect()
        self._restore_layout()
        self._on_file_changed()

    # Construction.

    def _build_panels(self) -> None:
        workspace, theme, settings = self.workspace, self.theme, self.settings
        self.palette_panel = PalettePanel(workspace, theme, settings)
        self.outline_panel = OutlinePanel(workspace, theme)
        self.inspector_panel = InspectorPanel(workspace, theme, settings)
        self.problems_panel = ProblemsPanel(workspace, theme)
        self.data_panel = DataPanel(workspace, theme)
        self.training_panel = TrainingPanel(workspace, theme)
        self.runs_panel = RunsPanel(theme)
        self.results_panel = ResultsPanel(theme)
        self.summary_panel = SummaryPanel(workspace, theme)
        self.source_panel = SourcePanel(workspace, theme)
        self.dock_layout = DockLayout(
            self,
            (
                ("Layers", self.palette_panel, LEFT_AREA),
                ("Outline", self.outline_panel, LEFT_AREA),
                ("Inspector", self.inspector_panel, RIGHT_AREA),
                ("Problems", self.problems_panel, BOTTOM_AREA),
                ("Data", self.data_panel, BOTTOM_AREA),
                ("Training", self.training_panel, BOTTOM_AREA),
                ("Runs", self.runs_panel, BOTTOM_AREA),
                ("Results", self.results_panel, BOTTOM_AREA),
                ("Summary", self.summary_panel, BOTTOM_AREA),
                ("Source", self.source_panel, BOTTOM_AREA),
            ),
            settings.window_state,
        )
        self.docks = self.dock_layout.docks

    def _build_bars(self) -> None:
        actions = self.action_manager.actions
        self._recent_menu = RecentMenu(lambda: self.files.recent, self.files.open, self)
        views = [dock.toggleViewAction() for dock in self.docks.values()]
        self.menu_bar = fill_menu_bar(self, self.action_manager, self._recent_menu, views)
        self.tool_bar = ToolBar(self.action_manager, self.theme)
        self.addToolBar(self.tool_bar)
        self.status_bar = StatusBarContents(
            self.statusBar(), self._on_problems_requested, actions["zoom-100"].trigger
        )

    def _connect(self) -> None:
        workspace, tabs = self.workspace, self.tabs
        workspace.message.connect(self.show_message)
        workspace.file_changed.connect(self._on_file_changed)
        workspace.report_changed.connect(self._on_report_changed)
        self.files.told.connect(self.show_message)
        self.files.opened.connect(self._on_opened)
        tabs.close_requested.connect(self.close_document)
        tabs.add_requested.connect(self._on_add_requested)
        tabs.menu_requested.connect(self._on_menu_requested)
        tabs.zoomed.connect(self._on_zoomed)
        tabs.wires_selected.connect(self.action_manager.refresh)
        self.add_menu.chosen.connect(self._on_layer_type_chosen)
        self.palette_panel.add_asked.connect(self._on_palette_add_requested)
        self.find_bar.closed.connect(self._on_find_closed)
        self.drops.data_dropped.connect(self._on_data_dropped)
        self.problems_panel.counts_changed.connect(self._on_counts_changed)
        self.source_panel.export_asked.connect(self._on_export_requested)
        self.source_panel.problems_asked.connect(self._on_problems_requested)
        self.training_panel.readiness.form_problem = lambda: self.inspector_panel.problem
        self.tool_bar.chip.clicked.connect(self._on_chip_clicked)
        self._on_report_changed()
        self._on_counts_changed(*self.problems_panel.counts)
        self.welcome_controller = WelcomeController(self)
        self.data_status_controller = DataStatusController(self)
        self.training_controller = TrainingController(self)
        self.runs_controller = RunsController(self)
        self.results_controller = ResultsController(self)
        self.columns_controller = ColumnsController(self)
        self.export_controller = ExportController(self)
        self._on_zoomed()

    # Action handlers.

    def show_panel(self, title: str) -> None:
        """Show a panel and raise it above the other tabs of its area."""
        self.dock_layout.show_panel(title)

    def train(self) -> None:
        """Show the training panel and start training."""
        self.commit_input()
        self.show_training()
        self.training_panel.train()

    def save(self) -> None:
        """Save the active document, including pending input."""
        self.commit_input()
        self.files.save(self.workspace.session)

    def close_document(self, session: Session) -> None:
        """Close a document, including pending input; prompt for unsaved changes."""
        self.commit_input()
        self.files.close(session)

    def commit_input(self) -> None:
        """Commit pending input of the inspector and the training settings."""
        self.inspector_panel.commit()
        self.training_panel.commit()

    def show_training(self) -> None:
        """Show the training panel, high enough for the curves."""
        self.show_panel("Training")
        self.dock_layout.ensure_height("Training", _CURVES_HEIGHT)

    def show_results(self) -> None:
        """Show the results panel, high enough for the charts."""
        self.show_panel("Results")
        self.dock_layout.ensure_height("Results", _CURVES_HEIGHT)

    def show_last_run(self) -> None:
        """Show the curves of the last run of the active document."""
        self.show_training()
        self.training_panel.open_last_run()

    def show_data(self) -> None:
        """Show the data panel, high enough for the table."""
        self.show_panel("Data")
        self.dock_layout.ensure_height("Data", _TABLE_HEIGHT)
        self.data_panel.table.setFocus()

    def show_find_bar(self) -> None:
        """Show the find bar."""
        self.tabs.hide_welcome()
        self.find_bar.start()

    def toggle_minimap(self) -> None:
        """Show or hide the minimap."""
        self.tabs.show_minimap(not self.tabs.is_minimap_visible)
        self.settings.set_flag("minimap", self.tabs.is_minimap_visible)

    def set_theme(self, mode: ThemeMode) -> None:
        """Set the theme mode and store it in the settings."""
        self.theme.set_mode(mode)
        self.settings.theme_mode = mode

    def _is_theme_mode(self, mode: ThemeMode) -> bool:
        return self.theme.mode == mode

    def show_message(self, text: str) -> None:
        """Show a message in the status bar for some seconds."""
        session = self.workspace.session
        self.status_bar.show_message(status_message(text, {session.title, *session.graph.by_name}))

    # Slots.

    def _on_opened(self, session: object) -> None:
        if isinstance(session, Session) and session.path is not None:
            self.show_message(f"Opened {session.path.name}.")

    def _on_add_requested(self, position: QPoint, verdicts: object, title: str) -> None:
        self.add_menu.open_at(position, verdicts if isinstance(verdicts, dict) else None, title)

    def _on_layer_type_chosen(self, kind: str) -> None:
        self.tabs.canvas.add_actions.add_node(kind)

    def _on_palette_add_requested(self, kind: str) -> None:
        self.tabs.hide_welcome()
        self.tabs.canvas.add_actions.add_after_selection(kind)

    def _on_menu_requested(self, position: QPoint, what: str) -> None:
        self.action_manager.context_menu(what, self).popup(position)

    def _on_find_closed(self) -> None:
        self.tabs.canvas.setFocus()

    def _on_data_dropped(self, path: object) -> None:
        if not isinstance(path, Path):
            return
        if not len(self.workspace.session.graph):
            self.dialog_controller.start_from_data(path)
            return
        self.show_panel("Training")
        self.training_panel.set_data(path)

    def _on_counts_changed(self, errors: int, warnings: int) -> None:
        count = errors + warnings
        self.docks["Problems"].setWindowTitle(f"Problems ({count})" if count else "Problems")

    def _on_export_requested(self, what: str) -> None:
        if what == "file":
            self.files.save_as(self.workspace.session)
        else:
            self.action_manager.actions[f"export-{what}"].trigger()

    def _on_chip_clicked(self) -> None:
        if not self.workspace.session.report.errors and self.data_status_controller.error_count:
            self.data_status_controller.show_checks()
        else:
            self.show_panel(self.tool_bar.chip.target_panel)

    def _on_problems_requested(self) -> None:
        self.show_panel("Problems")

    def _on_file_changed(self) -> None:
        session = self.workspace.session
        prefix = "• " if session.document.is_dirty else ""
        self.setWindowTitle(f"{prefix}{session.title} – Layerloom")

    def _on_report_changed(self) -> None:
        self.status_bar.show_report(self.workspace.session)

    def _on_zoomed(self) -> None:
        self.status_bar.show_zoom(self.tabs.canvas.viewer.zoom)

    # Show, resize and close.

    def showEvent(self, event: QShowEvent) -> None:
        """Apply the initial panel sizes when the window is shown for the first time."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.dock_layout.apply_initial_layout()
            self.tabs.canvas.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep half of the height for the canvas."""
        super().resizeEvent(event)
        self.dock_layout.assign_corner()
        self.dock_layout.limit_bottom_height(event.oldSize().height())

    def _restore_layout(self) -> None:
        screen = self.screen().availableSize()
        width, height = round(screen.width() * 0.92), round(screen.height() * 0.92)
        self.resize(min(width, 1700), min(height, 1060))
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray(self.settings.window_geometry))
        self.tabs.show_minimap(self.settings.flag("minimap", True))
        self.action_manager.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only after all prompts are confirmed, and store the window layout."""
        event.setAccepted(self.close_guard.confirm_close())
        if event.isAccepted():
            self.settings.window_geometry = bytes(self.saveGeometry().data())
            self.settings.window_state = self.dock_layout.save_state()
            self.settings.flush()
            self.training_controller.apply_close_choice()
            self.results_controller.stop_processes()
