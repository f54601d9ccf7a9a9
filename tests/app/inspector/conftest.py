"""An inspector in sight, on the three-output example."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.inspector.form.field_row import FieldRow
from app.inspector.form.form import SchemaForm
from app.inspector.panel import InspectorPanel
from app.inspector.views.node_view import NodeInspectorView
from app.settings import Settings
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
    """The inspector with the node that most tests look at; the recipe's form takes longest."""
    workspace.session.select(["conv"])
    panel = InspectorPanel(workspace, theme, Settings())
    qtbot.addWidget(panel)
    panel.resize(300, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.activateWindow()
    return panel


@pytest.fixture
def select(
    qtbot: QtBot, session: Session, panel: InspectorPanel
) -> Callable[..., NodeInspectorView]:
    """Select a node and answer its view once it is there."""

    def go(name: str) -> NodeInspectorView:
        session.select([name])
        qtbot.waitUntil(
            lambda: isinstance(panel.view, NodeInspectorView) and panel.view.node.name == name,
        )
        session.current_report()
        assert isinstance(panel.view, NodeInspectorView)
        return panel.view

    return go


@pytest.fixture
def row(select: Callable[..., NodeInspectorView]) -> Callable[[str, str], FieldRow]:
    """Select a node and answer one row of its form."""

    def go(node: str, field: str) -> FieldRow:
        form = select(node).form
        assert isinstance(form, SchemaForm)
        if field not in form.rows:
            assert form.advanced_section is not None
            form.advanced_section.header.click()
        return form.rows[field]

    return go
