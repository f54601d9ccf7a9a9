"""The menu that says how curves are looked at, and the one of a single chart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.theme import icons
from app.theme.theme import Theme
from app.training.charts.view_options import LINES, SMOOTHINGS, View

if TYPE_CHECKING:
    from app.training.charts.chart_spec import Subject

FORMATS = ("png", "svg", "csv")


class ViewButton(QPushButton):
    """Opens the menu.

    Args:
        theme: for the icon.
        view: what the menu changes.
        subjects: answers what charts there are.

    Signals:
        export_asked: one of `FORMATS`.
    """

    export_asked = Signal(str)

    def __init__(self, theme: Theme, view: View, subjects: Callable[[], Sequence[Subject]]) -> None:
        super().__init__("View")
        self._theme, self._view, self._subjects = theme, view, subjects
        self.setObjectName("training-view")
        self.setToolTip("Smoothing, scale, lines and charts to show; export of the curves")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setIcon(icons.icon(theme, "curve"))

    def _fill(self) -> None:
        fill(self._menu, self._view, self._subjects(), self.export_asked.emit)


def fill(
    menu: QMenu, view: View, subjects: Sequence[Subject], export: Callable[[str], object]
) -> None:
    """Put in the entries as they hold now."""
    menu.clear()
    look = view.look
    _tick(menu, "Log scale", look.log, lambda on: view.set(log=on))
    smoothing = menu.addMenu("Smoothing")
    group = QActionGroup(smoothing)
    for text, steps in SMOOTHINGS:
        entry = _tick(smoothing, text, look.smoothing == steps, partial(_smooth, view, steps))
        group.addAction(entry)
    menu.addSeparator()
    for text, line in LINES:
        _tick(menu, text, line not in look.unseen, partial(view.see_line, line))
    charts = menu.addMenu("Charts")
    for subject in subjects:
        score = subject.score
        _tick(charts, subject.title, look.shows(score), partial(view.show_chart, score))
    charts.addSeparator()
    charts.addAction("Show all charts").triggered.connect(view.show_all)
    menu.addSeparator()
    _end(menu, view, export)


def chart_menu(
    parent: QWidget, view: View, subject: Subject, at: QPoint, export: Callable[[str], object]
) -> QMenu:
    """Return the menu of one chart, opened at a place of the screen."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    alone = view.look.alone == subject.score
    text = "Show the other charts too" if alone else "Show only this chart"
    menu.addAction(text).triggered.connect(lambda: view.isolate(subject.score))
    menu.addAction("Hide this chart").triggered.connect(
        lambda: view.show_chart(subject.score, False)
    )
    everything = menu.addAction("Show all charts")
    everything.triggered.connect(view.show_all)
    everything.setEnabled(bool(view.look.hidden or view.look.alone))
    _end(menu, view, export)
    menu.popup(at)
    return menu


def _end(menu: QMenu, view: View, export: Callable[[str], object]) -> None:
    """Put in what stands last in both menus: the way back to the whole run, and exports."""
    whole = menu.addAction("Show the whole run")
    whole.triggered.connect(view.whole)
    whole.setEnabled(view.look.zoom is not None or view.look.newest > 0)
    menu.addSeparator()
    for kind in FORMATS:
        entry = menu.addAction(f"Export the curves as {kind.upper()}…")
        entry.triggered.connect(_hand(export, kind))


def _tick(menu: QMenu, text: str, on: bool, do: Callable[[bool], object]) -> QAction:
    entry = menu.addAction(text.replace("&", "&&"))
    entry.setCheckable(True)
    entry.setChecked(on)
    entry.toggled.connect(do)
    return entry


def _smooth(view: View, steps: int, on: bool) -> None:
    if on:  # the one that is ticked no more says nothing
        view.set(smoothing=steps)


def _hand(export: Callable[[str], object], kind: str) -> Callable[[], object]:
    return lambda: export(kind)
