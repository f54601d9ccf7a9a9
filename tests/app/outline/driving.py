"""What a person does with the outline, and what it shows."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.outline.panel import OutlinePanel
from engine.graph import templates
from engine.graph.model import Project
from engine.graph.serialization.file import parse

LEFT = Qt.MouseButton.LeftButton


def template(name: str) -> Project:
    return parse(templates.read_template(name)).project


def names(panel: OutlinePanel) -> list[list[str]]:
    """Return the names that the tree shows, by group."""
    model = panel.view.outline_model
    groups = [model.index(row, 0) for row in range(model.rowCount())]
    return [
        [model.index(row, 0, group).data() for row in range(model.rowCount(group))]
        for group in groups
    ]


def go(panel: OutlinePanel, name: str) -> None:
    panel.view.setCurrentIndex(panel.view.outline_model.node_index(name))


def below(panel: OutlinePanel, name: str) -> list[str]:
    model = panel.view.outline_model
    above = model.node_index(name)
    return [model.index(row, 0, above).data() for row in range(model.rowCount(above))]


def go_below(panel: OutlinePanel, name: str, text: str) -> None:
    model = panel.view.outline_model
    row = below(panel, name).index(text)
    panel.view.expand(model.node_index(name))
    panel.view.setCurrentIndex(model.index(row, 0, model.node_index(name)))


def click(qtbot, panel: OutlinePanel, name: str, keys=Qt.KeyboardModifier.NoModifier) -> None:
    rect = panel.view.visualRect(panel.view.outline_model.node_index(name))
    qtbot.mouseClick(panel.view.viewport(), LEFT, keys, rect.topLeft() + QPoint(40, 8))


def menu_entry(panel: OutlinePanel, text: str):
    menu = panel.findChild(QMenu, "outline-menu")
    return next(action for action in menu.actions() if action.text().startswith(text))
