"""`layerloom --export IMAGE FILE`: the exports of the window, without a window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.files.documents.exports import export_png, export_svg
from app.theme.style import apply_palette
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.graph.serialization.file import read


def export_image(image: Path, files: Sequence[Path], light: bool) -> int:
    """Write the drawing of a file as PNG or SVG; return the exit code."""
    ending = image.suffix.lower()
    if len(files) != 1 or ending not in (".png", ".svg"):
        sys.stderr.write("layerloom: --export needs one FILE, and IMAGE ends in .png or .svg\n")
        return 2
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    theme = Theme("light" if light else "dark")
    apply_palette(application, theme)  # also loads the fonts
    try:
        session = Session(read(files[0]).project, files[0])
        if ending == ".svg":
            message = export_svg(session, not light, image)
        else:
            message = export_png(Canvas(session, theme).image(legend_title=session.title), image)
    except DiagnosticError as error:
        sys.stderr.write(f"layerloom: {error}\n")
        return 1
    sys.stdout.write(f"{message}\n")
    return 0
