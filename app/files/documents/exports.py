"""A document written for other programs: PyTorch source, a drawing, a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage

from app.controls.display.widget_image import png
from app.documents.session import Session
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import write_bytes


def source_name(session: Session, ending: str = "") -> str:
    """Return how a session's source file may be called: a name that Python can import.

    Args:
        session: from whose title it is made.
        ending: of the name, so that what is written in two ways does not replace itself.
    """
    from engine.compile.torch_source import module_name

    return f"{module_name(session.title)}{ending}.py"


def export_pytorch(session: Session, path: Path) -> str:
    """Write the network as one readable PyTorch file, and answer a sentence about it.

    Raises:
        Refused: the graph is not sound, or the file can't be written.
    """
    from engine.compile.plan import plan
    from engine.compile.torch_source import torch_source

    report = session.current_report()
    if report.errors:
        raise DiagnosticError(*report.errors)
    source = torch_source(plan(report.project.graph, report), session.title)
    write_bytes(path, source.encode())
    return f"Wrote the network as PyTorch to {path}"


def export_python(session: Session, path: Path) -> str:
    """Write the network as Python that builds and trains it, and answer a sentence about it.

    Raises:
        Refused: the graph is not sound, or the file can't be written.
    """
    from engine.compile.python_source import python_source

    report = session.current_report()
    if report.errors:
        raise DiagnosticError(*report.errors)
    write_bytes(path, python_source(report, session.title).encode())
    return f"Wrote the network as Python to {path}"


def export_svg(session: Session, path: Path, dark: bool) -> str:
    """Write the whole drawing as SVG, and answer a sentence about it.

    Raises:
        Refused: the file can't be written.
    """
    from engine.diagram.svg import svg

    drawn = svg(session.project, session.current_report(), dark)
    write_bytes(path, drawn.encode())
    return f"Wrote the drawing to {path}"


def export_png(image: QImage, path: Path) -> str:
    """Write a picture as PNG, and answer a sentence about it.

    Raises:
        Refused: there is no picture, or the file can't be written.
    """
    write_bytes(path, png(image))
    return f"Wrote the picture to {path}"
