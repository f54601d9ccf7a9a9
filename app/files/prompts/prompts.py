"""Where files are asked for and questions put, on top of the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.controls.dialogs.file_dialog import FileDialog
from app.files.prompts.message_box import Choice, Question
from app.settings import Settings
from app.text.phrases import to_sentence, truncate, window_fixes
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic

ENDING = ".loom.json"
FILTER = "Layerloom networks (*.loom.json)"
_ANY = "All files (*)"
_LONGEST = 400  # characters of a message; a hostile file may hold more


class Desk(QObject):
    """Puts one question at a time; what is chosen runs the choice's function."""

    def __init__(self, settings: Settings, theme: Theme, window: QWidget | None) -> None:
        super().__init__(window)
        self._settings, self._theme, self._window = settings, theme, window
        self.open_dialog: QDialog | None = None
        self._answer: Callable[[], object] = _nothing

    def is_busy(self) -> bool:
        """Return whether a question is open, and bring it to the front."""
        if self.open_dialog is None or not self.open_dialog.isVisible():
            return False
        self.open_dialog.raise_()
        self.open_dialog.activateWindow()
        return True

    def ask(
        self,
        title: str,
        text: str,
        *choices: Choice,
        kind: str = "warning",
        small: str = "",
        careful: bool = False,
    ) -> None:
        """Put a question; Enter gives the first choice, or if careful the last, as Escape does."""
        theme, window = self._theme, self._window
        question = Question(theme, kind, title, text, small, choices, careful, window)
        self._show(question, question.answer)

    def ask_to_replace(
        self,
        path: Path,
        choose_again: Callable[[], object],
        replace: Callable[[], object],
        cancel: Callable[[], object] | None = None,
    ) -> None:
        """Ask before a file that is there is written over."""
        self.ask(
            f"Replace {path.name}?",
            f"There is a file of that name in {path.parent}. Its content would be lost.",
            Choice("Choose another name…", choose_again),
            Choice("Replace", replace),
            Choice("Cancel", cancel or _nothing),
        )

    def report(self, title: str, found: Diagnostic, *choices: Choice) -> None:
        """Say what went wrong, why, and what to do."""
        shut = Choice("Close", _nothing)
        small = f"{found.severity}[{found.code}]"
        self.ask(title, words_of(found), *(choices or (shut,)), kind="error", small=small)

    def ask_for_file(self, then: Callable[[list[Path]], object]) -> None:
        """Let the person choose files to open."""
        dialog = self._file_dialog("Open")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([FILTER, _ANY])
        self._show(dialog, lambda: then(paths) if (paths := _chosen(dialog)) else None)

    def ask_for_place(
        self, title: str, start: str, then: Callable[[Path | None], object], filter_: str = FILTER
    ) -> None:
        """Let the person choose where to save; None if they would rather not.

        Why: Qt's own question about a file that is there runs a loop inside the program's, so it is
        turned off; whoever asks here puts that question.
        """
        dialog = self._file_dialog(title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setNameFilters([filter_, _ANY])
        dialog.selectFile(start)
        self._show(dialog, lambda: then(next(iter(_chosen(dialog)), None)))

    def _file_dialog(self, title: str) -> QFileDialog:
        dialog = FileDialog(self._window, title, str(self._settings.last_folder))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        return dialog

    def _show(self, dialog: QDialog, answer: Callable[[], object]) -> None:
        """Open a dialog; `answer` runs once it is closed, and may open the next one.

        Why: a file dialog tells what was chosen while it is still open, too early for a question.
        """
        self.open_dialog, self._answer = dialog, answer
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def _on_finished(self, _result: int) -> None:
        dialog, self.open_dialog = self.open_dialog, None
        answer, self._answer = self._answer, _nothing
        if dialog is not None:
            dialog.deleteLater()
            answer()


def _chosen(dialog: QFileDialog) -> list[Path]:
    """Return the paths that a closed dialog was left with, none if it was cancelled."""
    accepted = dialog.result() == QDialog.DialogCode.Accepted
    return [Path(name) for name in dialog.selectedFiles()] if accepted else []


def words_of(found: Diagnostic) -> str:
    """Return a finding as a person reads it: what is wrong, where, and the way out."""
    said = to_sentence(found.message)
    parts = (("Found", found.found), ("Expected", found.expected), ("Where", found.place or ""))
    facts = [f"{head}: {body}" for head, body in parts if body]
    fixes = window_fixes(found.fixes)
    return "\n\n".join(
        truncate(part, _LONGEST) for part in (said, "\n".join(facts), "\n".join(fixes)) if part
    )


def _nothing() -> None:
    """Do nothing, as when a message is closed."""
