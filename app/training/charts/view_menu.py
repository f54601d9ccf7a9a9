"""The menu of the view options, and the context menu of a chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.theme import icons
from app.theme.theme import Theme
from app.training.charts.view_options import LINES, SMOOTHINGS, ViewOptionsModel

if TYPE_CHECKING:
    from app.training.charts.chart_spec import ChartSpec

EXPORT_FORMATS = ("png", "svg", "csv")
Export = Callable[[str], object]  # called with one of `EXPORT_FORMATS`


class ViewButton(QPushButton):
    """A button with the menu of the view options.

    Signals:
        export_requested: an export was chosen, in one of `EXPORT_FORMATS`.
    """

    export_requested = Signal(str)

    def __init__(
        self, theme: Theme, view: ViewOptionsModel, specs: Callable[[], Sequence[ChartSpec]]
    ) -> None:
        super().__init__("View")
        self._theme, self._view, self._specs = theme, view, specs
        self.setToolTip("Smoothing, scale, visible lines and charts; export of the curves")
        self._menu = QMenu(self, aboutToShow=self._update_menu)
        self.setMenu(self._menu)
        self.setIcon(icons.icon(theme, "curve"))

    def _update_menu(self) -> None:
        fill_view_menu(self._menu, self._view, self._specs(), self.export_requested.emit)


def fill_view_menu(
    menu: QMenu, view: ViewOptionsModel, specs: Sequence[ChartSpec], export: Export
) -> None:
    """Fill the menu with actions that change the view options and actions that export curves.

    `specs` are the charts that can be hidden. `export` is called with a format to export.
    """
    menu.clear()
    options = view.options
    _add_checkable(menu, "Log scale", options.log_scale, lambda on: view.update(log_scale=on))
    smoothing = menu.addMenu("Smoothing")
    group = QActionGroup(smoothing)
    for text, steps in SMOOTHINGS:
        slot = partial(_set_smoothing, view, steps)
        group.addAction(_add_checkable(smoothing, text, options.smoothing == steps, slot))
    menu.addSeparator()
    for text, line in LINES:
        is_visible = line not in options.hidden_lines
        _add_checkable(menu, text, is_visible, partial(view.set_line_visible, line))
    charts = menu.addMenu("Charts")
    for spec in specs:
        is_visible = options.is_visible(spec.score)
        _add_checkable(charts, spec.title, is_visible, partial(view.set_chart_visible, spec.score))
    charts.addSeparator()
    charts.addAction("Show all charts").triggered.connect(view.show_all_charts)
    menu.addSeparator()
    _add_common_actions(menu, view, export)


def open_chart_menu(
    parent: QWidget,
    view: ViewOptionsModel,
    spec: ChartSpec,
    position: QPoint,
    export: Export,
) -> QMenu:
    """Open the context menu of a chart at a screen position, and return it."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    is_isolated = view.options.isolated_chart == spec.score
    text = "Show the other charts too" if is_isolated else "Show only this chart"
    menu.addAction(text).triggered.connect(lambda: view.toggle_isolated(spec.score))
    menu.addAction("Hide this chart").triggered.connect(
        lambda: view.set_chart_visible(spec.score, False)
    )
    show_all = menu.addAction("Show all charts")
    show_all.triggered.connect(view.show_all_charts)
    show_all.setEnabled(bool(view.options.hidden_charts or view.options.isolated_chart))
    _add_common_actions(menu, view, export)
    menu.popup(position)
    return menu


def _add_common_actions(menu: QMenu, view: ViewOptionsModel, export: Export) -> None:
    reset = menu.addAction("Show the whole run")
    reset.triggered.connect(view.reset_zoom)
    reset.setEnabled(view.options.zoom_range is not None or view.options.last_steps > 0)
    menu.addSeparator()
    for file_format in EXPORT_FORMATS:
        action = menu.addAction(f"Export the curves as {file_format.upper()}…")
        action.triggered.connect(_export_slot(export, file_format))


def _add_checkable(menu: QMenu, text: str, on: bool, slot: Callable[[bool], object]) -> QAction:
    action = menu.addAction(text.replace("&", "&&"))
    action.setCheckable(True)
    action.setChecked(on)
    action.toggled.connect(slot)
    return action


def _set_smoothing(view: ViewOptionsModel, steps: int, checked: bool) -> None:
    if checked:  # ignore the toggle of the deselected action
        view.update(smoothing=steps)


def _export_slot(export: Export, file_format: str) -> Callable[[], object]:
    return lambda: export(file_format)
