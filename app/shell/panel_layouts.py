"""Layouts of the panels for drawing, training and results, each remembered."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from PySide6.QtCore import QObject, QTimer, Signal

from app.settings import Settings
from app.shell.dock_layout import DockLayout, PanelTitle

LayoutName = Literal["network", "training", "results"]
LAYOUT_NAMES: tuple[LayoutName, ...] = get_args(LayoutName)


class _Arrangement(NamedTuple):
    """How a layout without side panels begins.

    Args:
        panel: the panel that is raised below the canvas.
        share: the height of the panel, as a fraction of the height of canvas and panel.
    """

    panel: PanelTitle
    share: float


_SIDE_PANELS: tuple[PanelTitle, ...] = ("Layers", "Outline", "Inspector")
# The layout "network" is the default layout of the docks.
_ARRANGEMENTS: dict[LayoutName, _Arrangement] = {
    "training": _Arrangement("Training", 0.62),
    "results": _Arrangement("Results", 0.66),
}


class PanelLayouts(QObject):
    """The layouts of a window, of which one is active.

    Signals:
        changed: another layout was activated.
    """

    changed = Signal()

    def __init__(self, docks: DockLayout, settings: Settings) -> None:
        super().__init__(docks)
        self._docks, self._settings = docks, settings
        self._active = active_layout(settings)
        docks.panel_requested.connect(self._on_panel_requested)

    @property
    def active(self) -> LayoutName:
        return self._active

    def activate(self, layout: LayoutName) -> None:
        """Activate a layout as it was left, or as it begins; do nothing while panels are hidden."""
        if layout == self._active or self._docks.are_all_hidden:
            return
        self._docks.restore_maximized()
        self.save()
        self._active = layout
        self._settings.active_layout = layout
        state = self._settings.layout_state(layout)
        if state:
            self._docks.restore(state)
        else:
            self.reset()
        self.changed.emit()

    def _on_panel_requested(self, title: str) -> None:
        """Activate the layout of a panel if the active one is for another panel.

        Why: a training that is started among results would turn their layout into that of curves.
        """
        layouts: dict[str, LayoutName] = {at.panel: name for name, at in _ARRANGEMENTS.items()}
        if title in layouts and self._active in _ARRANGEMENTS:
            self.activate(layouts[title])

    def reset(self) -> None:
        """Restore the state in which the active layout begins."""
        self._docks.reset()
        arrangement = _ARRANGEMENTS.get(self._active)
        if arrangement is not None:
            for title in _SIDE_PANELS:
                self._docks.docks[title].hide()
            self._docks.show_panel(arrangement.panel)
            heights = self._docks.heights  # Qt ignores sizes before its layout pass
            QTimer.singleShot(0, self, lambda: heights.set_share(*arrangement))

    def save(self) -> None:
        """Store the name and the state of the active layout."""
        self._settings.active_layout = self._active
        self._settings.set_layout_state(self._active, self._docks.save_state())


def active_layout(settings: Settings) -> LayoutName:
    """Return the layout that was active last, "network" if that one was never saved (a crash)."""
    for name in LAYOUT_NAMES:
        if name == settings.active_layout and settings.layout_state(name):
            return name
    return "network"
