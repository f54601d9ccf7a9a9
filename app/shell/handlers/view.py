"""Handlers of the View menu, of arrow keys that select another node, and of the find bar."""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas.actions.navigation import ViewNavigation
from app.canvas.canvas import Canvas
from app.controls.dialogs.menu import MenuBar
from app.find.bar import FindBar
from app.problems.panel import ProblemsPanel
from app.settings import Settings
from app.shell.actions.injection import Handler, using
from app.shell.dock_layout import DockLayout
from app.shell.document_tabs import DocumentTabs
from app.theme.theme import Theme, ThemeMode


def _find(tabs: DocumentTabs, find_bar: FindBar) -> None:
    tabs.hide_welcome()
    find_bar.start()


def _minimap(tabs: DocumentTabs, settings: Settings) -> None:
    tabs.show_minimap(not tabs.is_minimap_visible)
    settings.set_flag("minimap", tabs.is_minimap_visible)


def _next_panel(docks: DockLayout, canvas: Canvas) -> None:
    docks.focus_next_panel(canvas.viewer)


def _set_theme(mode: ThemeMode) -> Handler:
    def handler(theme: Theme, settings: Settings) -> None:
        theme.set_mode(mode)
        settings.theme_mode = mode

    return handler


HANDLERS: Mapping[str, Handler] = {
    "walk-left": using(ViewNavigation, lambda navigation: navigation.select_neighbor("left")),
    "walk-right": using(ViewNavigation, lambda navigation: navigation.select_neighbor("right")),
    "walk-up": using(ViewNavigation, lambda navigation: navigation.select_neighbor("up")),
    "walk-down": using(ViewNavigation, lambda navigation: navigation.select_neighbor("down")),
    "fit": using(ViewNavigation, lambda navigation: navigation.fit()),
    "fit-selection": using(ViewNavigation, lambda navigation: navigation.fit_selection()),
    "zoom-100": using(ViewNavigation, lambda navigation: navigation.zoom_to(1.0)),
    "zoom-in": using(ViewNavigation, lambda navigation: navigation.zoom_by(1)),
    "zoom-out": using(ViewNavigation, lambda navigation: navigation.zoom_by(-1)),
    "find": _find,
    "minimap": _minimap,
    "next-problem": using(ProblemsPanel, lambda problems: problems.next_problem()),
    "previous-problem": using(ProblemsPanel, lambda problems: problems.previous_problem()),
    "next-panel": _next_panel,
    "menu-bar": using(MenuBar, lambda menu_bar: menu_bar.activate_first_menu()),
    "theme-system": _set_theme("system"),
    "theme-dark": _set_theme("dark"),
    "theme-light": _set_theme("light"),
    "reset-layout": using(DockLayout, lambda docks: docks.reset()),
}
