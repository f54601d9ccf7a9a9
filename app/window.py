"""The main window: panels around the canvas, menus, tool bar, and what leads where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QTabBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from app.actions import ACTIONS
from app.commands import MENUS, Commands
from app.dialogs import Dialogs
from app.files.bars import FileBar
from app.files.drops import Drops
from app.files.files import Files
from app.files.recovery_bar import RecoveryBar
from app.files.welcome import WelcomePage
from app.find.bar import FindBar
from app.handlers import handlers
from app.icons import app_icon
from app.inspector.panel import InspectorPanel
from app.outline.panel import OutlinePanel
from app.palette.menu import AddMenu
from app.palette.panel import PalettePanel
from app.problems.panel import ProblemsPanel
from app.session import Session
from app.settings import Settings
from app.shortcuts.keymap import Keymap
from app.source.panel import SourcePanel
from app.summary.panel import SummaryPanel
from app.tabs import Tabs
from app.theme import Mode, Theme
from app.training.panel import TrainingPanel
from app.workspace import Workspace

_LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
_RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
_LAYOUT = 1  # raise it where saved panel layouts no longer fit
_TOLD_FOR = 8000  # milliseconds


class Window(QMainWindow):
    """Builds everything and connects it; what is done is done by the parts."""

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("window")
        self._may_go = self._asked = self._shown = False
        self._docked: QByteArray | None = None  # how panels stood before the welcome page
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
        self._build_menus()
        self._build_tool_bar()
        self._build_status_bar()
        self._connect()
        self._first_state = self.saveState(_LAYOUT)
        self._restore_layout()
        self._on_file_changed()

    # Building.

    def _build_panels(self) -> None:
        workspace, theme = self.workspace, self.theme
        self.palette_panel = PalettePanel(workspace, theme, self.settings)
        self.outline = OutlinePanel(workspace, theme)
        self.inspector = InspectorPanel(workspace, theme, self.settings)
        self.problems = ProblemsPanel(workspace, theme)
        self.training = TrainingPanel(workspace, theme)
        self.summary = SummaryPanel(workspace, theme)
        self.source = SourcePanel(workspace, theme)
        self.docks: dict[str, QDockWidget] = {}
        palette = self._dock("Layers", self.palette_panel, _LEFT)
        self.tabifyDockWidget(palette, self._dock("Outline", self.outline, _LEFT))
        self._dock("Inspector", self.inspector, _RIGHT)
        problems = self._dock("Problems", self.problems, _BOTTOM)
        for title, panel in (
            ("Training", self.training),
            ("Summary", self.summary),
            ("Source", self.source),
        ):
            self.tabifyDockWidget(problems, self._dock(title, panel, _BOTTOM))
        palette.raise_()
        problems.raise_()
        self.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self.setCorner(Qt.Corner.BottomLeftCorner, _LEFT)

    def _dock(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = self.docks[title] = QDockWidget(title)
        dock.setObjectName(f"dock-{title.lower()}")
        dock.setWidget(panel)
        self.addDockWidget(area, dock)
        return dock

    def _build_menus(self) -> None:
        for group in MENUS:
            menu = self.menuBar().addMenu(group)
            self.commands.fill(menu, group)
            if group == "File":
                self._recent_menu = QMenu("Open recent", menu)
                self._recent_menu.aboutToShow.connect(self._on_recent_opening)
                menu.insertMenu(self.commands.actions["save"], self._recent_menu)
            if group == "View":
                menu.addSeparator()
                for dock in self.docks.values():
                    menu.addAction(dock.toggleViewAction())

    def _build_tool_bar(self) -> None:
        bar = QToolBar("Tools")
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for ids in (("train", "stop"), ("undo", "redo"), ("add", "tidy", "fit"), ("save",)):
            for id in ids:
                bar.addAction(self.commands.actions[id])
            bar.addSeparator()
        button = bar.widgetForAction(self.commands.actions["train"])
        button.setProperty("role", "primary")
        for id in ("undo", "redo"):
            only_icon = bar.widgetForAction(self.commands.actions[id])
            assert isinstance(only_icon, QToolButton)
            only_icon.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.addToolBar(bar)
        self.tool_bar = bar

    def _build_status_bar(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        self._counts = QToolButton()
        self._counts.setAutoRaise(True)
        self._counts.setAccessibleName("Problems")
        self._counts.clicked.connect(lambda: self.bring("Problems"))
        self._size = QLabel()
        self._zoom = QToolButton()
        self._zoom.setAutoRaise(True)
        self._zoom.setAccessibleName("Zoom")
        self._zoom.setToolTip("Zoom. Click for 100 %.")
        self._zoom.clicked.connect(self.commands.actions["zoom-100"].trigger)
        for widget in (self._size, self._counts, self._zoom):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
            bar.addPermanentWidget(widget)

    def _connect(self) -> None:
        workspace, tabs = self.workspace, self.tabs
        workspace.told.connect(self.tell)
        workspace.opened.connect(self._on_document_opened)
        workspace.file_changed.connect(self._on_file_changed)
        workspace.report_changed.connect(self._on_report_changed)
        workspace.project_changed.connect(self._on_project_changed)
        self.files.told.connect(self.tell)
        self.files.opened.connect(self._on_opened)
        tabs.close_asked.connect(self.files.close)
        tabs.add_wanted.connect(self._on_add_wanted)
        tabs.menu_wanted.connect(self._on_menu_wanted)
        tabs.zoomed.connect(self._on_zoomed)
        tabs.welcome_left.connect(self._on_welcome_left)
        self.add_menu.chosen.connect(self._on_kind_chosen)
        self.palette_panel.add_asked.connect(self._on_add_asked)
        self.find_bar.closed.connect(self._on_find_closed)
        self.drops.data_dropped.connect(self._on_data_dropped)
        self.problems.counts_changed.connect(self._on_counts_changed)
        self.source.export_asked.connect(self._on_export_asked)
        self.source.problems_asked.connect(self._on_problems_asked)
        self.training.running_changed.connect(self._on_running_changed)
        self.training.ready_changed.connect(self._on_ready_changed)
        self.training.loss_told.connect(self._on_loss_told)
        self._on_report_changed()
        self._on_counts_changed(*self.problems.counts)
        self._on_ready_changed()
        self._on_zoomed()

    # What actions call.

    def bring(self, title: str) -> None:
        """Show a panel in front of the others at its place."""
        self.docks[title].show()
        self.docks[title].raise_()

    def train(self) -> None:
        """Show the training panel, and begin."""
        self.inspector.commit()
        self.bring("Training")
        self.training.train()

    def save(self) -> None:
        """Save the document in front, with what is being typed."""
        self.inspector.commit()
        self.files.save(self.workspace.session)

    def stop(self) -> None:
        """Stop the training politely."""
        self.training.stop()

    def choose_data(self) -> None:
        """Ask for the data to train on."""
        self.bring("Training")
        self.training.choose_data()

    def find_bar_start(self) -> None:
        """Show the bar that finds nodes."""
        self.tabs.leave_welcome()
        self.find_bar.start()

    def show_welcome(self) -> None:
        """Show the page that a first start shows."""
        page = WelcomePage(self.theme, self.settings)
        page.new_asked.connect(self._on_new_asked)
        page.open_asked.connect(self.files.ask_open)
        page.file_asked.connect(self.files.open)
        if self._docked is None:
            self._docked = self.saveState(_LAYOUT)
        for part in (*self.docks.values(), self.tool_bar):
            part.hide()
        self.tabs.show_welcome(page)

    def toggle_minimap(self) -> None:
        """Show or hide the minimap."""
        self.tabs.show_minimap(not self.tabs.minimap_shown)
        self.settings.set_flag("minimap", self.tabs.minimap_shown)

    def set_theme(self, mode: Mode) -> None:
        """Be dark, light, or as the system is."""
        self.theme.set_mode(mode)
        self.settings.theme_mode = mode

    def reset_layout(self) -> None:
        """Put every panel where it was at first."""
        self.restoreState(self._first_state, _LAYOUT)

    def next_panel(self) -> None:
        """Give the keyboard to the next panel that is seen, and after the last to the canvas."""
        panels = [dock.widget() for dock in self.docks.values() if _is_seen(dock)]
        panels.append(self.tabs.canvas.viewer)
        focus = QApplication.focusWidget()
        holding = [p is focus or (focus is not None and p.isAncestorOf(focus)) for p in panels]
        at = holding.index(True) if True in holding else -1
        _focus_first(panels[(at + 1) % len(panels)])

    def tell(self, text: str) -> None:
        """Say something in the status bar for a while."""
        self.statusBar().showMessage(text, _TOLD_FOR)

    # What happened.

    def _on_welcome_left(self) -> None:
        docked, self._docked = self._docked, None
        if docked is not None:
            self.restoreState(docked, _LAYOUT)
            if not self.settings.window_state:
                QTimer.singleShot(0, self._share_room)

    def _on_new_asked(self, template: str | None) -> None:
        self.files.new(template)
        self.tabs.leave_welcome()

    def _on_document_opened(self, _: Session) -> None:
        self.tabs.leave_welcome()

    def _on_opened(self, session: Session) -> None:
        self.tabs.leave_welcome()
        if session.path is not None:
            self.tell(f"Opened {session.path.name}.")

    def _on_add_wanted(self, at: QPoint, kinds: object, title: str) -> None:
        self.add_menu.open_at(at, kinds if isinstance(kinds, list) else None, title)

    def _on_kind_chosen(self, kind: str) -> None:
        self.tabs.canvas.add(kind)

    def _on_add_asked(self, kind: str) -> None:
        self.tabs.leave_welcome()
        self.tabs.canvas.add_after_selection(kind)

    def _on_menu_wanted(self, at: QPoint, what: str) -> None:
        self.commands.context_menu(what, self).popup(at)

    def _on_find_closed(self) -> None:
        self.tabs.canvas.setFocus()

    def _on_data_dropped(self, path: Path) -> None:
        self.bring("Training")
        self.training.set_data(path)

    def _on_counts_changed(self, errors: int, warnings: int) -> None:
        count = errors + warnings
        self.docks["Problems"].setWindowTitle(f"Problems ({count})" if count else "Problems")

    def _on_export_asked(self, what: str) -> None:
        if what == "pytorch":
            self.dialogs.export_pytorch()
        else:
            self.files.save_as(self.workspace.session)

    def _on_problems_asked(self) -> None:
        self.bring("Problems")

    def _on_running_changed(self, running: bool) -> None:
        self.commands.running = running
        self.commands.refresh()
        if not running:
            for session in self.workspace.sessions:
                canvas = self.tabs.canvas_of(session)
                if canvas is not None:
                    canvas.show_running({})

    def _on_ready_changed(self) -> None:
        hindrance = self.training.why_not()
        tip = self.commands.tip("train")
        self.commands.actions["train"].setToolTip(f"{tip}\n{hindrance}" if hindrance else tip)

    def _on_loss_told(self, losses: Mapping[str, str]) -> None:
        session = self.training.trained
        canvas = None if session is None else self.tabs.canvas_of(session)
        if canvas is not None:
            canvas.show_running(losses)

    def _on_recent_opening(self) -> None:
        self._recent_menu.clear()
        for path in self.files.recent:
            entry = self._recent_menu.addAction(str(path))
            entry.setData(path)
            entry.triggered.connect(self._on_recent_chosen)
        self._recent_menu.setEnabled(bool(self.files.recent))

    def _on_recent_chosen(self) -> None:
        self.files.open(self.sender().data())  # type: ignore[attr-defined]

    def _on_project_changed(self) -> None:
        if len(self.workspace.session.graph):
            self.tabs.leave_welcome()

    def _on_file_changed(self) -> None:
        session = self.workspace.session
        mark = "• " if session.document.dirty else ""
        self.setWindowTitle(f"{mark}{session.title} – Layerloom")

    def _on_report_changed(self) -> None:
        session = self.workspace.session
        severities = [found.severity for found in session.findings]
        words = [_counted(severities.count(word), word) for word in ("error", "warning")]
        self._counts.setText(" · ".join(word for word in words if word) or "No problems")
        self._counts.setVisible(len(session.graph) > 0)
        nodes = _counted(len(session.graph), "node")
        total = f"{session.report.costs.total:,} parameters"
        self._size.setText(f"{nodes} · {total}" if nodes else "Nothing drawn yet")

    def _on_zoomed(self) -> None:
        self._zoom.setText(f"{self.tabs.canvas.viewer.zoom * 100:.0f} %")

    # Coming and going.

    def showEvent(self, event: QShowEvent) -> None:
        """Share the room out among the panels, which they only heed once they are shown."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            if self._docked is not None:
                self._hide_dock_tabs()
            elif not self.settings.window_state:
                QTimer.singleShot(0, self._share_room)
            self.tabs.canvas.setFocus()

    def _hide_dock_tabs(self) -> None:
        """Hide the tabs of panels that were hidden before they were laid out, which Qt forgets."""
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.hide()

    def _share_room(self) -> None:
        docks = self.docks
        across = [docks["Layers"], docks["Inspector"]]
        self.resizeDocks(across, [230, 320], Qt.Orientation.Horizontal)
        self.resizeDocks([docks["Problems"]], [240], Qt.Orientation.Vertical)
        self._first_state = self.saveState(_LAYOUT)

    def _restore_layout(self) -> None:
        self.resize(1400, 880)
        if self.settings.window_geometry:
            self.restoreGeometry(QByteArray(self.settings.window_geometry))
        if self.settings.window_state:
            self.restoreState(QByteArray(self.settings.window_state), _LAYOUT)
        self.tabs.show_minimap(self.settings.flag("minimap", True))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Go only when every document is safe, and remember how the window looked."""
        if not self._may_go:
            event.ignore()
            self._asked = False
            self.files.close_all(self._on_asked_to_go)
            # An answer that comes later, from a dialog, closes the window itself.
            self._asked = not self._may_go
        if self._may_go:
            self.settings.window_geometry = self.saveGeometry().data()
            self.settings.window_state = (self._docked or self.saveState(_LAYOUT)).data()
            event.accept()

    def _on_asked_to_go(self, go_on: bool) -> None:
        self._may_go = go_on
        if go_on and self._asked:
            self.close()
        self._asked = False


def _counted(count: int, noun: str) -> str:
    return "" if not count else f"{count:,} {noun}{'' if count == 1 else 's'}"


def _is_seen(dock: QDockWidget) -> bool:
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def _focus_first(widget: QWidget) -> None:
    """Give the keyboard to a widget, or to the first thing in it that takes it."""
    takers = [widget, *widget.findChildren(QWidget)]
    for taker in takers:
        if taker.isVisible() and taker.focusPolicy() & Qt.FocusPolicy.TabFocus:
            taker.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
