"""The handlers of actions: the function that performs each action, by action id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.results.panel import ResultsPanel
from app.runs.panel import RunsPanel
from app.settings import COLOR_BLIND, REDUCED_MOTION
from app.shell.composition import Controllers
from app.shell.panel_layouts import LayoutName
from app.shell.panels import Panels
from app.shell.window_parts import WindowParts
from app.theme.theme import ThemeMode


@dataclass(frozen=True)
class WindowObjects:
    """The parts and controllers of a window; each handler of an action gets them."""

    parts: WindowParts
    controllers: Controllers

    @property
    def session(self) -> Session:
        """The active document."""
        return self.parts.workspace.session

    @property
    def canvas(self) -> Canvas:
        """The canvas of the active document."""
        return self.parts.tabs.canvas

    @property
    def panels(self) -> Panels:
        """The panels around the canvas."""
        return self.parts.panels


Handler = Callable[[WindowObjects], object]


def _find(window: WindowObjects) -> None:
    window.parts.tabs.hide_welcome()
    window.parts.dock_layout.show_canvas()
    window.parts.find_bar.start()


def _focus_next_panel(window: WindowObjects) -> None:
    callout = window.controllers.tour.callout
    others = (window.canvas.viewer, callout) if callout else (window.canvas.viewer,)
    window.parts.dock_layout.focus_next_panel(*others)


def _select_none(window: WindowObjects) -> None:
    if not window.canvas.cancel():
        window.parts.dock_layout.restore_maximized()


def _edit_fields(window: WindowObjects) -> None:
    window.parts.dock_layout.show_panel("Inspector")
    window.panels.inspector.focus_first_field()


def _toggle_minimap(window: WindowObjects) -> None:
    tabs = window.parts.tabs
    tabs.show_minimap(not tabs.is_minimap_visible)
    window.parts.settings.set_flag("minimap", tabs.is_minimap_visible)


def _set_theme(mode: ThemeMode) -> Handler:
    def handler(window: WindowObjects) -> None:
        window.parts.theme.set_mode(mode)
        window.parts.settings.theme_mode = mode

    return handler


def _activate_layout(name: LayoutName) -> Handler:
    return lambda window: window.parts.layouts.activate(name)


def _toggle_color_blind(window: WindowObjects) -> None:
    theme, settings = window.parts.theme, window.parts.settings
    theme.color_blind = not theme.color_blind
    settings.set_flag(COLOR_BLIND, theme.color_blind)


def _toggle_reduced_motion(window: WindowObjects) -> None:
    theme, settings = window.parts.theme, window.parts.settings
    theme.reduced_motion = not theme.reduced_motion
    settings.set_flag(REDUCED_MOTION, theme.reduced_motion)


def _train(window: WindowObjects) -> None:
    window.controllers.documents.commit_input()
    window.parts.dock_layout.show_expanded("Training")
    window.panels.training.train()


def _train_on_host(window: WindowObjects) -> None:
    window.controllers.documents.commit_input()
    window.parts.dock_layout.show_expanded("Training")
    window.controllers.launch_dialogs.train_on_host()


def _train_elsewhere(window: WindowObjects) -> None:
    window.controllers.documents.commit_input()
    window.controllers.launch_dialogs.show_job_file()


def _open_last_run(window: WindowObjects) -> None:
    window.parts.dock_layout.show_expanded("Training")
    window.panels.training.open_last_run()


def _toggle_log_scale(window: WindowObjects) -> None:
    view = window.panels.training.run_view.view_options
    view.update(log_scale=not view.options.log_scale)


def _with_runs(call: Callable[[RunsPanel], object]) -> Handler:
    """Return a handler that shows the Runs panel and calls `call` with the panel."""

    def handler(window: WindowObjects) -> None:
        window.parts.dock_layout.show_panel("Runs")
        call(window.panels.runs)

    return handler


def _with_results(call: Callable[[ResultsPanel], object]) -> Handler:
    """Return a handler that shows the Results panel and calls `call` with the panel."""

    def handler(window: WindowObjects) -> None:
        window.parts.dock_layout.show_expanded("Results")
        call(window.panels.results)

    return handler


HANDLERS: Mapping[str, Handler] = {
    # File and Help menus, undo and redo
    "new": lambda window: window.parts.document_manager.new(),
    "new-from-template": lambda window: window.controllers.start_dialogs.new_from_template(),
    "start-from-data": lambda window: window.controllers.start_dialogs.start_from_data(),
    "open": lambda window: window.parts.document_manager.show_open_dialog(),
    "save": lambda window: window.controllers.documents.save(),
    "save-as": lambda window: window.parts.document_manager.saver.save_as(window.session),
    "export-pytorch": lambda window: window.controllers.pytorch_export.export_pytorch(),
    "export-python": lambda window: window.controllers.graph_export.export_python(),
    "export-png": lambda window: window.controllers.graph_export.export_png(),
    "export-svg": lambda window: window.controllers.graph_export.export_svg(),
    "close-tab": lambda window: window.controllers.documents.close(window.session),
    "next-tab": lambda window: window.parts.tabs.activate_relative(1),
    "previous-tab": lambda window: window.parts.tabs.activate_relative(-1),
    "quit": lambda window: window.parts.close(),
    "undo": lambda window: window.session.undo(),
    "redo": lambda window: window.session.redo(),
    "documentation": lambda window: window.controllers.documentation.show(),
    "tour": lambda window: window.controllers.tour.start(),
    "sheet": lambda window: window.controllers.help_dialogs.show_cheat_sheet(),
    "shortcuts": lambda window: window.controllers.help_dialogs.edit_shortcuts(),
    "welcome": lambda window: window.controllers.welcome.show(),
    "about": lambda window: window.controllers.help_dialogs.show_about(),
    # Edit, Select and Graph menus
    "cut": lambda window: window.canvas.clipboard_actions.cut(),
    "copy": lambda window: window.canvas.clipboard_actions.copy(),
    "paste": lambda window: window.canvas.clipboard_actions.paste(),
    "paste-wired": lambda window: window.canvas.clipboard_actions.paste(outside=True),
    "duplicate": lambda window: window.canvas.clipboard_actions.duplicate(),
    "linked-copy": lambda window: window.canvas.clipboard_actions.linked_copy(),
    "delete": lambda window: window.canvas.edit_actions.delete(),
    "delete-plain": lambda window: window.canvas.edit_actions.delete(bridge=False),
    "rename": lambda window: window.canvas.rename_selected(),
    "edit-fields": _edit_fields,
    "select-all": lambda window: window.canvas.edit_actions.select_all(),
    "invert": lambda window: window.canvas.edit_actions.invert_selection(),
    "select-none": _select_none,
    "add": lambda window: window.canvas.add_actions.open_menu(),
    "add-note": lambda window: window.canvas.note_actions.add(),
    "link-note": lambda window: window.canvas.note_actions.toggle_connectors(),
    "connect": lambda window: window.canvas.edit_actions.connect_selected(),
    "straighten": lambda window: window.canvas.edit_actions.straighten_wires(),
    "bypass": lambda window: window.canvas.edit_actions.toggle_bypass(),
    "collapse": lambda window: window.canvas.edit_actions.toggle_collapsed(),
    "frame": lambda window: window.canvas.add_frame(),
    "unframe": lambda window: window.canvas.edit_actions.remove_from_frames(),
    "collapse-frame": lambda window: window.canvas.edit_actions.toggle_frames_collapsed(),
    "rename-frame": lambda window: window.canvas.rename_action.rename_frame_of_selected(),
    "remove-frame": lambda window: window.canvas.edit_actions.remove_frames(),
    "delete-frame": lambda window: window.canvas.edit_actions.delete_frames(),
    # Arrange menu
    "tidy": lambda window: window.canvas.arrange_actions.tidy(),
    "collapse-repeats": lambda window: window.canvas.arrange_actions.collapse_repeats(),
    "tidy-down": lambda window: window.canvas.arrange_actions.tidy(across=False),
    "align-left": lambda window: window.canvas.arrange_actions.align("left"),
    "align-right": lambda window: window.canvas.arrange_actions.align("right"),
    "align-top": lambda window: window.canvas.arrange_actions.align("top"),
    "align-bottom": lambda window: window.canvas.arrange_actions.align("bottom"),
    "align-middle": lambda window: window.canvas.arrange_actions.align("middle"),
    "align-centre": lambda window: window.canvas.arrange_actions.align("center"),
    "distribute-across": lambda window: window.canvas.arrange_actions.distribute("across"),
    "distribute-down": lambda window: window.canvas.arrange_actions.distribute("down"),
    "nudge-left": lambda window: window.canvas.arrange_actions.nudge(across=-1, down=0),
    "nudge-right": lambda window: window.canvas.arrange_actions.nudge(across=1, down=0),
    "nudge-up": lambda window: window.canvas.arrange_actions.nudge(across=0, down=-1),
    "nudge-down": lambda window: window.canvas.arrange_actions.nudge(across=0, down=1),
    # View menu, arrow keys and find bar
    "walk-left": lambda window: window.canvas.navigation.select_neighbor("left"),
    "walk-right": lambda window: window.canvas.navigation.select_neighbor("right"),
    "walk-up": lambda window: window.canvas.navigation.select_neighbor("up"),
    "walk-down": lambda window: window.canvas.navigation.select_neighbor("down"),
    "fit": lambda window: window.canvas.navigation.fit(),
    "fit-selection": lambda window: window.canvas.navigation.fit_selection(),
    "zoom-100": lambda window: window.canvas.viewer.set_zoom_at(1.0),
    "zoom-in": lambda window: window.canvas.navigation.zoom_by(1),
    "zoom-out": lambda window: window.canvas.navigation.zoom_by(-1),
    "find": _find,
    "minimap": _toggle_minimap,
    "next-problem": lambda window: window.panels.problems.next_problem(),
    "previous-problem": lambda window: window.panels.problems.previous_problem(),
    "next-panel": _focus_next_panel,
    "menu-bar": lambda window: window.parts.menu_bar.activate_first_menu(),
    "theme-system": _set_theme("system"),
    "theme-dark": _set_theme("dark"),
    "theme-light": _set_theme("light"),
    "color-blind": _toggle_color_blind,
    "reduce-motion": _toggle_reduced_motion,
    "maximize-panel": lambda window: window.parts.dock_layout.toggle_maximized(),
    "layout-network": _activate_layout("network"),
    "layout-training": _activate_layout("training"),
    "layout-results": _activate_layout("results"),
    "reset-layout": lambda window: window.parts.layouts.reset(),
    # Data and Train menus
    "data": lambda window: window.controllers.data.show_table(),
    "choose-data": lambda window: window.panels.training.open_data_dialog(),
    "feed": lambda window: window.controllers.data.choose_node(),
    "feed-new-input": lambda window: window.controllers.data.add_node("Input"),
    "feed-new-output": lambda window: window.controllers.data.add_node("Output"),
    "unfeed": lambda window: window.panels.data.unassign(),
    "train": _train,
    "pause": lambda window: window.panels.training.run_controls.toggle_pause(),
    "stop": lambda window: window.panels.training.stop(),
    "resume": lambda window: window.panels.training.resume(),
    "restart": lambda window: window.panels.training.restart(),
    "checkpoint": lambda window: window.panels.training.run_controls.request_checkpoint(),
    "train-on-host": _train_on_host,
    "train-elsewhere": _train_elsewhere,
    "last-run": _open_last_run,
    "curves-log": _toggle_log_scale,
    "curves-whole": lambda window: window.panels.training.run_view.view_options.reset_zoom(),
    "export-curves-png": lambda window: window.controllers.curve_export.export("png"),
    "export-curves-svg": lambda window: window.controllers.curve_export.export("svg"),
    "export-curves-csv": lambda window: window.controllers.curve_export.export("csv"),
    # Runs menu
    "runs": lambda window: window.parts.dock_layout.show_expanded("Runs"),
    "runs-folder": lambda window: window.controllers.runs_folder.choose_folder(),
    "run-show": lambda window: window.controllers.run_curves.show_selected(),
    "run-graph": lambda window: window.controllers.run_graphs.open_graph(),
    "run-results": lambda window: window.controllers.results_run.show_selected(),
    "run-compare": _with_runs(lambda runs: runs.compare()),
    "run-again": lambda window: window.controllers.run_curves.repeat_run(),
    "run-from": lambda window: window.controllers.run_curves.warm_start(),
    "run-star": _with_runs(lambda runs: runs.star()),
    "run-rename": _with_runs(lambda runs: runs.rename()),
    "run-note": _with_runs(lambda runs: runs.write_note()),
    "run-delete": _with_runs(lambda runs: runs.delete()),
    "run-restore": _with_runs(lambda runs: runs.restore()),
    "results": lambda window: window.parts.dock_layout.show_expanded("Results"),
    "evaluate": _with_results(lambda results: results.evaluate()),
    "predict": _with_results(lambda results: results.show_prediction_form()),
    "predict-file": lambda window: window.controllers.file_prediction.choose_file(),
    "export-scores": lambda window: window.panels.results.export_scores(),
    "report": lambda window: window.controllers.results_export.export_report(),
}


def connect_window(parts: WindowParts) -> Controllers:
    """Create the controllers of a window, and connect its actions to their handlers."""
    controllers = Controllers(parts)
    objects = WindowObjects(parts, controllers)

    def bind(handler: Handler) -> Callable[[], object]:
        return lambda: handler(objects)

    handlers = {id: bind(handler) for id, handler in HANDLERS.items()}
    parts.action_manager.connect_handlers(handlers)
    return controllers
