"""Writes the texts of a checked project: PyTorch source, Python source and graph file."""

from __future__ import annotations

from app.source.line_map import Text, places_in_file, places_in_python, places_in_source
from engine.check.report import Report
from engine.graph.model import Project
from engine.graph.serialization.encoder import dumps


def source_text(report: Report, title: str) -> Text:
    """Return the PyTorch source of a project without errors.

    Args:
        report: its checks, which found no error.
        title: the network's name, from which its class is called.
    """
    # The compiler is a tenth of a second to import, and most people look here later or never.
    from engine.compile.plan import plan
    from engine.compile.torch_source import torch_source

    planned = plan(report.project.graph, report)
    return places_in_source(torch_source(planned, title), planned)


def python_text(report: Report, title: str) -> Text:
    """Return the Python source of a project without errors, one line a node.

    Args:
        report: its checks, which found no error.
        title: the network's name.
    """
    from engine.compile.python_source import python_source

    return places_in_python(python_source(report, title), report.project.graph)


def file_text(project: Project) -> Text:
    """Return what saving would write."""
    return places_in_file(dumps(project), project.graph)
