"""The handler functions of all actions of the action table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from app.canvas.actions.arrange import Arranging
from app.canvas.actions.clipboard import Clipboard
from app.canvas.actions.edit import Editing
from app.canvas.actions.navigation import Looking
from app.canvas.canvas import Canvas
from app.runs.panel import RunsPanel

if TYPE_CHECKING:
    from app.shell.main_window import Window

Handler = Callable[[], object]


def handlers(window: Window) -> Mapping[str, Handler]:
    """Return the handler of each action, by action id."""
    return {
        **_documents(window),
        **_canvas(window),
        **_view(window),
        **_runs(window),
        **_data(window),
    }


def _documents(window: Window) -> dict[str, Handler]:
    workspace, dialogs = window.workspace, window.dialogs

    return {
        "new": lambda: window.files.new(),
        "new-from-template": dialogs.new_from_template,
        "start-from-data": lambda: dialogs.start_from_data(),
        "open": lambda: window.files.ask_open(),
        "save": window.save,
        "save-as": lambda: window.files.save_as(workspace.session),
        "export-pytorch": lambda: window.exporting.pytorch(),
        "export-python": dialogs.export_python,
        "export-png": dialogs.export_png,
        "export-svg": dialogs.export_svg,
        "close-tab": lambda: window.close_document(workspace.session),
        "next-tab": lambda: window.tabs.go(1),
        "previous-tab": lambda: window.tabs.go(-1),
        "quit": window.close,
        "undo": lambda: workspace.session.undo(),
        "redo": lambda: workspace.session.redo(),
        "find": window.find_bar_start,
        "train": window.train,
        "stop": lambda: window.training.stop(),
        "pause": lambda: window.training.steering.pause(),
        "resume": lambda: window.training.resume(),
        "restart": lambda: window.training.restart(),
        "checkpoint": lambda: window.training.steering.save_now(),
        "last-run": window.show_last_run,
        "curves-log": lambda: window.running.toggle_log(),
        "curves-whole": lambda: window.training.results.view.whole(),
        "export-curves-png": lambda: dialogs.export_curves("png"),
        "export-curves-svg": lambda: dialogs.export_curves("svg"),
        "export-curves-csv": lambda: dialogs.export_curves("csv"),
        "sheet": dialogs.sheet,
        "shortcuts": dialogs.shortcuts,
        "welcome": lambda: window.welcoming.show(),
        "about": dialogs.about,
    }


def _canvas(window: Window) -> dict[str, Handler]:
    def canvas() -> Canvas:
        return window.tabs.canvas

    def editing(call: Callable[[Editing], object]) -> Handler:
        return lambda: call(canvas().editing)

    def clipboard(call: Callable[[Clipboard], object]) -> Handler:
        return lambda: call(canvas().clipboard)

    def arranging(call: Callable[[Arranging], object]) -> Handler:
        return lambda: call(canvas().arranging)

    result: dict[str, Handler] = {
        "cut": clipboard(Clipboard.cut),
        "copy": clipboard(Clipboard.copy),
        "paste": clipboard(Clipboard.paste),
        "paste-wired": clipboard(lambda target: target.paste(outside=True)),
        "duplicate": clipboard(Clipboard.duplicate),
        "linked-copy": clipboard(Clipboard.linked_copy),
        "delete": editing(Editing.delete),
        "delete-plain": editing(lambda target: target.delete(bridge=False)),
        "rename": lambda: canvas().renaming.rename_selected(),
        "select-all": editing(Editing.select_all),
        "invert": editing(Editing.invert),
        "select-none": lambda: canvas().escape(),
        "add": lambda: canvas().open_add_menu(),
        "connect": editing(Editing.connect_selected),
        "straighten": editing(Editing.straighten),
        "bypass": editing(Editing.bypass),
        "collapse": editing(Editing.fold),
        "frame": lambda: canvas().frame_selected(),
        "unframe": editing(Editing.unframe),
        "collapse-frame": editing(Editing.fold_frames),
        "remove-frame": editing(Editing.remove_frames),
        "rename-frame": lambda: canvas().renaming.rename_frame_of_selected(),
        "delete-frame": editing(Editing.delete_frames),
        "tidy": arranging(Arranging.tidy),
        "tidy-down": arranging(lambda target: target.tidy(across=False)),
        "distribute-across": arranging(lambda target: target.distribute("across")),
        "distribute-down": arranging(lambda target: target.distribute("down")),
    }
    for side in ("left", "right", "top", "bottom", "middle", "centre"):
        result[f"align-{side}"] = arranging(partial(Arranging.align, side=side))
    for direction, (across, down) in _DIRECTIONS.items():
        result[f"nudge-{direction}"] = arranging(partial(Arranging.nudge, across=across, down=down))
    return result


_DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def _view(window: Window) -> dict[str, Handler]:
    def navigation(call: Callable[[Looking], object]) -> Handler:
        return lambda: call(window.tabs.canvas.looking)

    return {
        "walk-left": navigation(lambda look: look.walk("left")),
        "walk-right": navigation(lambda look: look.walk("right")),
        "walk-up": navigation(lambda look: look.walk("up")),
        "walk-down": navigation(lambda look: look.walk("down")),
        "fit": navigation(Looking.fit),
        "fit-selection": navigation(Looking.fit_selection),
        "zoom-100": navigation(lambda look: look.zoom_to(1.0)),
        "zoom-in": navigation(lambda look: look.zoom_by(1)),
        "zoom-out": navigation(lambda look: look.zoom_by(-1)),
        "minimap": window.toggle_minimap,
        "next-problem": lambda: window.problems.next_problem(),
        "previous-problem": lambda: window.problems.previous_problem(),
        "next-panel": lambda: window.docking.next_panel(window.tabs.canvas.viewer),
        "menu-bar": lambda: window.menus.enter(),
        "theme-system": partial(window.set_theme, "system"),
        "theme-dark": partial(window.set_theme, "dark"),
        "theme-light": partial(window.set_theme, "light"),
        "reset-layout": lambda: window.docking.reset(),
    }


def _runs(window: Window) -> dict[str, Handler]:
    def panel(call: Callable[[RunsPanel], object]) -> Handler:
        def handle() -> None:
            window.bring("Runs")
            call(window.runs)

        return handle

    return {
        "runs": lambda: window.bring("Runs"),
        "runs-folder": lambda: window.listing.ask_for_folder(),
        "run-show": lambda: window.listing.show_chosen(),
        "run-graph": lambda: window.listing.open_graph(),
        "run-results": lambda: window.judging.show_chosen(),
        "results": window.show_results,
        "evaluate": lambda: window.judging.evaluate(),
        "predict": lambda: window.judging.predict(),
        "predict-file": lambda: window.judging.ask_for_predictions(),
        "export-scores": lambda: window.results.export_scores(),
        "report": lambda: window.judging.ask_for_report(),
        "run-compare": panel(RunsPanel.compare),
        "run-again": lambda: window.listing.train_again(),
        "run-from": lambda: window.listing.train_from(),
        "run-star": panel(RunsPanel.star),
        "run-rename": panel(RunsPanel.rename),
        "run-note": panel(RunsPanel.write_note),
        "run-delete": panel(RunsPanel.delete),
        "run-restore": panel(RunsPanel.restore),
    }


def _data(window: Window) -> dict[str, Handler]:
    return {
        "data": window.show_data,
        "choose-data": lambda: window.training.choose_data(),
        "feed": lambda: window.columns.ask_node(),
        "feed-new-input": lambda: window.columns.draw("Input"),
        "feed-new-output": lambda: window.columns.draw("Output"),
        "unfeed": lambda: window.data.unfeed(),
    }
