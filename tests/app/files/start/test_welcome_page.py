"""The first page leads to an example, an empty canvas, a file, or one used before."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.files.start.card_button import CardButton
from app.files.start.welcome_page import WelcomePage
from app.settings import Settings
from app.theme.theme import Theme


@pytest.fixture
def page(theme: Theme, settings: Settings, qtbot: QtBot) -> WelcomePage:
    page = WelcomePage(theme, settings)
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.show()
    qtbot.waitExposed(page)
    qtbot.mouseMove(page, QPoint(2, 2))  # the pointer may be anywhere
    return page


def test_four_ways_in(page: WelcomePage, qtbot: QtBot) -> None:
    """Each is a button with a name and a sentence."""
    example, data, scratch, file = page.start_cards
    with qtbot.waitSignal(page.new_requested) as asked:
        qtbot.mouseClick(scratch, Qt.MouseButton.LeftButton)
    assert asked.args == [None]
    with qtbot.waitSignal(page.data_requested):
        qtbot.mouseClick(data, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.open_requested):
        qtbot.keyClick(file, Qt.Key.Key_Space)
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert page.gallery is not None
    assert page.gallery.isVisible()
    card = next(card for card in page.gallery.cards if card.title == "Posts")
    with qtbot.waitSignal(page.new_requested) as asked:
        qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert asked.args == ["posts"]
    assert example.isVisible()


def test_the_first_start_shows_how_a_network_is_drawn(page: WelcomePage, qtbot: QtBot) -> None:
    """Without files used before, the three steps are open; the link folds them."""
    assert page.steps.isVisible()
    assert not page.recent.isVisible()
    qtbot.mouseClick(page.steps_button, Qt.MouseButton.LeftButton)
    assert not page.steps.isVisible()


def test_recent_files_are_rows(
    page: WelcomePage, settings: Settings, posts: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """Newest first, those that are gone last and told so; a click asks for the file."""
    broken = tmp_path / "broken.loom.json"
    broken.write_bytes(b"{")
    for path in (broken, posts, tmp_path / "gone.loom.json"):
        settings.add_recent(path)
    page.refresh()
    qtbot.waitUntil(lambda: all(row.isVisible() for row in page.recent.rows))
    assert [row.title for row in page.recent.rows] == ["posts", "broken", "gone"]
    assert [row.exists for row in page.recent.rows] == [True, True, False]
    with qtbot.waitSignal(page.file_requested) as asked:
        qtbot.mouseClick(page.recent.rows[0], Qt.MouseButton.LeftButton)
    assert asked.args == [posts]


def test_it_paints_in_both_looks(page: WelcomePage, theme: Theme, posts: Path, settings, qtbot):
    """Pictures follow the theme while the page is open."""
    settings.add_recent(posts)
    page.refresh()
    dark = page.grab().toImage()
    theme.set_mode("light")
    assert page.grab().toImage() != dark


def hot(page: WelcomePage) -> list[str]:
    """Return the cards that look as if they were pressed next."""
    cards = [*page.start_cards, *(page.gallery.cards if page.gallery else [])]
    return [
        card.title
        for card in cards
        if card.isVisible() and (card.has_focus_ring or card.underMouse())
    ]


def go_to(qtbot: QtBot, card: CardButton) -> None:
    """Let the pointer come onto a card, as the window system tells it."""
    middle = QPointF(card.rect().center())
    QApplication.sendEvent(card, QEnterEvent(middle, middle, QPointF(card.mapToGlobal(middle))))
    card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)


def test_one_card_at_a_time_is_marked_by_the_mouse(page: WelcomePage, qtbot: QtBot) -> None:
    """None of the page before, and none that has the keyboard only since something was clicked."""
    example = page.start_cards[0]
    go_to(qtbot, example)
    assert hot(page) == [example.title]
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert page.gallery is not None
    assert hot(page) == []
    go_to(qtbot, page.gallery.cards[1])
    assert hot(page) == [page.gallery.cards[1].title]
    back = next(b for b in page.findChildren(QPushButton) if b.text() == "Back")
    back.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert page.start_cards[0].isVisible()
    assert hot(page) == []


def test_the_card_that_has_the_keyboard_is_marked_for_whoever_uses_it(
    page: WelcomePage, qtbot: QtBot
) -> None:
    """Tab and Enter lead from card to card, and each is seen."""
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.steps_button.setFocus()
    page.start_cards[0].setFocus(Qt.FocusReason.TabFocusReason)
    assert hot(page) == [page.start_cards[0].title]
    qtbot.keyClick(page.start_cards[0], Qt.Key.Key_Return)
    assert page.gallery is not None
    assert hot(page) == [page.gallery.cards[0].title]
    qtbot.keyClick(page.gallery.cards[0], Qt.Key.Key_Right)
    assert hot(page) == [page.gallery.cards[1].title]
