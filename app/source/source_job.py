"""Generation of the texts of a checked project: PyTorch source, Python source, graph file."""

from __future__ import annotations

from app.source.line_map import SourceText, map_file_text, map_python_text, map_pytorch_text
from engine.check.report import Report
from engine.graph.model import Project
from engine.graph.serialization.encoder import dumps


def pytorch_text(report: Report, title: str) -> SourceText:
    """Return PyTorch source of the error-free project in `report`. `title` gives the class name."""
    # Imported late, since the import takes a tenth of a second and is often not needed.
    from engine.compile.plan import build_plan
    from engine.compile.torch_source import torch_source

    network_plan = build_plan(report.project.graph, report)
    return map_pytorch_text(torch_source(network_plan, title), network_plan)


def python_text(report: Report, title: str) -> SourceText:
    """Return the Python source of a project without errors."""
    from engine.compile.python_source import python_source

    return map_python_text(python_source(report, title), report.project.graph)


def file_text(project: Project) -> SourceText:
    """Return the text of the graph file as it would be saved."""
    return map_file_text(dumps(project), project.graph)
