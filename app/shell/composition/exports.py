"""Creates the exports of a window."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.shell.composition.parts import WindowParts
from app.shell.exports.curve_export import CurveExport
from app.shell.exports.export_prompt import ExportPrompt
from app.shell.exports.graph_export import GraphExport
from app.shell.exports.pytorch_export import PyTorchExport
from app.shell.exports.results_export import ResultsExport


@dataclass(frozen=True)
class Exports:
    """Everything that a window can export, and the prompt for a path."""

    prompt: ExportPrompt
    graph: GraphExport
    curves: CurveExport
    results: ResultsExport
    pytorch: PyTorchExport


def build_exports(parts: WindowParts, window: QWidget) -> Exports:
    """Create the exports."""
    workspace, panels, prompts = parts.workspace, parts.panels, parts.document_manager.prompts
    prompt = ExportPrompt(workspace, parts.settings, parts.document_manager.exporter)
    graph = GraphExport(workspace, parts.theme, parts.tabs, prompts, prompt)
    return Exports(
        prompt,
        graph,
        CurveExport(panels.training, workspace, prompt),
        ResultsExport(panels.results, prompt, workspace),
        PyTorchExport(panels.results, graph, workspace, prompts, prompt, window),
    )
