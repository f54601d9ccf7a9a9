"""Real panels and bars for controllers and exports, without a main window."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtWidgets import QMainWindow, QStatusBar, QWidget

from app.data.panel import DataPanel
from app.files.documents.document_manager import DocumentManager
from app.inspector.panel import InspectorPanel
from app.processes.data_check_job import DataCheckJob
from app.results.panel import ResultsPanel
from app.runs.panel import RunsPanel
from app.settings import Settings
from app.shell.actions.action_manager import ActionManager, ActionState
from app.shell.actions.table import ACTIONS
from app.shell.bars import StatusBarContents
from app.shell.dock_layout import DockLayout, PanelTitle
from app.shell.document_tabs import DocumentTabs
from app.training.panel.panel import TrainingPanel
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from tests.app.training.conftest import TEXT
from tests.app.windows import training_panel


@pytest.fixture
def project() -> Project:
    return parse(json.dumps(TEXT).encode()).project


@pytest.fixture
def parent(qtbot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def tabs(qtbot, workspace, theme) -> DocumentTabs:
    tabs = DocumentTabs(workspace, theme)
    qtbot.addWidget(tabs)
    return tabs


@pytest.fixture
def training(qtbot, workspace, theme) -> TrainingPanel:
    panel = training_panel(workspace, theme)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def runs(qtbot, theme) -> RunsPanel:
    panel = RunsPanel(theme)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def results(qtbot, theme) -> ResultsPanel:
    panel = ResultsPanel(theme)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def data(qtbot, workspace, theme) -> DataPanel:
    panel = DataPanel(workspace, DataCheckJob(workspace, workspace), theme)
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def inspector(qtbot, workspace, theme) -> InspectorPanel:
    panel = InspectorPanel(workspace, theme, Settings())
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def files(workspace, theme, parent, tmp_path):
    files = DocumentManager(workspace, Settings(), theme, parent, recovery=tmp_path / "recovery")
    yield files
    files.autosave.finish()


@pytest.fixture
def actions(theme, parent) -> ActionManager:
    """All actions as they are with an empty document."""
    conditions = {row.needs: row.needs in ("", "idle") for row in ACTIONS}
    state = ActionState(conditions, dict.fromkeys((row.id for row in ACTIONS), False))
    return ActionManager(theme, Settings(), lambda: state, parent, parent)


@pytest.fixture
def status_bar(qtbot, workspace, tabs, actions) -> StatusBarContents:
    bar = QStatusBar()
    qtbot.addWidget(bar)
    return StatusBarContents(bar, workspace, tabs, actions)


@pytest.fixture
def docks(qtbot, theme) -> DockLayout:
    """All docks, with nothing in them."""
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(QWidget())
    panels = ((title, QWidget()) for title in get_args(PanelTitle))
    return DockLayout(window, panels, b"", theme)


@pytest.fixture
def shown(docks, monkeypatch) -> list[str]:
    """The titles of the panels that were shown."""
    titles: list[str] = []
    monkeypatch.setattr(docks, "show_panel", titles.append)
    return titles


@pytest.fixture
def counts(docks, monkeypatch) -> dict[str, int]:
    """The number in the title of each panel."""
    numbers: dict[str, int] = {}
    monkeypatch.setattr(docks, "show_count", numbers.__setitem__)
    return numbers


@pytest.fixture
def messages(workspace) -> list[str]:
    texts: list[str] = []
    workspace.message.connect(texts.append)
    return texts


class PromptDouble:
    """An export prompt that answers with a path at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, str]] = []
        self.told: list[str] = []

    def ask(
        self, title: str, name: str, write: Callable[[Path], str], suffixes: Sequence[str] = ()
    ) -> None:
        self.asked.append((title, name))
        self.told.append(write(self.folder / name))


@pytest.fixture
def export_prompt(tmp_path) -> PromptDouble:
    return PromptDouble(tmp_path)
