"""A progress bar that does not move without progress if motion is reduced."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QProgressBar

from app.theme.theme import Theme


class ProgressBar(QProgressBar):
    """A progress bar; while the number of steps is unknown, a block slides through it.

    If motion is reduced, the bar is empty then.
    """

    def __init__(self, theme: Theme, **options: Any) -> None:
        super().__init__(**options)
        self._theme = theme
        self._is_busy = False
        theme.changed.connect(self._on_theme_changed)

    def show_steps(self, done: int, total: int) -> None:
        """Show that `done` of `total` steps are done; `total` is 0 if it is unknown."""
        self._is_busy = not total
        self.setRange(0, int(self._theme.reduced_motion) if self._is_busy else total)
        self.setValue(done)

    def _on_theme_changed(self) -> None:
        if self._is_busy:
            self.show_steps(0, 0)
