"""Exports of the graph: PyTorch and Python source, PNG and SVG images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QImage

from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.files.documents import exports
from app.files.prompts.message_box import PromptChoice
from app.shell.window_parts import WindowParts
from app.theme.theme import Theme


class GraphExport:
    """Exports the graph of the active document as PyTorch or Python code, or as an image."""

    def __init__(self, window: WindowParts) -> None:
        self._workspace, self._theme, self._tabs = window.workspace, window.theme, window.tabs
        self._files = window.document_manager

    def export_pytorch(self) -> None:
        """Ask for a path and write the graph as PyTorch source."""
        session = self._workspace.session
        name, write = exports.source_name(session), partial(exports.export_pytorch, session)
        self._files.exporter.ask("Export as PyTorch", name, write)

    def export_python(self) -> None:
        """Ask for a path and write the graph as Python source."""
        session = self._workspace.session
        name = exports.source_name(session, "_functional")
        self._files.exporter.ask("Export as Python", name, partial(exports.export_python, session))

    def export_png(self) -> None:
        """Ask for a theme and a path, and write an image of the graph as PNG."""

        def write(session: Session, dark: bool, path: Path) -> str:
            return exports.export_png(self._image(session, dark), path)

        self._export_image("png", write)

    def export_svg(self) -> None:
        """Ask for a theme and a path, and write an image of the graph as SVG."""

        def write(session: Session, dark: bool, path: Path) -> str:
            return exports.export_svg(session, dark, path, self._theme.color_blind)

        self._export_image("svg", write)

    def _export_image(self, ending: str, write: Callable[[Session, bool, Path], str]) -> None:
        """Ask for a dark or light image, then for a path, and call `write` to write the image.

        The default is the current theme. `write(session, is_dark, path)` returns a message for the
        status bar. `ending` is the suffix of the file name.
        """
        session = self._workspace.session

        def ask(dark: bool) -> None:
            name = f"{session.title}.{ending}"
            self._files.exporter.ask("Export image", name, lambda path: write(session, dark, path))

        choices = [
            PromptChoice("Dark", lambda: ask(True)),
            PromptChoice("Light", lambda: ask(False)),
        ]
        self._files.prompts.ask(
            "Which theme?",
            "The light theme suits print, papers and most slides.",
            *(choices if self._theme.is_dark else reversed(choices)),
            PromptChoice("Cancel", lambda: None),
            kind="info",
        )

    def _image(self, session: Session, dark: bool) -> QImage:
        """Return an image of the graph of a session, in the dark theme if `dark`, else in light.

        If the window has the other theme, the image is drawn with a new canvas.
        """
        existing = self._tabs.canvas_of(session)
        if dark == self._theme.is_dark and existing is not None:
            return existing.image(legend_title=session.title)
        theme = Theme("dark" if dark else "light", color_blind=self._theme.color_blind)
        canvas = Canvas(session, theme)
        image = canvas.image(legend_title=session.title)
        canvas.deleteLater()
        return image
