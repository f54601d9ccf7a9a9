"""The outline of the example with three outputs."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.outline.panel import OutlinePanel
from app.theme.theme import Theme
from tests.app.outline.driving import template


@pytest.fixture
def panel(qtbot, workspace: Workspace, session: Session, theme: Theme) -> OutlinePanel:
    session.apply("Draw", template("posts"))
    session.current_report()
    made = OutlinePanel(workspace, theme)
    qtbot.addWidget(made)
    made.resize(420, 640)
    made.show()
    qtbot.waitExposed(made)
    QAbstractItemModelTester(
        made.view.outline_model, QAbstractItemModelTester.FailureReportingMode.Fatal, made
    )
    return made
