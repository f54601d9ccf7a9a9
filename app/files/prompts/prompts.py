"""Modal prompts of the window: file dialogs, questions and error messages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.controls.dialogs.file_dialog import create_file_dialog
from app.files.prompts.message_box import MessageBox, PromptChoice
from app.settings import Settings
from app.text.diagnostic_text import message_box_text
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic

FILE_EXTENSION = ".loom.json"
FILE_FILTER = "Layerloom networks (*.loom.json)"
_ALL_FILES = "All files (*)"


class Prompts(QObject):
    """Shows one dialog at a time. When it has closed, the pressed button's callback is called."""

    def __init__(self, settings: Settings, theme: Theme, window: QWidget | None) -> None:
        super().__init__(window)
        self._settings, self._theme, self._window = settings, theme, window
        self.active_dialog: QDialog | None = None
        self._on_closed: Callable[[], object] = _do_nothing

    def raise_active_dialog(self) -> bool:
        """Raise the open dialog above other windows, and return whether a dialog is open."""
        if self.active_dialog is None or not self.active_dialog.isVisible():
            return False
        self.active_dialog.raise_()
        self.active_dialog.activateWindow()
        return True

    def ask(
        self,
        title: str,
        text: str,
        *choices: PromptChoice,
        kind: str = "warning",
        details: str = "",
        is_destructive: bool = False,
    ) -> None:
        """Ask a question, with the buttons `choices`. For the arguments, see `MessageBox`."""
        theme, window = self._theme, self._window
        question = MessageBox(theme, kind, title, text, details, choices, is_destructive, window)
        self._show(question, question.run_choice)

    def ask_to_replace(
        self,
        path: Path,
        choose_again: Callable[[], object],
        replace: Callable[[], object],
        cancel: Callable[[], object] | None = None,
    ) -> None:
        """Ask whether to replace an existing file, and call the function of the pressed button."""
        self.ask(
            f"Replace {path.name}?",
            f"A file with this name exists in {path.parent}. Its content would be lost.",
            PromptChoice("Choose another name…", choose_again),
            PromptChoice("Replace", replace),
            PromptChoice("Cancel", cancel or _do_nothing),
        )

    def report(self, title: str, diagnostic: Diagnostic, *choices: PromptChoice) -> None:
        """Show a diagnostic as an error message. The default for `choices` is a Close button."""
        close = PromptChoice("Close", _do_nothing)
        text, code = message_box_text(diagnostic), f"{diagnostic.severity}[{diagnostic.code}]"
        self.ask(title, text, *(choices or (close,)), kind="error", details=code)

    def ask_for_files(self, then: Callable[[list[Path]], object]) -> None:
        """Open a dialog to choose files. Call `then` with the paths, unless the user cancels."""
        dialog = create_file_dialog(self._window, "Open", self._settings.last_folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([FILE_FILTER, _ALL_FILES])
        self._show(dialog, lambda: then(paths) if (paths := _chosen(dialog)) else None)

    def ask_for_save_path(
        self,
        title: str,
        start: str,
        then: Callable[[Path | None], object],
        filter_: str = FILE_FILTER,
    ) -> None:
        """Open a save dialog. Call `then` with the chosen path, or with None if it is canceled.

        Existing files are not handled here; callers use `ask_to_replace`.
        Why: Qt's own question about an existing file would run a nested event loop.
        """
        dialog = create_file_dialog(self._window, title, self._settings.last_folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setNameFilters([filter_, _ALL_FILES])
        dialog.selectFile(start)
        self._show(dialog, lambda: then(next(iter(_chosen(dialog)), None)))

    def _show(self, dialog: QDialog, on_closed: Callable[[], object]) -> None:
        """Open a dialog. After it has closed, call `on_closed`, which may open the next dialog.

        Why: a file dialog emits the chosen file while it is still open, too early for a question.
        """
        self.active_dialog, self._on_closed = dialog, on_closed
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _on_finished(self, _result: int) -> None:
        dialog, self.active_dialog = self.active_dialog, None
        on_closed, self._on_closed = self._on_closed, _do_nothing
        if dialog is not None:
            dialog.deleteLater()
            on_closed()


def _chosen(dialog: QFileDialog) -> list[Path]:
    accepted = dialog.result() == QDialog.DialogCode.Accepted
    return [Path(name) for name in dialog.selectedFiles()] if accepted else []


def _do_nothing() -> None:
    """Do nothing: the callback of buttons that only close the dialog."""
