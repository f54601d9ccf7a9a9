"""Creates the dialogs of a window."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.shell.composition.parts import WindowParts
from app.shell.dialogs.curve_export import CurveExport
from app.shell.dialogs.export_prompt import ExportPrompt
from app.shell.dialogs.graph_export import GraphExport
from app.shell.dialogs.help import HelpDialogs
from app.shell.dialogs.start import StartDialogs


@dataclass(frozen=True)
class Dialogs:
    """The dialogs that actions open."""

    start: StartDialogs
    help: HelpDialogs
    export_prompt: ExportPrompt
    graph_export: GraphExport
    curve_export: CurveExport


def build_dialogs(parts: WindowParts, window: QWidget) -> Dialogs:
    """Create the dialogs, which are shown above a window."""
    workspace, theme, settings, files = parts.workspace, parts.theme, parts.settings, parts.files
    export_prompt = ExportPrompt(workspace, settings, files.exporter)
    return Dialogs(
        StartDialogs(window, theme, settings, workspace, files),
        HelpDialogs(window, theme, parts.actions),
        export_prompt,
        GraphExport(workspace, theme, parts.tabs, files.prompts, export_prompt),
        CurveExport(parts.panels.training, workspace, export_prompt),
    )
