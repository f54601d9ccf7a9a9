"""Whether the window may close: what stands in the way is asked for, one thing after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shell.main_window import Window


class Closing:
    """Asks what becomes of a training, then of each document that would be lost."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._may = self._waits = False

    def may(self) -> bool:
        """Return whether the window may close now; if not, an answer that comes later closes it."""
        if not self._may:
            self._window.commit()
            if not self._window.files.desk.is_busy():
                self._waits = False
                self._window.running.ask_before_leaving(self._on_training_answered)
                self._waits = not self._may
        return self._may

    def _on_training_answered(self, go_on: bool) -> None:
        if go_on:
            self._window.files.close_all(self._on_documents_answered)
        else:
            self._waits = False

    def _on_documents_answered(self, go_on: bool) -> None:
        self._may = go_on
        if go_on and self._waits:
            self._window.close()
        self._waits = False
