"""Errors in the data and the rest of the window: chip, status bar, and the tab of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from app.window import Window

_ROOM = 330  # logical pixels that a few findings take


class Auditing(QObject):
    """Says wherever the document is judged that its data holds errors, and leads to them."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._shown = 0
        window.data.examination.changed.connect(self._refresh)
        window.training.ready_changed.connect(self._refresh)
        window.workspace.switched.connect(self._refresh)
        window.status.data.clicked.connect(self.show_checks)

    @property
    def errors(self) -> int:
        """How many errors are known in the data of the document in front."""
        return self._window.data.examination.errors or self._window.training.checking.errors

    def show_checks(self) -> None:
        """Show what is wrong with the data."""
        self._window.bring("Data")
        self._window.docking.give_room("Data", _ROOM)
        self._window.data.show_tab("Checks")

    def _refresh(self) -> None:
        errors = self.errors
        if errors == self._shown:
            return
        self._shown = errors
        self._window.docks["Data"].setWindowTitle(f"Data ({errors})" if errors else "Data")
        self._window.status.show_data_errors(errors)
        self._window.running.show_standing()
