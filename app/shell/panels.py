"""The panels around the canvas."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QWidget

from app.data.panel import DataPanel
from app.documents.workspace import Workspace
from app.inspector.panel import InspectorPanel
from app.outline.panel import OutlinePanel
from app.palette.panel import PalettePanel
from app.problems.panel import ProblemsPanel
from app.processes.data_check_job import DataCheckJob
from app.results.panel import ResultsPanel
from app.runs.panel import RunsPanel
from app.settings import Settings
from app.shell.dock_layout import PanelTitle
from app.source.panel import SourcePanel
from app.summary.panel import SummaryPanel
from app.theme.theme import Theme
from app.training.panel.panel import TrainingPanel


class Panels:
    """All panels of a window."""

    def __init__(self, workspace: Workspace, theme: Theme, settings: Settings) -> None:
        inspector = InspectorPanel(workspace, theme, settings)
        self.palette = PalettePanel(workspace, theme, settings)
        self.outline = OutlinePanel(workspace, theme)
        self.inspector = inspector
        self.problems = ProblemsPanel(workspace, theme)
        data_check = DataCheckJob(workspace, workspace)
        self.data = DataPanel(workspace, data_check, theme)
        # A field of the inspector with an invalid text prevents training.
        self.training = TrainingPanel(workspace, data_check, theme, lambda: inspector.input_error)
        self.runs = RunsPanel(theme)
        self.results = ResultsPanel(theme)
        self.summary = SummaryPanel(workspace, theme)
        self.source = SourcePanel(workspace, theme)

    def by_title(self) -> Iterator[tuple[PanelTitle, QWidget]]:
        """Yield the title of each panel and the panel, in the order of the tabs."""
        yield "Layers", self.palette
        yield "Outline", self.outline
        yield "Inspector", self.inspector
        yield "Problems", self.problems
        yield "Data", self.data
        yield "Training", self.training
        yield "Runs", self.runs
        yield "Results", self.results
        yield "Summary", self.summary
        yield "Source", self.source
