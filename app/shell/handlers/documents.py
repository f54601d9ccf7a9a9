"""Handlers of the File and Help menus, and of undo and redo."""

from __future__ import annotations

from collections.abc import Mapping

from app.documents.session import Session
from app.files.documents.document_manager import DocumentManager
from app.shell.actions.injection import Handler, using
from app.shell.controllers.close_guard import CloseGuard
from app.shell.controllers.documents import DocumentController
from app.shell.controllers.welcome import WelcomeController
from app.shell.dialogs.help import HelpDialogs
from app.shell.dialogs.start import StartDialogs
from app.shell.document_tabs import DocumentTabs
from app.shell.exports.graph_export import GraphExport
from app.shell.exports.pytorch_export import PyTorchExport


def _save_as(files: DocumentManager, session: Session) -> None:
    files.save_as(session)


def _close_tab(documents: DocumentController, session: Session) -> None:
    documents.close(session)


HANDLERS: Mapping[str, Handler] = {
    "new": using(DocumentManager, lambda files: files.new()),
    "new-from-template": using(StartDialogs, lambda dialogs: dialogs.new_from_template()),
    "start-from-data": using(StartDialogs, lambda dialogs: dialogs.start_from_data()),
    "open": using(DocumentManager, lambda files: files.show_open_dialog()),
    "save": using(DocumentController, lambda documents: documents.save()),
    "save-as": _save_as,
    "export-pytorch": using(PyTorchExport, lambda export: export.export_pytorch()),
    "export-python": using(GraphExport, lambda export: export.export_python()),
    "export-png": using(GraphExport, lambda export: export.export_png()),
    "export-svg": using(GraphExport, lambda export: export.export_svg()),
    "close-tab": _close_tab,
    "next-tab": using(DocumentTabs, lambda tabs: tabs.activate_relative(1)),
    "previous-tab": using(DocumentTabs, lambda tabs: tabs.activate_relative(-1)),
    "quit": using(CloseGuard, lambda guard: guard.close_window()),
    "undo": using(Session, lambda session: session.undo()),
    "redo": using(Session, lambda session: session.redo()),
    "sheet": using(HelpDialogs, lambda dialogs: dialogs.show_cheat_sheet()),
    "shortcuts": using(HelpDialogs, lambda dialogs: dialogs.edit_shortcuts()),
    "welcome": using(WelcomeController, lambda welcome: welcome.show()),
    "about": using(HelpDialogs, lambda dialogs: dialogs.show_about()),
}
