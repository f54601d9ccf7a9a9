"""The controller that opens the documentation at the page about what is selected."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from app.documentation.window import DocumentationWindow
from app.shell.actions.keys_page import keys_page
from app.shell.actions.table import ALL_ACTIONS
from app.shell.window_parts import WindowParts
from engine.documentation.library import all_pages
from engine.documentation.page import slug
from engine.layers.catalogue import find_layer_class


class DocumentationController(QObject):
    """Opens the window of the documentation, or shows another page in the open one."""

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window, self._problems = window, window.panels.problems
        self._problems.page_requested.connect(self._show_problem)

    def show(self) -> None:
        """Show the page about the current problem or the selected node, else the open page."""
        node = self._window.workspace.session.selected_node
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
        window = self._window.findChild(DocumentationWindow)
        if window is None:
            shortcuts = self._window.action_manager.shortcuts
            rows = [replace(row, keys=tuple(shortcuts(row.id))) for row in ALL_ACTIONS]
            pages = (*all_pages(), keys_page(rows))
            window = DocumentationWindow(self._window.theme, pages, self._window)
        if name:
            window.show_page(name)
        window.show()
        window.raise_()
        window.activateWindow()
        window.focus_search()
