"""The training panel, shown with the document of a small network."""

import pytest

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.training.panel.panel import TrainingPanel
from tests.app.training.conftest import saved
from tests.app.windows import training_panel


@pytest.fixture
def document(qapp, project, tmp_path) -> Session:
    return saved(tmp_path, project)


@pytest.fixture
def panel(qtbot, document, theme) -> TrainingPanel:
    panel = training_panel(Workspace(document), theme)
    panel.resize(1100, 420)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel
