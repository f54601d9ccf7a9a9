"""The prompts before the main window closes: for a training run, then for unsaved documents."""

from __future__ import annotations

from app.files.prompts.message_box import PromptChoice
from app.shell.controllers.documents import DocumentController
from app.shell.window_parts import WindowParts


class CloseGuard:
    """Decides whether the main window may close, with prompts for training and unsaved changes.

    The prompts do not block. So the first attempt to close is rejected, and the window is
    closed again after the user has confirmed all prompts, which calls `confirm_close` again.
    """

    def __init__(self, window: WindowParts, documents: DocumentController) -> None:
        self._documents, self._files = documents, window.document_manager
        self._window, self._training = window, window.panels.training
        self._is_confirmed = self._closes_after_prompts = False
        self._stops_training = False

    def confirm_close(self) -> bool:
        """Return whether the window may close now.

        If not, show the prompts. If the user confirms all of them, the window is closed later.
        """
        if not self._is_confirmed:
            self._documents.commit_input()
            if not self._files.prompts.raise_active_dialog():
                self._closes_after_prompts = False
                self._ask_about_training()
                self._closes_after_prompts = not self._is_confirmed
        return self._is_confirmed

    def apply_training_choice(self) -> None:
        """Stop the training run if the user chose "Stop training". Kill a run that is starting."""
        if not self._stops_training:
            return
        if self._training.state == "starting":
            self._training.run_process.kill()
        else:
            self._training.run_process.stop()

    def _ask_about_training(self) -> None:
        """Ask whether a training run of this window continues after the window is closed.

        Without such a run, ask about unsaved documents.
        """
        self._stops_training = False
        process = self._training.run_process
        if not process.is_own_process:
            self._ask_about_documents()
            return
        self._files.prompts.ask(
            "Keep training after the window is closed?",
            f"{process.run.name if process.run else 'The run'} continues in the background. "
            "Its progress is shown again when the document is reopened.",
            PromptChoice("Keep training", self._ask_about_documents),
            PromptChoice("Stop training", self._on_stop_chosen),
            PromptChoice("Cancel", self._on_cancelled),
            kind="info",
        )

    def _on_stop_chosen(self) -> None:
        self._stops_training = True
        self._ask_about_documents()

    def _on_cancelled(self) -> None:
        self._closes_after_prompts = False

    def _ask_about_documents(self) -> None:
        self._files.close_prompts.close_all(self._on_documents_closed)

    def _on_documents_closed(self, proceed: bool) -> None:
        self._is_confirmed = proceed
        if proceed and self._closes_after_prompts:
            self._window.close()
        self._closes_after_prompts = False
