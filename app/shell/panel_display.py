"""Requests to show panels, and what the docks tell about them.

Controllers do not know the docks: they ask here, and `app.shell.docking` fulfils the requests.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

PanelTitle = Literal[
    "Layers", "Outline", "Inspector", "Problems", "Data", "Training", "Runs", "Results", "Summary",
    "Source",
]  # fmt: skip
# Height in logical pixels that the contents of a panel need: the curves of three outputs, the rows
# of a table, a few diagnostics.
_CONTENT_HEIGHTS: dict[PanelTitle, int] = {"Training": 360, "Results": 360, "Data": 330}


class PanelDisplay(QObject):
    """Shows panels by title.

    Signals:
        show_requested: a panel is to be shown above the other tabs of its area; with its title and
            the height that it needs, 0 for any.
        count_changed: the number that follows a panel's title has changed; 0 shows none.
        visibility_changed: a panel was shown or hidden.
    """

    show_requested = Signal(str, int)
    count_changed = Signal(str, int)
    visibility_changed = Signal(str, bool)

    def show(self, title: PanelTitle) -> None:
        """Show a panel with the height that it has."""
        self.show_requested.emit(title, 0)

    def show_high(self, title: PanelTitle) -> None:
        """Show a panel, high enough for its contents."""
        self.show_requested.emit(title, _CONTENT_HEIGHTS[title])

    def show_count(self, title: PanelTitle, count: int) -> None:
        """Show a number, such as that of errors, in the title of a panel."""
        self.count_changed.emit(title, count)
