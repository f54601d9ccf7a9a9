"""Whoever can't see or can't use a mouse finds every control by its name and reaches it by keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QTextEdit,
    QWidget,
)

from app.canvas.view.minimap import Minimap
from app.files.start.welcome_page import WelcomePage
from app.inspector.views.node_view import NodeInspectorView
from tests.app.windows import dialogs, opened, posts, settle, shown_dialog, visible

CONTROLS = (
    QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QAbstractSlider, QPlainTextEdit,
    QTextEdit, QGraphicsView, QTabBar, Minimap,
)  # fmt: skip
TITLES = (
    "Layers", "Outline", "Inspector", "Problems", "Data", "Training", "Runs", "Summary", "Source",
)  # fmt: skip


@pytest.fixture
def window(qtbot):
    with opened(qtbot, posts()) as window:
        yield window


def is_part(widget: QWidget) -> bool:
    """Return whether a control is a piece of another one, which is named as a whole."""
    if isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_"):
        return True
    parent = widget.parentWidget()
    if isinstance(widget, QTabBar) and isinstance(parent, QMainWindow):
        return True  # of docks: its tabs are their titles
    while parent is not None and not parent.isWindow():
        if isinstance(parent, (QComboBox, QAbstractItemView, QTabBar, QLineEdit)):
            return True
        parent = parent.parentWidget()
    return False


def words_of(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    if widget.accessibleName() or text:
        return widget.accessibleName() or text
    labels = widget.window().findChildren(QLabel)
    return "".join(label.text() for label in labels if label.buddy() is widget)


def describe(widget: QWidget) -> str:
    parts, parent = [], widget
    while parent is not None and not parent.isWindow():
        parts.append(f"{type(parent).__name__}#{parent.objectName()}")
        parent = parent.parentWidget()
    return " < ".join(parts[:4])


def nameless(root: QWidget) -> list[str]:
    """Return the controls in a window that nothing names, and icons that nothing explains."""
    found = []
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, CONTROLS) or not widget.isVisible() or is_part(widget):
            continue
        if not words_of(widget):
            found.append(f"no name: {describe(widget)}")
        elif only_icon(widget) and not widget.toolTip():
            found.append(f"no tool tip: {describe(widget)}")
    return found


def only_icon(widget: QWidget) -> bool:
    if not isinstance(widget, QAbstractButton):
        return False
    return not widget.text() and not widget.icon().isNull()


def bring_each(window):
    for title in TITLES:
        window.dock_layout.show_panel(title)
        settle()
        yield title


def test_every_control_of_the_window_has_a_name(window):
    session = window.workspace.session
    found = set()
    for choice in ((), ("posts",), ("conv",), tuple(session.graph.by_name)[:3]):
        session.select(choice)
        for _ in bring_each(window):
            found |= set(nameless(window))
    for node in session.graph:
        session.select([node.name])
        settle()
        found |= set(nameless(window.panels.inspector))
    window.action_manager.actions["find"].trigger()
    settle()
    found |= set(nameless(window))
    window.controllers.welcome.show()
    settle()
    assert window.findChild(WelcomePage).isVisible()
    found |= set(nameless(window))
    assert sorted(found) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["gallery", "documentation", "sheet", "shortcuts", "about", "elsewhere"]
)
def test_every_control_of_a_dialog_has_a_name(window, name):
    dialogs(window)[name]()
    settle()
    dialog = shown_dialog(window)
    assert dialog.windowTitle()
    assert nameless(dialog) == []
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    settle()
    assert visible(window, QDialog) == [], "Escape leaves it"


def test_every_control_of_the_add_menu_has_a_name(window):
    window.tabs.canvas.add_actions.open_menu()
    settle()
    assert window.controllers.node_adding.add_menu.isVisible()
    assert nameless(window.controllers.node_adding.add_menu) == []
    window.controllers.node_adding.add_menu.close()


def test_every_panel_has_a_name_and_a_title(window):
    for title in TITLES:
        dock = window.docks[title]
        assert dock.windowTitle().startswith(title)
        assert dock.widget().accessibleName(), title
    assert window.windowTitle()
    for action in window.action_manager.actions.values():
        assert action.text()
        assert action.toolTip()


def holder(window) -> str:
    """Return which part of the window has the keyboard."""
    focus = QApplication.focusWidget()
    assert focus is not None
    for title, dock in window.docks.items():
        if dock.isAncestorOf(focus):
            return title
    return "canvas" if window.tabs.isAncestorOf(focus) else type(focus).__name__


def test_f6_goes_round_all_panels_that_are_seen(window):
    window.tabs.canvas.setFocus()
    visited = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
        settle()
        visited.append(holder(window))
    assert visited == ["Layers", "Inspector", "Problems", "canvas"]


@pytest.mark.slow
@pytest.mark.parametrize("title", TITLES)
def test_tab_walks_through_a_panel_and_reaches_every_control_in_it(window, title, qtbot):
    window.workspace.session.select(["conv"])
    window.dock_layout.show_panel(title)
    settle()
    inspector = window.docks["Inspector"].widget()
    qtbot.waitUntil(
        lambda: not inspector.isVisible() or isinstance(inspector.view, NodeInspectorView)
    )
    panel = window.docks[title].widget()
    for _ in range(len(TITLES)):
        if holder(window) == title:
            break
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
        settle()
    assert holder(window) == title
    first, reached = QApplication.focusWidget(), set()
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        first.setFocus()
        for _ in range(80):
            focus = QApplication.focusWidget()
            if not panel.isAncestorOf(focus):
                break
            reached.add(focus)
            QTest.keyClick(focus, key)
            settle()
    wanted = {
        widget for widget in panel.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and widget.isVisible() and widget.isEnabled()
        and not is_part(widget) and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
    }  # fmt: skip
    assert [describe(widget) for widget in wanted - reached] == []
