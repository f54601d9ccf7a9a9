"""The dialogs for training on another machine over ssh, and on a cluster by a job file."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from app.documents.session import SEPARATE_SPLITS, Session
from app.shell.window_parts import WindowParts
from engine.core.formatting.urls import url_of

_HOST_LABEL = (
    "Host, or USER@HOST. The machine is checked first: ssh has to reach it\nwithout a password, "
    "and Layerloom has to be installed there. Then the\ngraph and the data are copied. The "
    "training continues if the connection\nis lost or the window is closed."
)


class LaunchDialogs:
    """Opens the dialogs for training the current document on other machines."""

    def __init__(self, window: WindowParts) -> None:
        self._window, self._training = window, window.panels.training

    def show_job_file(self) -> None:
        """Show the dialog with job files for the current document."""
        from app.launch.job_file_dialog import JobFileDialog

        session = self._window.workspace.session
        problem = ""
        if session.path is None or session.undo_history.is_dirty:
            problem = "Save the document first: the job trains the saved file."
        file = Path(session.path.name if session.path else "network.loom.json")
        options = _data_options(session)
        JobFileDialog(self._window.theme, file, options, problem, self._window).open()

    def train_on_host(self) -> None:
        """Ask for another machine, and train there. If the document can't be trained, show why."""
        needs_data = self._training.readiness.needs_data()  # which is asked for after the host
        if self._training.disabled_reason() and not needs_data:
            self._training.train()
            return
        dialog = QInputDialog(self._window, windowTitle="Train on another machine (ssh)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setLabelText(_HOST_LABEL)
        dialog.setOkButtonText("Train")
        hosts = _configured_hosts() or [""]
        dialog.setComboBoxItems(hosts)
        dialog.setComboBoxEditable(True)
        dialog.setTextValue(hosts[0])
        dialog.textValueSelected.connect(self._on_host_chosen)
        dialog.open()

    def _on_host_chosen(self, host: str) -> None:
        if host.strip():
            self._training.train(options=["--on", host.strip()])


def _configured_hosts() -> list[str]:
    """Return the hosts that the user's configuration of ssh names. Others can be typed."""
    text = ""
    with suppress(OSError):
        text = (Path.home() / ".ssh" / "config").read_text(encoding="utf-8", errors="replace")
    names = " ".join(re.findall(r"(?im)^\s*host\s+(.+)$", text)).split()
    return [name for name in dict.fromkeys(names) if not set(name) & set("*?!")]


def _data_options(session: Session) -> list[str]:
    """Return the options with the tables, as paths relative to the graph file."""
    folder = session.path.absolute().parent if session.path else Path.cwd()
    splits = zip(SEPARATE_SPLITS, session.split_paths, strict=True)
    tables = {"data": session.data_path or folder / "DATA", **dict(splits)}
    given = {
        name: url_of(path) or os.path.relpath(path, folder) for name, path in tables.items() if path
    }
    return [word for name, path in given.items() for word in (f"--{name}", path)]
