"""Exports of a document: PyTorch and Python source, SVG and PNG."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage

from app.controls.display.widget_image import encode_png
from app.documents.session import Session
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import write_bytes


def source_name(session: Session, ending: str = "") -> str:
    """Return an importable file name for a document: its title, the `ending`, and ".py"."""
    from engine.compile.torch_source import module_name

    return f"{module_name(session.title)}{ending}.py"


def export_pytorch(session: Session, path: Path) -> str:
    """Write the network as a PyTorch module, and return a status message.

    Raises:
        DiagnosticError: the graph has errors, or the file can't be written.
    """
    from engine.compile.plan import build_plan
    from engine.compile.torch_source import torch_source

    report = session.current_report()
    if report.errors:
        raise DiagnosticError(*report.errors)
    source = torch_source(build_plan(report.project.graph, report), session.title)
    write_bytes(path, source.encode())
    return f"Wrote the network as PyTorch to {path}"


def export_python(session: Session, path: Path) -> str:
    """Write the network as Python code that builds and trains it, and return a status message.

    Raises:
        DiagnosticError: the graph has errors, or the file can't be written.
    """
    from engine.compile.python_source import python_source

    write_bytes(path, python_source(session.current_report(), session.title).encode())
    return f"Wrote the network as Python to {path}"


def export_svg(session: Session, dark: bool, path: Path, color_blind: bool = False) -> str:
    """Write the whole graph as SVG, and return a status message.

    Raises:
        DiagnosticError: the file can't be written.
    """
    from engine.diagram.svg import render_svg

    source = render_svg(
        session.project, session.current_report(), dark, color_blind, legend_title=session.title
    )
    write_bytes(path, source.encode())
    return f"Wrote the drawing to {path}"


def export_png(image: QImage, path: Path) -> str:
    """Write an image as PNG, and return a status message.

    Raises:
        DiagnosticError: the image is empty, or the file can't be written.
    """
    write_bytes(path, encode_png(image))
    return f"Wrote the image to {path}"
