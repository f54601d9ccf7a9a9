"""Layer types that are chosen in menu and palette are added to the active canvas."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from app.palette.menu import AddMenu
from app.palette.panel import PalettePanel
from app.settings import Settings
from app.shell.controllers.node_adding import NodeAddingController


@pytest.fixture
def palette(qtbot, workspace, theme):
    panel = PalettePanel(workspace, theme, Settings())
    qtbot.addWidget(panel)
    return panel


@pytest.fixture
def controller(tabs, theme, palette, parent):
    return NodeAddingController(tabs, AddMenu(theme, Settings(), parent), palette)


def test_the_palette_adds_to_the_canvas_even_from_the_welcome_page(
    controller, tabs, palette, session, qtbot
):
    tabs.show_welcome(QWidget())
    with qtbot.waitSignal(tabs.welcome_hidden):
        palette.add_requested.emit("Dropout")
    assert [node.kind for node in session.graph] == ["Dropout"]
