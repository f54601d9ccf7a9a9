"""The dialogs that train elsewhere: on a cluster by a job file, or on another machine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.documents.session import SEPARATE_SPLITS, Session
from app.documents.workspace import Workspace
from app.settings import Settings
from app.theme.theme import Theme
from app.training.panel.panel import TrainingPanel
from engine.launch.ssh_config import configured_hosts


class LaunchDialogs:
    """Opens the dialogs that train the current document elsewhere."""

    def __init__(
        self,
        parent: QWidget,
        theme: Theme,
        settings: Settings,
        workspace: Workspace,
        training: TrainingPanel,
    ) -> None:
        self._parent, self._theme, self._settings = parent, theme, settings
        self._workspace, self._training = workspace, training

    def show_job_file(self) -> None:
        """Show the dialog with job files for the current document."""
        from app.launch.job_file_dialog import JobFileDialog

        session = self._workspace.session
        problem = ""
        if session.path is None or session.undo_history.is_dirty:
            problem = "Save the document first: the job trains the saved file."
        file = Path(session.path.name if session.path else "network.loom.json")
        JobFileDialog(self._theme, file, _data_options(session), problem, self._parent).open()

    def train_on_host(self) -> None:
        """Show the dialog for another machine. If the document can't be trained, show why."""
        from app.launch.host_dialog import HostDialog

        if self._training.disabled_reason():
            self._training.train()
            return
        hosts = configured_hosts(Path.home() / ".ssh" / "config")
        dialog = HostDialog(self._theme, hosts, self._settings.last_host, self._parent)
        dialog.chosen.connect(self._on_host_chosen)
        dialog.open()

    def _on_host_chosen(self, host: str, folder: str) -> None:
        self._settings.last_host = host
        self._training.train(options=["--on", host, "--remote-folder", folder])


def _data_options(session: Session) -> list[str]:
    """Return the options with the tables; paths are relative to the graph file where possible."""
    splits = zip(SEPARATE_SPLITS, session.split_paths, strict=True)
    tables = {"data": session.data_path or Path("DATA"), **dict(splits)}
    folder = session.path.absolute().parent if session.path else Path.cwd()
    words: list[str] = []
    for name, path in tables.items():
        if path is not None:
            table = path
            with suppress(ValueError):
                table = path.absolute().relative_to(folder)
            words += [f"--{name}", str(table)]
    return words
