"""The visible parts of the main window, to which controllers and dialogs are connected."""

from __future__ import annotations

from dataclasses import dataclass

from app.controls.dialogs.menu import MenuBar
from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.settings import Settings
from app.shell.actions.action_manager import ActionManager
from app.shell.bars import StatusBarContents, ToolBar
from app.shell.dock_layout import DockLayout
from app.shell.document_bars import DocumentBars
from app.shell.document_tabs import DocumentTabs
from app.shell.panel_display import PanelDisplay
from app.shell.panels import Panels
from app.theme.theme import Theme


@dataclass(frozen=True)
class WindowParts:
    """The visible parts of the main window, and the objects that these parts show."""

    workspace: Workspace
    theme: Theme
    settings: Settings
    document_manager: DocumentManager
    tabs: DocumentTabs
    document_bars: DocumentBars
    panels: Panels
    display: PanelDisplay
    dock_layout: DockLayout
    action_manager: ActionManager
    menu_bar: MenuBar
    tool_bar: ToolBar
    status_bar: StatusBarContents
