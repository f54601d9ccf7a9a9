"""The controller of the data panel and of data files that are dropped on the window."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.files.documents.file_drops import FileDropFilter
from app.files.prompts.message_box import PromptChoice
from app.shell.dialogs.start import StartDialogs
from app.shell.window_parts import WindowParts


class DataController(QObject):
    """Shows the data panel, and assigns the columns selected in this panel to nodes.

    The inspector can request the data panel. If there is no data, a file dialog opens.
    """

    def __init__(self, window: WindowParts, dialogs: StartDialogs) -> None:
        super().__init__(window)
        self._data, self._training = window.panels.data, window.panels.training
        self._workspace, self._tabs, self._docks = window.workspace, window.tabs, window.dock_layout
        self._dialogs, self._prompts = dialogs, window.document_manager.prompts
        self.drops = FileDropFilter(window, window.document_manager)
        window.panels.inspector.data_requested.connect(self._on_data_requested)
        self._data.choose_requested.connect(self._training.open_data_dialog)
        self.drops.data_dropped.connect(self._on_data_dropped)

    def show_table(self) -> None:
        """Show the data panel, and move the keyboard focus to the data table."""
        self._docks.show_expanded("Data")
        self._data.table.setFocus()

    def choose_node(self) -> None:
        """Open a menu with the nodes to which the selected columns can be assigned."""
        self.show_table()
        self._data.show_assign_menu()

    def add_node(self, kind: str) -> None:
        """Add an Input or Output node (`kind`) for the selected columns."""
        self._tabs.hide_welcome()
        self._tabs.canvas.add_actions.add_for_columns(self._data.selected_columns, kind)

    def _on_data_requested(self) -> None:
        self.show_table()
        if self._workspace.session.data_path is None:
            self._training.open_data_dialog()

    def _on_data_dropped(self, path: Path) -> None:
        """Use the file as training data; in an empty document, start a network for it.

        Ask first if the document has other data, which a stray drop would replace.
        """
        session = self._workspace.session
        if not len(session.graph):
            self._dialogs.start_from_data(path)
        elif session.data_path in (None, path):
            self._train_on(path)
        else:
            self._prompts.ask(
                f"Train on {path.name}?",
                f"{session.title} is trained on {session.data_path.name} now.",
                PromptChoice(f"Use {path.name}", partial(self._train_on, path)),
                PromptChoice("New network from it…", partial(self._dialogs.start_from_data, path)),
                PromptChoice("Cancel", lambda: None),
                kind="info",
            )

    def _train_on(self, path: Path) -> None:
        self._docks.show_panel("Training")
        self._training.set_data(path)
