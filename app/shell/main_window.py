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
from app.shell.action_handlers import handlers
from app.shell.actions import ACTIONS
from app.shell.bars import RecentMenu, StatusLine, ToolBar, fill_menu_bar
from app.shell.close_guard import Closing
from app.shell.controllers.columns import Columns
from app.shell.controllers.data_status import Auditing
from app.shell.controllers.export import Exporting
from app.shell.controllers.results import Judging
from app.shell.controllers.runs import Listing
from app.shell.controllers.training import Running
from app.shell.controllers.welcome import Welcoming
from app.shell.dialogs import Dialogs
from app.shell.docking import BOTTOM, LEFT, RIGHT, Docking
from app.shell.qt_actions import Commands
from app.shell.tabs import Tabs
from app.shortcuts.keymap import Keymap
from app.source.panel import SourcePanel
from app.summary.panel import SummaryPanel
from app.text.phrases import told
from app.theme.icons import app_icon
from app.theme.theme import Mode, Theme
from app.training.panel.panel import TrainingPanel

_CURVES_HEIGHT = 360  # logical pixels that the curves of three outputs need
_TABLE_HEIGHT = 330  # logical pixels that the data table needs


class Window(QMainWindow):
    """The main window. It creates all parts and connects them; controllers contain the logic."""

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self._was_shown = False
        self.closing = Closing(self)
        self.workspace, self.theme, self.settings = workspace, theme, settings
        self.setWindowIcon(app_icon())
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AnimatedDocks
        )
        self.files = Files(workspace, settings, theme, self)
        self.drops = Drops(self, self.files)
        self.dialogs = Dialogs(self)
        self.tabs = Tabs(workspace, theme)
        self.setCentralWidget(self.tabs)
        self.find_bar = FindBar(workspace, theme)
        self.recovery_bar = RecoveryBar(self.files, theme)
        self.file_bar = FileBar(self.files, workspace, theme)
        for bar in (self.recovery_bar, self.file_bar, self.find_bar):
            self.tabs.above.addWidget(bar)
        self.find_bar.hide()
        self.add_menu = AddMenu(theme, self, settings)
        self._build_panels()
        self.commands = Commands(
            workspace, theme, Keymap(ACTIONS, settings), handlers(self), self, self.tabs.stack
        )
        self.commands.wires_selected = lambda: bool(self.tabs.canvas.stage.wires)
        for mode in get_args(Mode):
            self.commands.marks[f"theme-{mode}"] = partial(self._is_theme_mode, mode)
        self.commands.marks["minimap"] = lambda: self.tabs.minimap_shown
        self._build_bars()
        self._connect()
        self._restore_layout()
        self._on_file_changed()

    # Construction.

    def _build_panels(self) -> None:
        workspace, theme, settings = self.workspace, self.theme, self.settings
        self.palette_panel = PalettePanel(workspace, theme, settings)
        self.outline = OutlinePanel(workspace, theme)
        self.inspector = InspectorPanel(workspace, theme, settings)
        self.problems = ProblemsPanel(workspace, theme)
        self.data = DataPanel(workspace, theme)
        self.training = TrainingPanel(workspace, theme)
        self.runs = RunsPanel(theme)
        self.results = ResultsPanel(theme)
        self.summary = SummaryPanel(workspace, theme)
        self.source = SourcePanel(workspace, theme)
        self.docking = Docking(
            self,
            (
                ("Layers", self.palette_panel, LEFT),
                ("Outline", self.outline, LEFT),
                ("Inspector", self.inspector, RIGHT),
                ("Problems", self.problems, BOTTOM),
                ("Data", self.data, BOTTOM),
                ("Training", self.training, BOTTOM),
                ("Runs", self.runs, BOTTOM),
                ("Results", self.results, BOTTOM),
                ("Summary", self.summary, BOTTOM),
                ("Source", self.source, BOTTOM),
            ),
            settings.window_state,
        )
        self.docks = self.docking.docks

    def _build_bars(self) -> None:
        actions = self.commands.actions
        self._recent_menu = RecentMenu(lambda: self.files.recent, self.files.open, self)
        views = [dock.toggleViewAction() for dock in self.docks.values()]
        self.menus = fill_menu_bar(self, self.commands, self._recent_menu, views)
        self.tool_bar = ToolBar(self.commands, self.theme)
        self.addToolBar(self.tool_bar)
        self.status = StatusLine(
            self.statusBar(), self._on_problems_requested, actions["zoom-100"].trigger
        )

    def _connect(self) -> None:
        workspace, tabs = self.workspace, self.tabs
        workspace.told.connect(self.tell)
        workspace.file_changed.connect(self._on_file_changed)
        workspace.report_changed.connect(self._on_report_changed)
        self.files.told.connect(self.tell)
        self.files.opened.connect(self._on_opened)
        tabs.close_asked.connect(self.close_document)
        tabs.add_wanted.connect(self._on_add_requested)
        tabs.menu_wanted.connect(self._on_menu_requested)
        tabs.zoomed.connect(self._on_zoomed)
        tabs.wires_selected.connect(self.commands.refresh)
        self.add_menu.chosen.connect(self._on_layer_type_chosen)
        self.palette_panel.add_asked.connect(self._on_palette_add_requested)
        self.find_bar.closed.connect(self._on_find_closed)
        self.drops.data_dropped.connect(self._on_data_dropped)
        self.problems.counts_changed.connect(self._on_counts_changed)
        self.source.export_asked.connect(self._on_export_requested)
        self.source.problems_asked.connect(self._on_problems_requested)
        self.training.readiness.typed = lambda: self.inspector.problem
        self.tool_bar.chip.clicked.connect(self._on_chip_clicked)
        self._on_report_changed()
        self._on_counts_changed(*self.problems.counts)
        self.welcoming = Welcoming(self)
        self.auditing = Auditing(self)
        self.running = Running(self)
        self.listing = Listing(self)
        self.judging = Judging(self)
        self.columns = Columns(self)
        self.exporting = Exporting(self)
        self._on_zoomed()

    # Action handlers.

    def bring(self, title: str) -> None:
        """Show a panel and raise it above the other tabs of its area."""
        self.docking.bring(title)

    def train(self) -> None:
        """Show the training panel and start training."""
        self.commit()
        self.show_training()
        self.training.train()

    def save(self) -> None:
        """Save the active document, including pending input."""
        self.commit()
        self.files.save(self.workspace.session)

    def close_document(self, session: Session) -> None:
        """Close a document, including pending input; prompt for unsaved changes."""
        self.commit()
        self.files.close(session)

    def commit(self) -> None:
        """Commit pending input of the inspector and the training settings."""
        self.inspector.commit()
        self.training.commit()

    def show_training(self) -> None:
        """Show the training panel, high enough for the curves."""
        self.bring("Training")
        self.docking.give_room("Training", _CURVES_HEIGHT)

    def show_results(self) -> None:
        """Show the results panel, high enough for the charts."""
        self.bring("Results")
        self.docking.give_room("Results", _CURVES_HEIGHT)

    def show_last_run(self) -> None:
        """Show the curves of the last run of the active document."""
        self.show_training()
        self.training.open_last()

    def show_data(self) -> None:
        """Show the data panel, high enough for the table."""
        self.bring("Data")
        self.docking.give_room("Data", _TABLE_HEIGHT)
        self.data.table.setFocus()

    def find_bar_start(self) -> None:
        """Show the find bar."""
        self.tabs.leave_welcome()
        self.find_bar.start()

    def toggle_minimap(self) -> None:
        """Show or hide the minimap."""
        self.tabs.show_minimap(not self.tabs.minimap_shown)
        self.settings.set_flag("minimap", self.tabs.minimap_shown)

    def set_theme(self, mode: Mode) -> None:
        """Set the theme mode and store it in the settings."""
        self.theme.set_mode(mode)
        self.settings.theme_mode = mode

    def _is_theme_mode(self, mode: Mode) -> bool:
        return self.theme.mode == mode

    def tell(self, text: str) -> None:
        """Show a message in the status bar for some seconds."""
        session = self.workspace.session
        self.status.tell(told(text, {session.title, *session.graph.by_name}))

    # Slots.

    def _on_opened(self, session: object) -> None:
        if isinstance(session, Session) and session.path is not None:
            self.tell(f"Opened {session.path.name}.")

    def _on_add_requested(self, position: QPoint, verdicts: object, title: str) -> None:
        self.add_menu.open_at(position, verdicts if isinstance(verdicts, dict) else None, title)

    def _on_layer_type_chosen(self, kind: str) -> None:
        self.tabs.canvas.add(kind)

    def _on_palette_add_requested(self, kind: str) -> None:
        self.tabs.leave_welcome()
        self.tabs.canvas.add_after_selection(kind)

    def _on_menu_requested(self, position: QPoint, what: str) -> None:
        self.commands.context_menu(what, self).popup(position)

    def _on_find_closed(self) -> None:
        self.tabs.canvas.setFocus()

    def _on_data_dropped(self, path: object) -> None:
        if not isinstance(path, Path):
            return
        if not len(self.workspace.session.graph):
            self.dialogs.start_from_data(path)
            return
        self.bring("Training")
        self.training.set_data(path)

    def _on_counts_changed(self, errors: int, warnings: int) -> None:
        count = errors + warnings
        self.docks["Problems"].setWindowTitle(f"Problems ({count})" if count else "Problems")

    def _on_export_requested(self, what: str) -> None:
        if what == "file":
            self.files.save_as(self.workspace.session)
        else:
            self.commands.actions[f"export-{what}"].trigger()

    def _on_chip_clicked(self) -> None:
        if not self.workspace.session.report.errors and self.auditing.errors:
            self.auditing.show_checks()
        else:
            self.bring(self.tool_bar.chip.leads_to)

    def _on_problems_requested(self) -> None:
        self.bring("Problems")

    def _on_file_changed(self) -> None:
        session = self.workspace.session
        prefix = "• " if session.document.dirty else ""
        self.setWindowTitle(f"{prefix}{session.title} – Layerloom")

    def _on_report_changed(self) -> None:
        self.status.show_report(self.workspace.session)

    def _on_zoomed(self) -> None:
        self.status.show_zoom(self.tabs.canvas.viewer.zoom)

    # Show, resize and close.

    def showEvent(self, event: QShowEvent) -> None:
        """Apply the initial panel sizes when the window is shown for the first time."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.docking.settle()
            self.tabs.canvas.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep half of the height for the canvas."""
        super().resizeEvent(event)
        self.docking.follow_width()
        self.docking.follow_height(event.oldSize().height())

    def _restore_layout(self) -> None:
        screen = self.screen().availableSize()
        width, height = round(screen.width() * 0.92), round(screen.height() * 0.92)
        self.resize(min(width, 1700), min(height, 1060))
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray(self.settings.window_geometry))
        self.tabs.show_minimap(self.settings.flag("minimap", True))
        self.commands.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only after all prompts are confirmed, and store the window layout."""
        event.setAccepted(self.closing.may())
        if event.isAccepted():
            self.settings.window_geometry = bytes(self.saveGeometry().data())
            self.settings.window_state = self.docking.state()
            self.settings.flush()
            self.running.leave()
            self.judging.leave()
