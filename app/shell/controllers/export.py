"""The document in front as PyTorch: as it is drawn, or as a run of it was trained, with weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.controls.dialogs.file_dialog import FileDialog
from app.files.documents.message_box import Choice
from app.processes.answer_parser import answer_in, diagnostics_in
from app.processes.command import Command
from app.training.panel.document_status import LastRun
from engine.core.diagnostic import Refused
from engine.runs.evaluation import WEIGHTS
from engine.runs.folder.run_folder import RunFolder

if TYPE_CHECKING:
    from app.shell.main_window import Window

_NOW = "It trained the network as it is drawn now."
_BEFORE = "It trained another state of the network, and that state is written."


class Exporting(QObject):
    """Asks which network is meant where there is a trained one; the engine writes that, as a child.

    Args:
        window: the window.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._run = ""
        self._command = Command(self)
        self._command.answered.connect(self._on_answered)

    def pytorch(self) -> None:
        """Ask which network is wanted, if there is a choice, and where it goes."""
        run, plain = self._trained(), self._window.dialogs.export_pytorch
        if run is None:
            plain()
            return
        now = LastRun(run.path).trained(self._window.workspace.session.project)
        self._window.files.desk.ask(
            f"With the weights of {run.name}?",
            f"{_NOW if now else _BEFORE} Its weights stand beside the source, in a file of their "
            "own. Without them, the source begins with new weights.",
            Choice("With weights…", partial(self._ask_for_folder, run)),
            Choice("As drawn, untrained…", plain),
            Choice("Cancel", lambda: None),
            kind="info",
        )

    def _trained(self) -> RunFolder | None:
        """Return the run in front, if it has weights to keep."""
        path = self._window.results.run
        try:
            run = None if path is None else RunFolder.open(path)
        except Refused:
            return None
        return run if run is not None and run.model.is_file() else None

    def _ask_for_folder(self, run: RunFolder) -> None:
        path = self._window.workspace.session.path
        folder = path.parent if path else self._window.settings.folder
        title = f"Export {run.name} as PyTorch into a folder"
        dialog = FileDialog(self._window, title, str(folder))
        dialog.takes_folders = True
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda chosen: self._on_folder_chosen(run, Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_folder_chosen(self, run: RunFolder, folder: Path) -> None:
        from engine.compile.torch_source import module_name

        stem = module_name(str(run.run.get("name") or run.name))
        there = [folder / f"{stem}{ending}" for ending in (".py", ".safetensors")]
        old = next((path for path in there if path.is_file()), None)
        write = partial(self._write, run, folder)
        if old is None:
            write()
        else:
            desk = self._window.files.desk
            desk.ask_to_replace(old, partial(self._ask_for_folder, run), write)

    def _write(self, run: RunFolder, folder: Path) -> None:
        self._run = run.name
        self._window.tell(f"Writing {run.name} as PyTorch…")
        self._command.run(["export", str(run.path), "--to", "pytorch", "--out", str(folder)])

    def _on_answered(self, code: int, answer: bytes) -> None:
        said = answer_in(answer)
        if code == 0:
            files = " and ".join(str(path) for path in said.get("files", ()))
            weights = WEIGHTS[str(said.get("weights", "final"))]
            self._window.tell(f"Wrote {self._run} with {weights}: {files}")
            return
        title, found = f"{self._run} was not written", diagnostics_in(answer)
        if found:
            self._window.files.desk.report(title, found[0])
        else:
            self._window.tell(f"{title}: the engine ended with {code}.")
