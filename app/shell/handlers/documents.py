"""Handlers of the File and Help menus, and of undo and redo."""

from __future__ import annotations

from app.documents.session import Session
from app.files.documents.document_manager import DocumentManager
from app.shell.controllers.close_guard import CloseGuard
from app.shell.controllers.documents import DocumentController
from app.shell.controllers.pytorch_export import PyTorchExportController
from app.shell.controllers.welcome import WelcomeController
from app.shell.dialogs.graph_export import GraphExport
from app.shell.dialogs.help import HelpDialogs
from app.shell.dialogs.start import StartDialogs
from app.shell.handlers.registry import HandlerTable
from app.shell.tabs import DocumentTabs

table = HandlerTable()


@table.handles("new")
def _new(files: DocumentManager) -> None:
    files.new()


@table.handles("new-from-template")
def _new_from_template(dialogs: StartDialogs) -> None:
    dialogs.new_from_template()


@table.handles("start-from-data")
def _start_from_data(dialogs: StartDialogs) -> None:
    dialogs.start_from_data()


@table.handles("open")
def _open_files(files: DocumentManager) -> None:
    files.show_open_dialog()


@table.handles("save")
def _save(documents: DocumentController) -> None:
    documents.save()


@table.handles("save-as")
def _save_as(files: DocumentManager, session: Session) -> None:
    files.save_as(session)


@table.handles("export-pytorch")
def _export_pytorch(export: PyTorchExportController) -> None:
    export.export_pytorch()


@table.handles("export-python")
def _export_python(export: GraphExport) -> None:
    export.export_python()


@table.handles("export-png")
def _export_png(export: GraphExport) -> None:
    export.export_png()


@table.handles("export-svg")
def _export_svg(export: GraphExport) -> None:
    export.export_svg()


@table.handles("close-tab")
def _close_tab(documents: DocumentController, session: Session) -> None:
    documents.close(session)


@table.handles("next-tab")
def _next_tab(tabs: DocumentTabs) -> None:
    tabs.activate_relative(1)


@table.handles("previous-tab")
def _previous_tab(tabs: DocumentTabs) -> None:
    tabs.activate_relative(-1)


@table.handles("quit")
def _quit(guard: CloseGuard) -> None:
    guard.close_window()


@table.handles("undo")
def _undo(session: Session) -> None:
    session.undo()


@table.handles("redo")
def _redo(session: Session) -> None:
    session.redo()


@table.handles("sheet")
def _sheet(dialogs: HelpDialogs) -> None:
    dialogs.show_cheat_sheet()


@table.handles("shortcuts")
def _shortcuts(dialogs: HelpDialogs) -> None:
    dialogs.edit_shortcuts()


@table.handles("welcome")
def _welcome(welcome: WelcomeController) -> None:
    welcome.show()


@table.handles("about")
def _about(dialogs: HelpDialogs) -> None:
    dialogs.show_about()
