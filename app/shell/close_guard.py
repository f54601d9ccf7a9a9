"""The prompts before the main window closes: running training, then unsaved documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow


class CloseGuard:
    """Decides whether the main window may close, with prompts for training and unsaved changes.

    The prompts are not modal: the first attempt to close is rejected, and the window is closed
    again once all prompts are answered.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._is_confirmed = self._closes_when_answered = False

    def confirm_close(self) -> bool:
        """Return whether the window may close now; otherwise prompt, and close once confirmed."""
        if not self._is_confirmed:
            self._window.commit_input()
            if not self._window.files.desk.is_busy():
                self._closes_when_answered = False
                self._window.training_controller.confirm_close(self._on_training_answered)
                self._closes_when_answered = not self._is_confirmed
        return self._is_confirmed

    def _on_training_answered(self, proceed: bool) -> None:
        if proceed:
            self._window.files.close_all(self._on_documents_answered)
        else:
            self._closes_when_answered = False

    def _on_documents_answered(self, proceed: bool) -> None:
        self._is_confirmed = proceed
        if proceed and self._closes_when_answered:
            self._window.close()
        self._closes_when_answered = False
