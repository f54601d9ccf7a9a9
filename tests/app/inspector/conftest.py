"""An inspector in sight, on the three-output example."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.inspector.form.field_row import Row
from app.inspector.form.form import Form
from app.inspector.panel import InspectorPanel
from app.inspector.views.node_view import NodeView
from app.theme.theme import Theme
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    session = Session(parse(read_template("posts")).project)
    yield session
    session.deleteLater()


@pytest.fixture
def panel(qtbot: QtBot, workspace: Workspace, theme: Theme) -> InspectorPanel:
    panel = InspectorPanel(workspace, theme)
    qtbot.addWidget(panel)
    panel.resize(300, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.activateWindow()
    return panel


@pytest.fixture
def select(qtbot: QtBot, session: Session, panel: InspectorPanel) -> Callable[..., NodeView]:
    """Select a node and answer its view once it is there."""

    def go(name: str) -> NodeView:
        session.select([name])
        qtbot.waitUntil(
            lambda: isinstance(panel.view, NodeView) and panel.view.node.name == name, timeout=2000
        )
        session.current_report()
        assert isinstance(panel.view, NodeView)
        return panel.view

    return go


@pytest.fixture
def row(select: Callable[..., NodeView]) -> Callable[[str, str], Row]:
    """Select a node and answer one row of its form."""

    def go(node: str, field: str) -> Row:
        form = select(node).form
        assert isinstance(form, Form)
        if field not in form.rows:
            assert form.more is not None
            form.more.header.click()
        return form.rows[field]

    return go
