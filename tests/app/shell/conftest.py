"""A window without controllers, and its parts, for controllers and exports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from app.data.panel import DataPanel
from app.files.documents.document_manager import DocumentManager
from app.inspector.panel import InspectorPanel
from app.results.panel import ResultsPanel
from app.runs.panel import RunsPanel
from app.settings import Settings
from app.shell.actions.action_manager import ActionManager
from app.shell.bars import StatusBarContents
from app.shell.dock_layout import DockLayout
from app.shell.document_tabs import DocumentTabs
from app.shell.window_parts import WindowParts
from app.training.panel.panel import TrainingPanel
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from tests.app.training.conftest import TEXT


@pytest.fixture
def project() -> Project:
    return parse(json.dumps(TEXT).encode()).project


@pytest.fixture
def parts(qtbot, workspace, theme) -> Iterator[WindowParts]:
    """The window of an empty document, without controllers."""
    window = WindowParts(workspace, theme, Settings())
    qtbot.addWidget(window)
    yield window
    window.document_manager.autosave.finish()


@pytest.fixture
def tabs(parts) -> DocumentTabs:
    return parts.tabs


@pytest.fixture
def training(parts) -> TrainingPanel:
    return parts.panels.training


@pytest.fixture
def runs(parts) -> RunsPanel:
    return parts.panels.runs


@pytest.fixture
def results(parts) -> ResultsPanel:
    return parts.panels.results


@pytest.fixture
def data(parts) -> DataPanel:
    return parts.panels.data


@pytest.fixture
def inspector(parts) -> InspectorPanel:
    return parts.panels.inspector


@pytest.fixture
def files(parts) -> DocumentManager:
    return parts.document_manager


@pytest.fixture
def actions(parts) -> ActionManager:
    return parts.action_manager


@pytest.fixture
def status_bar(parts) -> StatusBarContents:
    return parts.status_bar


@pytest.fixture
def docks(parts) -> DockLayout:
    return parts.dock_layout


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
def export_prompt(files, tmp_path) -> PromptDouble:
    files.exporter = PromptDouble(tmp_path)
    return files.exporter
