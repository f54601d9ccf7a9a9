"""Creates the dialogs, controllers and exports of a window, and connects actions to handlers.

The parameter types of an action's handler determine which objects are passed to the handler. This
module provides all objects that handlers can use.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.canvas.actions.arrange import ArrangeActions
from app.canvas.actions.clipboard import ClipboardActions
from app.canvas.actions.edit import EditActions
from app.canvas.actions.navigation import ViewNavigation
from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.documents.workspace import Workspace
from app.shell.actions.injection import Injector
from app.shell.composition.controllers import Controllers, build_controllers
from app.shell.composition.dialogs import Dialogs, build_dialogs
from app.shell.composition.parts import WindowParts
from app.shell.document_tabs import DocumentTabs
from app.shell.handlers.table import HANDLERS


def connect_window(parts: WindowParts, window: QWidget) -> Controllers:
    """Create controllers and dialogs, and connect actions to handlers."""
    dialogs = build_dialogs(parts, window)
    controllers = build_controllers(parts, dialogs, window)
    injector = build_injector(parts, dialogs, controllers)
    parts.action_manager.connect_handlers({id: injector.bind(it) for id, it in HANDLERS.items()})
    return controllers


def build_injector(parts: WindowParts, dialogs: Dialogs, controllers: Controllers) -> Injector:
    """Return an injector that can pass the objects of a window to handlers, by parameter type."""
    injector = Injector()
    for group in (parts, parts.panels, dialogs, controllers):
        injector.add(*vars(group).values())
    injector.add(parts.document_bars.find)
    _provide_active_document(injector, parts.workspace, parts.tabs)
    return injector


def _provide_active_document(injector: Injector, workspace: Workspace, tabs: DocumentTabs) -> None:
    """Register functions that return objects of the active document each time they are called."""
    injector.provide(Session, lambda: workspace.session)
    injector.provide(Canvas, lambda: tabs.canvas)
    injector.provide(ArrangeActions, lambda: tabs.canvas.arrange_actions)
    injector.provide(ClipboardActions, lambda: tabs.canvas.clipboard_actions)
    injector.provide(EditActions, lambda: tabs.canvas.edit_actions)
    injector.provide(ViewNavigation, lambda: tabs.canvas.navigation)
