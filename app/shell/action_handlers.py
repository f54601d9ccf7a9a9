"""The handler functions of all actions of the action table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from app.canvas.actions.arrange import ArrangeActions
from app.canvas.actions.clipboard import ClipboardActions
from app.canvas.actions.edit import EditActions
from app.canvas.actions.navigation import ViewNavigation
from app.canvas.canvas import Canvas
from app.runs.panel import RunsPanel

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow

Handler = Callable[[], object]


def action_handlers(window: MainWindow) -> Mapping[str, Handler]:
    """Return the handler of each action, by action id."""
    return {
        **_documents(window),
        **_canvas(window),
        **_view(window),
        **_runs(window),
        **_data(window),
    }


def _documents(window: MainWindow) -> dict[str, Handler]:
    workspace, dialogs = window.workspace, window.dialog_controller

    return {
        "new": lambda: window.files.new(),
        "new-from-template": dialogs.new_from_template,
        "start-from-data": lambda: dialogs.start_from_data(),
        "open": lambda: window.files.ask_open(),
        "save": window.save,
        "save-as": lambda: window.files.save_as(workspace.session),
        "export-pytorch": lambda: window.export_controller.export_pytorch(),
        "export-python": dialogs.export_python,
        "export-png": dialogs.export_png,
        "export-svg": dialogs.export_svg,
        "close-tab": lambda: window.close_document(workspace.session),
        "next-tab": lambda: window.tabs.activate_relative(1),
        "previous-tab": lambda: window.tabs.activate_relative(-1),
        "quit": window.close,
        "undo": lambda: workspace.session.undo(),
        "redo": lambda: workspace.session.redo(),
        "find": window.show_find_bar,
        "train": window.train,
        "stop": lambda: window.training_panel.stop(),
        "pause": lambda: window.training_panel.run_controls.toggle_pause(),
        "resume": lambda: window.training_panel.resume(),
        "restart": lambda: window.training_panel.restart(),
        "checkpoint": lambda: window.training_panel.run_controls.request_checkpoint(),
        "last-run": window.show_last_run,
        "curves-log": lambda: window.training_controller.toggle_log_scale(),
        "curves-whole": lambda: window.training_panel.results.view_options.reset_zoom(),
        "export-curves-png": lambda: dialogs.export_curves("png"),
        "export-curves-svg": lambda: dialogs.export_curves("svg"),
        "export-curves-csv": lambda: dialogs.export_curves("csv"),
        "sheet": dialogs.show_cheat_sheet,
        "shortcuts": dialogs.edit_shortcuts,
        "welcome": lambda: window.welcome_controller.show(),
        "about": dialogs.show_about,
    }


def _canvas(window: MainWindow) -> dict[str, Handler]:
    def canvas() -> Canvas:
        return window.tabs.canvas

    def editing(call: Callable[[EditActions], object]) -> Handler:
        return lambda: call(canvas().edit_actions)

    def clipboard(call: Callable[[ClipboardActions], object]) -> Handler:
        return lambda: call(canvas().clipboard_actions)

    def arranging(call: Callable[[ArrangeActions], object]) -> Handler:
        return lambda: call(canvas().arrange_actions)

    result: dict[str, Handler] = {
        "cut": clipboard(ClipboardActions.cut),
        "copy": clipboard(ClipboardActions.copy),
        "paste": clipboard(ClipboardActions.paste),
        "paste-wired": clipboard(lambda target: target.paste(outside=True)),
        "duplicate": clipboard(ClipboardActions.duplicate),
        "linked-copy": clipboard(ClipboardActions.linked_copy),
        "delete": editing(EditActions.delete),
        "delete-plain": editing(lambda target: target.delete(bridge=False)),
        "rename": lambda: canvas().rename_action.rename_selected(),
        "select-all": editing(EditActions.select_all),
        "invert": editing(EditActions.invert_selection),
        "select-none": lambda: canvas().cancel(),
        "add": lambda: canvas().add_actions.open_menu(),
        "connect": editing(EditActions.connect_selected),
        "straighten": editing(EditActions.straighten_wires),
        "bypass": editing(EditActions.toggle_bypass),
        "collapse": editing(EditActions.toggle_collapsed),
        "frame": lambda: canvas().add_frame(),
        "unframe": editing(EditActions.remove_from_frames),
        "collapse-frame": editing(EditActions.toggle_frames_collapsed),
        "remove-frame": editing(EditActions.remove_frames),
        "rename-frame": lambda: canvas().rename_action.rename_frame_of_selected(),
        "delete-frame": editing(EditActions.delete_frames),
        "tidy": arranging(ArrangeActions.tidy),
        "tidy-down": arranging(lambda target: target.tidy(across=False)),
        "distribute-across": arranging(lambda target: target.distribute("across")),
        "distribute-down": arranging(lambda target: target.distribute("down")),
    }
    for side in ("left", "right", "top", "bottom", "middle", "centre"):
        result[f"align-{side}"] = arranging(partial(ArrangeActions.align, side=side))
    for direction, (across, down) in _DIRECTIONS.items():
        result[f"nudge-{direction}"] = arranging(
            partial(ArrangeActions.nudge, across=across, down=down)
        )
    return result


_DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def _view(window: MainWindow) -> dict[str, Handler]:
    def navigation(call: Callable[[ViewNavigation], object]) -> Handler:
        return lambda: call(window.tabs.canvas.navigation)

    return {
        "walk-left": navigation(lambda look: look.select_neighbor("left")),
        "walk-right": navigation(lambda look: look.select_neighbor("right")),
        "walk-up": navigation(lambda look: look.select_neighbor("up")),
        "walk-down": navigation(lambda look: look.select_neighbor("down")),
        "fit": navigation(ViewNavigation.fit),
        "fit-selection": navigation(ViewNavigation.fit_selection),
        "zoom-100": navigation(lambda look: look.zoom_to(1.0)),
        "zoom-in": navigation(lambda look: look.zoom_by(1)),
        "zoom-out": navigation(lambda look: look.zoom_by(-1)),
        "minimap": window.toggle_minimap,
        "next-problem": lambda: window.problems_panel.next_problem(),
        "previous-problem": lambda: window.problems_panel.previous_problem(),
        "next-panel": lambda: window.dock_layout.focus_next_panel(window.tabs.canvas.viewer),
        "menu-bar": lambda: window.menu_bar.enter(),
        "theme-system": partial(window.set_theme, "system"),
        "theme-dark": partial(window.set_theme, "dark"),
        "theme-light": partial(window.set_theme, "light"),
        "reset-layout": lambda: window.dock_layout.reset(),
    }


def _runs(window: MainWindow) -> dict[str, Handler]:
    def panel(call: Callable[[RunsPanel], object]) -> Handler:
        def handle() -> None:
            window.show_panel("Runs")
            call(window.runs_panel)

        return handle

    return {
        "runs": lambda: window.show_panel("Runs"),
        "runs-folder": lambda: window.runs_controller.choose_folder(),
        "run-show": lambda: window.runs_controller.show_selected(),
        "run-graph": lambda: window.runs_controller.open_graph(),
        "run-results": lambda: window.results_controller.show_selected(),
        "results": window.show_results,
        "evaluate": lambda: window.results_controller.evaluate(),
        "predict": lambda: window.results_controller.predict(),
        "predict-file": lambda: window.results_controller.predict_file(),
        "export-scores": lambda: window.results_panel.export_scores(),
        "report": lambda: window.results_controller.export_report(),
        "run-compare": panel(RunsPanel.compare),
        "run-again": lambda: window.runs_controller.repeat_run(),
        "run-from": lambda: window.runs_controller.warm_start(),
        "run-star": panel(RunsPanel.star),
        "run-rename": panel(RunsPanel.rename),
        "run-note": panel(RunsPanel.write_note),
        "run-delete": panel(RunsPanel.delete),
        "run-restore": panel(RunsPanel.restore),
    }


def _data(window: MainWindow) -> dict[str, Handler]:
    return {
        "data": window.show_data,
        "choose-data": lambda: window.training_panel.open_data_dialog(),
        "feed": lambda: window.columns_controller.choose_node(),
        "feed-new-input": lambda: window.columns_controller.add_node("Input"),
        "feed-new-output": lambda: window.columns_controller.add_node("Output"),
        "unfeed": lambda: window.data_panel.unfeed(),
    }
