"""Fixtures: an off-screen window with its own settings, and a document with two outputs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.panel.panel import TrainingPanel
from engine.graph.serialization.file import parse
from tests.app.conftest import _own_settings, qtbot, theme, workspace
from tests.app.conftest import session as session
from tests.app.files.conftest import make_files, settings
from tests.app.training.conftest import TEXT, saved, write_rows
from tests.app.windows import training_panel

__all__ = ["_own_settings", "make_files", "qtbot", "session", "settings", "theme", "workspace"]

MakePanel = Callable[[Path], TrainingPanel]


@pytest.fixture
def document(tmp_path: Path) -> Session:
    """A document with a graph file and a data file."""
    session = saved(tmp_path, parse(json.dumps(TEXT).encode()).project)
    write_rows(tmp_path / "rows.csv")
    return session


@pytest.fixture
def make_panel(qtbot, theme) -> Iterator[MakePanel]:
    """Return a function that makes the training panel of a document; it detaches at the end."""
    made: list[TrainingPanel] = []

    def make(folder: Path) -> TrainingPanel:
        path = folder / "tiny.loom.json"
        panel = training_panel(Workspace(Session(parse(path.read_bytes()).project, path)), theme)
        made.append(panel)
        qtbot.addWidget(panel)
        panel.resize(1100, 420)
        panel.show()
        return panel

    yield make
    for panel in made:
        panel.run_process.detach()
