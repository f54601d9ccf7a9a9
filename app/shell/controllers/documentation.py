"""The controller that opens the documentation at the page about what is selected."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from app.documentation.window import DocumentationWindow
from app.documents.workspace import Workspace
from app.problems.panel import ProblemsPanel
from app.shell.actions.action_manager import ActionManager
from app.shell.actions.keys_page import keys_page
from app.shell.actions.table import ALL_ACTIONS
from app.theme.theme import Theme
from engine.documentation.library import all_pages
from engine.documentation.page import slug
from engine.layers.catalogue import find_layer_class


class DocumentationController(QObject):
    """Opens the window of the documentation, or shows another page in the open one."""

    def __init__(
        self,
        parent: QWidget,
        theme: Theme,
        workspace: Workspace,
        problems: ProblemsPanel,
        actions: ActionManager,
    ) -> None:
        super().__init__(parent)
        self._parent, self._theme, self._workspace = parent, theme, workspace
        self._problems, self._actions = problems, actions
        problems.page_requested.connect(self._show_problem)

    def show(self) -> None:
        """Show the page about the current problem or the selected node, else the open page."""
        node = self._workspace.session.selected_node
        if self._problems.view.hasFocus() and self._problems.view.current_entry:
            self._show_problem()
        elif node is not None and find_layer_class(node.kind):
            self._show_page(slug("layer", node.kind))
        else:
            self._show_page("")

    def _show_problem(self) -> None:
        entry = self._problems.view.current_entry
        self._show_page(slug("code", entry.diagnostic.code) if entry else "")

    def _show_page(self, name: str) -> None:
        window = self._parent.findChild(DocumentationWindow)
        if window is None:
            rows = [replace(a, keys=tuple(self._actions.shortcuts(a.id))) for a in ALL_ACTIONS]
            pages = (*all_pages(), keys_page(rows))
            window = DocumentationWindow(self._theme, pages, self._parent)
            window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if name:
            window.show_page(name)
        window.show()
        window.raise_()
        window.activateWindow()
        window.focus_search()
