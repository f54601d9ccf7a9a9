"""A context menu has the actions that are enabled for what was clicked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint

from app.controls.dialogs.menu import Menu, without_mnemonic
from app.shell.controllers.context_menus import ContextMenuController


@pytest.fixture
def controller(actions, tabs, runs, data, parent):
    return ContextMenuController(actions, tabs, runs, data, parent)


def entries(parent) -> list[str]:
    """Return the texts of the open menu, and close it."""
    menu = next(menu for menu in parent.findChildren(Menu) if menu.isVisible())
    texts = [without_mnemonic(entry.text()) for entry in menu.actions() if not entry.isSeparator()]
    menu.close()
    return texts


def test_the_menu_of_the_canvas_has_what_is_enabled_there(controller, tabs, parent):
    parent.show()
    tabs.context_menu_requested.emit(QPoint(10, 10), "canvas")
    texts = entries(parent)
    assert "Select all" in texts
    assert "Tidy" not in texts, "the graph is empty"


def test_the_menu_of_columns_begins_with_the_nodes(controller, data, parent):
    parent.show()
    data.menu_requested.emit(QPoint(10, 10))
    assert len(entries(parent)) == 1, "no column is selected, so no action is enabled"
