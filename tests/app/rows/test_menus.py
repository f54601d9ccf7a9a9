"""Menus by keyboard: letters, arrows and F10 are theirs while one is open, not the canvas's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.controls.dialogs.menu import without_mnemonic
from app.shell.main_window import MainWindow

pytestmark = pytest.mark.slow

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture(autouse=True)
def _animations_off():
    for effect in (Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_FadeMenu):
        QApplication.setEffectEnabled(effect, False)


def key(window: MainWindow, key: Qt.Key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is: in an open menu, else in what has the focus."""
    target = QApplication.activePopupWidget() or QApplication.focusWidget() or window
    QTest.keyClick(target, key, modifiers)
    QApplication.processEvents()


def opened() -> str:
    popup = QApplication.activePopupWidget()
    return without_mnemonic(popup.title()) if isinstance(popup, QMenu) else ""


def current() -> str:
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    return without_mnemonic(popup.activeAction().text()) if popup.activeAction() else ""


def test_alt_and_a_letter_open_each_menu(window):
    titles = ("File", "Edit", "Select", "Graph", "Arrange", "View", "Data", "Train", "Runs", "Help")
    for letter, title in zip("FESGNVATRH", titles, strict=True):
        key(window, Qt.Key[f"Key_{letter}"], ALT)
        assert opened() == title
        key(window, Qt.Key.Key_Escape)


def test_arrows_walk_through_menus_and_not_over_the_canvas(window, session):
    session.select(["a"])
    key(window, Qt.Key.Key_F10)
    assert opened() == "File"
    key(window, Qt.Key.Key_Right)
    assert opened() == "Edit"
    key(window, Qt.Key.Key_Left)
    key(window, Qt.Key.Key_Left)
    assert opened() == "Help"
    key(window, Qt.Key.Key_Right)
    assert current() == "New"
    key(window, Qt.Key.Key_Down)
    assert current() == "New from template…"
    assert session.selection == ("a",)
    key(window, Qt.Key.Key_Escape)


def test_a_letter_in_a_menu_chooses_there(window, session):
    session.select(["a"])
    key(window, Qt.Key.Key_S, ALT)
    key(window, Qt.Key.Key_I)  # the letter of "Invert selection"
    assert opened() == ""
    assert "a" not in session.selection
    assert len(session.selection) == len(session.graph) - 1


def test_no_single_key_of_the_canvas_works_while_a_menu_is_open(window, session):
    session.select(["a", "b"])
    before = session.project
    for letter in ("M", "H", "T", "L", "Delete", "Space", "Tab"):
        key(window, Qt.Key.Key_H, ALT)
        key(window, Qt.Key[f"Key_{letter}"])
        assert session.project is before, letter
        while QApplication.activePopupWidget() is not None:
            QApplication.activePopupWidget().close()


def test_keys_are_kept_while_the_bar_itself_has_the_keyboard(window, session):
    session.select(["a"])
    window.menuBar().setFocus(Qt.FocusReason.MenuBarFocusReason)
    for letter in (Qt.Key.Key_M, Qt.Key.Key_Right, Qt.Key.Key_Delete):
        key(window, letter)
    assert session.selection == ("a",)
    assert session.undo_history.undo_label is None


def test_after_escape_the_keyboard_is_back_on_the_canvas(window, session):
    session.select(["a"])
    key(window, Qt.Key.Key_F10)
    key(window, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.tabs.canvas.viewer
    key(window, Qt.Key.Key_M)
    assert session.graph["a"].off


def test_after_escape_from_a_menu_keys_of_the_window_work_at_once(window, session):
    """Ctrl+N and all others did nothing until a click, since the menu bar kept the keyboard."""
    had = QApplication.focusWidget()
    for letter in (Qt.Key.Key_E, Qt.Key.Key_T):
        key(window, letter, ALT)
        assert opened() != ""
        key(window, Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is had
    key(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(session.selection) == len(session.graph)


def test_no_letter_stands_twice_in_a_menu(window, session):
    session.select(["a", "b"])
    menus = [entry.menu() for entry in window.menuBar().actions()]
    menus += [
        window.action_manager.context_menu(what, window) for what in ("node", "wire", "canvas")
    ]
    for menu in menus:
        menu.aboutToShow.emit()
        texts = [entry.text().replace("&&", "") for entry in menu.actions()]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(letters) == len(set(letters)) > 0
        named = [text for text in texts if text]
        assert len(letters) >= min(len(named), 24)


def test_the_letter_of_a_context_menu_wins_over_the_canvas(window, session):
    session.select(["a"])
    menu = window.action_manager.context_menu("node", window)
    menu.popup(window.mapToGlobal(QPoint(300, 300)))
    entry = next(each for each in menu.actions() if without_mnemonic(each.text()) == "Duplicate")
    letter = entry.text()[entry.text().index("&") + 1].upper()
    key(window, Qt.Key[f"Key_{letter}"])
    assert len(session.graph) == 7
