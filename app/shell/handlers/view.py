"""Handlers of the View menu, of walking between nodes and of the find bar."""

from __future__ import annotations

from app.canvas.actions.navigation import ViewNavigation
from app.canvas.canvas import Canvas
from app.controls.dialogs.menu import MenuBar
from app.find.bar import FindBar
from app.problems.panel import ProblemsPanel
from app.settings import Settings
from app.shell.docking import DockLayout
from app.shell.handlers.registry import HandlerTable
from app.shell.tabs import DocumentTabs
from app.theme.theme import Theme, ThemeMode

table = HandlerTable()


@table.handles("walk-left")
def _walk_left(navigation: ViewNavigation) -> None:
    navigation.select_neighbor("left")


@table.handles("walk-right")
def _walk_right(navigation: ViewNavigation) -> None:
    navigation.select_neighbor("right")


@table.handles("walk-up")
def _walk_up(navigation: ViewNavigation) -> None:
    navigation.select_neighbor("up")


@table.handles("walk-down")
def _walk_down(navigation: ViewNavigation) -> None:
    navigation.select_neighbor("down")


@table.handles("fit")
def _fit(navigation: ViewNavigation) -> None:
    navigation.fit()


@table.handles("fit-selection")
def _fit_selection(navigation: ViewNavigation) -> None:
    navigation.fit_selection()


@table.handles("zoom-100")
def _zoom_100(navigation: ViewNavigation) -> None:
    navigation.zoom_to(1.0)


@table.handles("zoom-in")
def _zoom_in(navigation: ViewNavigation) -> None:
    navigation.zoom_by(1)


@table.handles("zoom-out")
def _zoom_out(navigation: ViewNavigation) -> None:
    navigation.zoom_by(-1)


@table.handles("find")
def _find(tabs: DocumentTabs, find_bar: FindBar) -> None:
    tabs.hide_welcome()
    find_bar.start()


@table.handles("minimap")
def _minimap(tabs: DocumentTabs, settings: Settings) -> None:
    tabs.show_minimap(not tabs.is_minimap_visible)
    settings.set_flag("minimap", tabs.is_minimap_visible)


@table.handles("next-problem")
def _next_problem(problems: ProblemsPanel) -> None:
    problems.next_problem()


@table.handles("previous-problem")
def _previous_problem(problems: ProblemsPanel) -> None:
    problems.previous_problem()


@table.handles("next-panel")
def _next_panel(docks: DockLayout, canvas: Canvas) -> None:
    docks.focus_next_panel(canvas.viewer)


@table.handles("menu-bar")
def _menu_bar(menu_bar: MenuBar) -> None:
    menu_bar.activate_first_menu()


@table.handles("theme-system")
def _theme_system(theme: Theme, settings: Settings) -> None:
    _set_theme(theme, settings, "system")


@table.handles("theme-dark")
def _theme_dark(theme: Theme, settings: Settings) -> None:
    _set_theme(theme, settings, "dark")


@table.handles("theme-light")
def _theme_light(theme: Theme, settings: Settings) -> None:
    _set_theme(theme, settings, "light")


@table.handles("reset-layout")
def _reset_layout(docks: DockLayout) -> None:
    docks.reset()


def _set_theme(theme: Theme, settings: Settings, mode: ThemeMode) -> None:
    theme.set_mode(mode)
    settings.theme_mode = mode
