"""Requests to show panels, and signals about their visibility.

Controllers have no reference to the docks. They call `PanelDisplay`, which emits signals that
`app.shell.dock_layout` handles.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

PanelTitle = Literal[
    "Layers", "Outline", "Inspector", "Problems", "Data", "Training", "Runs", "Results", "Summary",
    "Source",
]  # fmt: skip
# The height in logical pixels that the contents of a panel need, such as the curves of three
# outputs.
_CONTENT_HEIGHTS: dict[PanelTitle, int] = {"Training": 360, "Results": 360, "Data": 330}


class PanelDisplay(QObject):
    """Emits signals about panels, which are identified by their titles.

    Signals:
        show_requested: requests to show a panel above the other tabs of its area. Sends the title
            of the panel and the minimum height in pixels, 0 for any height.
        count_changed: sends the title of a panel and the count to show after it, 0 for no count.
        visibility_changed: sends the title of a panel and whether the panel is visible now.
    """

    show_requested = Signal(str, int)
    count_changed = Signal(str, int)
    visibility_changed = Signal(str, bool)

    def show(self, title: PanelTitle) -> None:
        """Show a panel without changing its height."""
        self.show_requested.emit(title, 0)

    def show_expanded(self, title: PanelTitle) -> None:
        """Show a panel, and make it high enough for its contents."""
        self.show_requested.emit(title, _CONTENT_HEIGHTS[title])

    def show_count(self, title: PanelTitle, count: int) -> None:
        """Show a number, such as the number of errors, in the title of a panel."""
        self.count_changed.emit(title, count)
