"""Layer types that are chosen in menu and palette are added to the active canvas."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.shell.controllers.node_adding import NodeAddingController


def test_the_palette_adds_to_the_canvas_even_from_the_welcome_page(parts, tabs, session, qtbot):
    NodeAddingController(parts)
    tabs.show_welcome(QWidget())
    with qtbot.waitSignal(tabs.welcome_hidden):
        parts.panels.palette.add_requested.emit("Dropout")
    assert [node.kind for node in session.graph] == ["Dropout"]
