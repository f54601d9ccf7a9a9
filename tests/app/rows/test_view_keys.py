"""What keys and menus do with the view, and the help: a test for each row, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.controls.dialogs.menu import without_mnemonic
from app.controls.display.progress_bar import ProgressBar
from app.documentation.window import DocumentationWindow
from tests.app.rows.menus import back, shown, trigger


def test_row_fit(window, press):
    viewer = window.tabs.canvas.viewer
    viewer.set_zoom_at(3.0)
    press("fit")
    assert viewer.visible_rect.contains(window.tabs.canvas.scene_sync.nodes_rect())


def test_row_fit_selection(window, press, session):
    session.select(["cat"])
    press("fit-selection")
    viewer = window.tabs.canvas.viewer
    assert viewer.visible_rect.contains(window.tabs.canvas.scene_sync.nodes_rect(["cat"]))
    assert viewer.zoom > 1.0


def test_row_zoom_100(window, press):
    window.tabs.canvas.viewer.set_zoom_at(0.4)
    press("zoom-100")
    assert window.tabs.canvas.viewer.zoom == 1.0
    assert window.status_bar.zoom_button.text() == "100 %"


def test_row_zoom_in(window, press):
    before = window.tabs.canvas.viewer.zoom
    press("zoom-in", which=1)
    assert window.tabs.canvas.viewer.zoom == pytest.approx(before * 1.25)
    press("zoom-out")
    assert window.tabs.canvas.viewer.zoom == pytest.approx(before)


def test_row_minimap(window, press):
    window.tabs.canvas.viewer.set_zoom_at(2.0)
    assert window.tabs.canvas.minimap.isVisible()
    press("minimap")
    assert not window.tabs.canvas.minimap.isVisible()
    press("minimap")
    assert window.tabs.canvas.minimap.isVisible()


def test_row_next_problem(window, press, session):
    session.current_report()
    wrong = [found.node for found in session.report.diagnostics if found.node]
    for row in ("next-problem", "next-problem", "previous-problem"):
        press(row)
        assert session.selection[0] in wrong


def test_row_next_panel(window, press):
    seen = set()
    for _ in range(len(window.docks) + 1):
        press("next-panel")
        focus = QApplication.focusWidget()
        seen |= {title for title, dock in window.docks.items() if dock.isAncestorOf(focus)} or {
            "canvas"
        }
    assert {"Layers", "Inspector", "Problems", "canvas"} <= seen


def test_row_menu_bar(window, press):
    press("menu-bar")
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    assert without_mnemonic(popup.title()) == "File"
    popup.close()


@pytest.mark.slow
def test_row_theme_system(window):
    """Each way of colouring is applied, kept, and the only one that has the mark."""
    rows = ("theme-system", "theme-light", "theme-dark")
    for row in rows:
        trigger(window, row)
        trigger(window, row)  # again, which changes nothing
        assert window.theme.mode == window.settings.theme_mode == row.removeprefix("theme-")
        assert [id for id in rows if window.action_manager.actions[id].isChecked()] == [row]
        assert window.theme.is_dark or row != "theme-dark"
        assert not window.theme.is_dark or row != "theme-light"
        assert window.palette().window().color() == window.theme.color("window")


def test_row_color_blind(window):
    """The colors change at once, are kept, and come back."""
    before = window.theme.curve_style(1).color
    trigger(window, "color-blind")
    assert window.theme.color_blind
    assert window.theme.curve_style(1).color != before
    assert window.settings.flag("color-blind")
    assert window.action_manager.actions["color-blind"].isChecked()
    trigger(window, "color-blind")
    assert window.theme.curve_style(1).color == before
    assert not window.settings.flag("color-blind", True)
    assert not window.action_manager.actions["color-blind"].isChecked()


def test_row_reduce_motion(window):
    """Docks do not slide, text cursors do not blink, a bar without known progress stands still."""
    bar = window.panels.results.findChild(ProgressBar)
    bar.show_steps(0, 0)
    for on in (True, False):
        trigger(window, "reduce-motion")
        assert window.theme.reduced_motion is on
        assert window.settings.flag("reduced-motion", not on) is on
        assert window.action_manager.actions["reduce-motion"].isChecked() is on
        assert window.isAnimated() is not on
        assert (QApplication.cursorFlashTime() == 0) is on
        assert (bar.maximum() == 0) is not on
    bar.show_steps(0, 1)


def test_row_maximize_panel(window, press):
    QTest.mouseMove(window, window.docks["Problems"].geometry().center())
    press("maximize-panel")
    assert window.docks["Problems"].isVisible()
    assert not window.tabs.isVisible()
    press("maximize-panel")
    assert window.tabs.isVisible()
    assert window.docks["Layers"].isVisible()


def test_row_reset_layout(window):
    window.docks["Inspector"].hide()
    trigger(window, "reset-layout")
    assert window.docks["Inspector"].isVisible()


def test_row_documentation(window, press, session, qtbot):
    """F1 opens the page of the selected node, or of the current problem, without blocking."""
    session.select(["conv"])
    press("documentation")
    pages = shown(window, DocumentationWindow)
    assert not pages.isModal()
    assert pages.page.toPlainText().startswith("Conv1D")
    QTest.keyClick(pages.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(DocumentationWindow))
    back(window, qtbot)
    window.dock_layout.show_panel("Problems")
    problems = window.panels.problems.view
    QTest.mouseClick(problems.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 12))
    code = window.panels.problems.view.current_entry.diagnostic.code
    press("documentation", widget=problems)
    pages = shown(window, DocumentationWindow)
    assert pages.page.toPlainText().startswith(code)
    QTest.keyClicks(pages.search, "keys and gestures")
    QTest.keyClick(pages.search, Qt.Key.Key_Return)
    assert "Ctrl+Shift+N" in pages.page.toPlainText()
    pages.close()


def test_the_menu_of_a_problem_opens_its_page(window, qtbot):
    window.dock_layout.show_panel("Problems")
    problems = window.panels.problems.view
    at = QPoint(60, 12)
    QTest.mouseClick(problems.viewport(), Qt.MouseButton.LeftButton, pos=at)
    where = problems.viewport().mapToGlobal(at)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, where)
    QApplication.sendEvent(problems.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    pages = shown(window, DocumentationWindow)
    assert pages.page.toPlainText().startswith(problems.current_entry.diagnostic.code)
    pages.close()


def test_row_sheet(window, press, qtbot):
    press("sheet")
    dialog = shown(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    back(window, qtbot)


@pytest.mark.slow
def test_row_shortcuts(window, press, session, qtbot):
    trigger(window, "shortcuts")
    dialog = shown(window)
    window.action_manager.keymap.set_keys("tidy", ["K"])
    dialog.close()
    back(window, qtbot)
    QTest.keyClick(window.tabs.canvas.viewer, Qt.Key.Key_K)
    assert session.undo_history.undo_label == "Tidy"
    window.action_manager.keymap.set_keys("tidy", ["F1"])
    session.undo()
    QTest.keyClick(window.tabs.canvas.viewer, Qt.Key.Key_F1)
    assert session.undo_history.undo_label == "Tidy", "the default of another action"


@pytest.mark.slow
def test_row_welcome(window, qtbot):
    trigger(window, "welcome")
    assert not window.tabs.canvas.isVisible()
    window.document_manager.new()
    qtbot.waitUntil(lambda: window.tabs.canvas.isVisible())


def test_row_about(window):
    trigger(window, "about")
    shown(window).close()


def test_the_context_menu_holds_what_can_be_done(window, session, qtbot):
    session.select(["a"])
    menu: QMenu = window.action_manager.context_menu("node", window)
    texts = [entry.text() for entry in menu.actions() if not entry.isSeparator()]
    assert "Bypass" in texts
    assert "Align left" not in texts
    menu.popup(window.mapToGlobal(QPoint(200, 200)))
    menu.close()


ROWS = ("zoom-out", "previous-problem", "theme-dark", "theme-light")


def test_row_layout_network(window, press):
    window.layouts.activate("training")
    press("layout-network")
    assert window.layouts.active == "network"
    window.layouts.activate("network")


def test_row_layout_training(window, press):
    window.layouts.activate("network")
    press("layout-training")
    assert window.layouts.active == "training"
    window.layouts.activate("network")


def test_row_layout_results(window, press):
    window.layouts.activate("network")
    press("layout-results")
    assert window.layouts.active == "results"
    window.layouts.activate("network")
