"""The dialogs of the main window: templates, data start, exports, shortcuts and About."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout

from app.canvas.canvas import Canvas
from app.controls.dialogs.data_dialog import choose_data
from app.documents.session import Session
from app.files.prompts.message_box import Choice
from app.shell.actions import ALL_ACTIONS, Action
from app.theme.icons import app_icon
from app.theme.theme import Theme
from app.version import VERSION
from engine.core.files.atomic_write import write_bytes
from engine.graph.model import Project

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow


class DialogController:
    """Opens the dialogs of the main window. All of them are non-blocking."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def new_from_template(self) -> None:
        """Show the dialog of graph templates."""
        from app.files.start.template_gallery import NewDialog

        dialog = NewDialog(self._window.theme, self._window)
        dialog.chosen.connect(self._window.files.new)
        dialog.data_asked.connect(self.start_from_data)
        dialog.open()

    def start_from_data(self, data: Path | None = None) -> None:
        """Show the dialog that creates a starter network for the columns of a data file.

        Args:
            data: the file; None asks for one first.
        """
        from app.files.start.start_from_data import StartDialog

        window = self._window
        if data is None:
            title, folder = "Choose the data to start from", window.settings.last_folder
            choose_data(window, title, folder, self.start_from_data)
            return
        if any(dialog.isVisible() for dialog in window.findChildren(StartDialog)):
            return  # several files were dropped at once; start from the first only
        dialog = StartDialog(window.theme, data, window)
        dialog.begun.connect(self._on_starter_created)
        dialog.open()

    def _on_starter_created(self, project: Project, data: Path) -> None:
        self._window.files.start(project, data)
        self._window.show_message("Created a starter network. Review it, then press Train.")

    def show_cheat_sheet(self) -> None:
        """Show the cheat sheet of shortcuts and mouse gestures."""
        from app.shortcuts.cheat_sheet import ShortcutSheet

        rows = [
            _with_keys(row, self._window.action_manager.shortcuts(row.id)) for row in ALL_ACTIONS
        ]
        dialog = ShortcutSheet(self._window.theme, rows, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.edit_asked.connect(dialog.accept)
        dialog.edit_asked.connect(self.edit_shortcuts)
        dialog.open()

    def edit_shortcuts(self) -> None:
        """Show the editor of keyboard shortcuts."""
        from app.shortcuts.keymap_table import ShortcutTable

        window = self._window
        dialog = ShortcutTable(window.theme, window.action_manager.keymap, window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def export_pytorch(self) -> None:
        """Ask for a path and write the graph as PyTorch source."""
        from app.files.documents.exports import export_pytorch, source_name

        session = self._window.workspace.session
        self._ask_for_path(
            "Export as PyTorch", source_name(session), lambda path: export_pytorch(session, path)
        )

    def export_python(self) -> None:
        """Ask for a path and write the graph as Python source."""
        from app.files.documents.exports import export_python, source_name

        session = self._window.workspace.session
        name = source_name(session, "_functional")
        self._ask_for_path("Export as Python", name, lambda path: export_python(session, path))

    def export_png(self) -> None:
        """Ask for a theme and a path, and write an image of the graph as PNG."""
        from app.files.documents.exports import export_png

        session = self._window.workspace.session

        def ask(dark: bool) -> None:
            def write(path: Path) -> str:
                return export_png(self._image(session, dark), path)

            self._ask_for_path("Export image", f"{session.title}.png", write)

        self._ask_for_theme(ask)

    def export_svg(self) -> None:
        """Ask for a theme and a path, and write an image of the graph as SVG."""
        from app.files.documents.exports import export_svg

        session = self._window.workspace.session

        def ask(dark: bool) -> None:
            def write(path: Path) -> str:
                return export_svg(session, path, dark)

            self._ask_for_path("Export image", f"{session.title}.svg", write)

        self._ask_for_theme(ask)

    def _ask_for_theme(self, then: Callable[[bool], object]) -> None:
        """Ask for a dark or light image, with the current theme as the default choice."""
        dark = self._window.theme.is_dark
        choices = [Choice("Dark", lambda: then(True)), Choice("Light", lambda: then(False))]
        self._window.files.desk.ask(
            "Which theme?",
            "The light theme suits print, papers and most slides.",
            *(choices if dark else reversed(choices)),
            Choice("Cancel", lambda: None),
            kind="info",
        )

    def _image(self, session: Session, dark: bool) -> QImage:
        """Return an image of a document; for another theme, draw it on a temporary canvas."""
        existing = self._window.tabs.canvas_of(session)
        if dark == self._window.theme.is_dark and existing is not None:
            return existing.image()
        canvas = Canvas(session, Theme("dark" if dark else "light"))
        image = canvas.image()
        canvas.deleteLater()
        return image

    def export_curves(self, kind: str) -> None:
        """Ask for a path and write the curves of the displayed run.

        Args:
            kind: "png", "svg" or "csv".
        """
        from app.training.charts.export import CurveCsvWriter, charts_to_png, charts_to_svg

        shown, charts = (
            self._window.training_panel.displayed_run,
            self._window.training_panel.results.charts,
        )
        if shown is None or charts is None:
            return
        name = shown.run.name if shown.run else "run"

        def write(path: Path) -> str:
            if kind == "csv":
                writer = CurveCsvWriter(shown.curves, path, self._window)
                writer.finished.connect(self._window.show_message)
                return f"Writing the curves of {name} as CSV…"
            write_bytes(
                path, charts_to_png(charts) if kind == "png" else charts_to_svg(charts, name)
            )
            return f"Wrote the curves to {path}"

        self._ask_for_path("Export curves", f"{name}.{kind}", write)

    def _ask_for_path(self, title: str, name: str, write: Callable[[Path], str]) -> None:
        path = self._window.workspace.session.path
        folder = path.parent if path else self._window.settings.last_folder
        self._window.files.exporter.ask(title, folder / name, write)

    def show_about(self) -> None:
        """Show the version, the licence and the third-party components."""
        dialog = QDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("About Layerloom")
        logo = QLabel()
        logo.setPixmap(app_icon().pixmap(64, 64))
        text = QLabel(_ABOUT.format(version=VERSION))
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        layout = QVBoxLayout(dialog)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(16)
        for widget in (logo, text, buttons):
            layout.addWidget(widget)
        dialog.setFixedWidth(420)
        # A dialog ignores the height for width of a wrapped label, so set it explicitly.
        text.ensurePolished()
        text.setFixedHeight(text.heightForWidth(420 - 2 * 24))
        dialog.open()


_ABOUT = """Layerloom {version}

Draw, check and train networks with several inputs and outputs.

MIT licence. Built with PySide6 (LGPL), NodeGraphQt (MIT), pyqtgraph (MIT) and QtAwesome (MIT; \
Material Design Icons, Apache 2.0). Fonts: Inter and JetBrains Mono (SIL Open Font License)."""


def _with_keys(row: Action, keys: list[str]) -> Action:
    return replace(row, keys=tuple(keys))
