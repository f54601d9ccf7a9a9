"""Templates are chosen by picture, by mouse or by keys."""

from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.files.start.card_button import CardButton
from app.files.start.template_gallery import NewDocumentDialog, TemplateGallery, format_count
from app.theme.theme import Theme
from engine.graph.templates import template_names


@pytest.fixture
def gallery(theme: Theme, qtbot: QtBot) -> TemplateGallery:
    gallery = TemplateGallery(theme)
    qtbot.addWidget(gallery)
    gallery.resize(900, 600)
    gallery.show()
    qtbot.waitExposed(gallery)
    return gallery


def test_there_is_a_card_for_each_template_and_an_empty_one(gallery: TemplateGallery) -> None:
    """Empty and data first, then the templates in their order, each with a sentence."""
    titles = [card.title for card in gallery.cards]
    assert titles[:4] == ["Empty", "Start from data", "Sequential", "Question answering"]
    assert len(titles) == len(set(titles)) == len(template_names()) + 2
    assert all(card.accessibleName() and card.accessibleDescription() for card in gallery.cards)


def test_cards_tell_inputs_outputs_and_parameters(gallery: TemplateGallery, qtbot: QtBot) -> None:
    """Numbers and picture come once the gallery is seen."""
    last = gallery.cards[-1]
    qtbot.waitUntil(lambda: "parameters" in last.accessibleDescription())
    facts = {card.title: card.accessibleDescription() for card in gallery.cards}
    assert "2 inputs, 3 outputs, 1.45 K parameters" in facts["Penguins"]
    assert "1 input, 1 output, 3.47 K parameters" in facts["Sequential"]


def test_a_click_chooses(gallery: TemplateGallery, qtbot: QtBot) -> None:
    """The empty card gives None, the others their template's name."""
    for at, name in ((0, None), (3, "question-answering")):
        with qtbot.waitSignal(gallery.chosen) as chosen:
            qtbot.mouseClick(gallery.cards[at], Qt.MouseButton.LeftButton)
        assert chosen.args == [name]
    with qtbot.waitSignal(gallery.data_requested):
        qtbot.mouseClick(gallery.cards[1], Qt.MouseButton.LeftButton)


def focused(gallery: TemplateGallery) -> CardButton:
    return next(card for card in gallery.cards if card.hasFocus())


def test_arrows_walk_and_enter_chooses(gallery: TemplateGallery, qtbot: QtBot) -> None:
    """Three cards in a row at this width: right, down, left, up; Enter and Space press."""
    gallery.cards[0].setFocus()
    qtbot.waitUntil(gallery.cards[0].hasFocus)
    for key, title in (
        (Qt.Key.Key_Up, "Empty"),
        (Qt.Key.Key_Right, "Start from data"),
        (Qt.Key.Key_Down, "Posts"),
        (Qt.Key.Key_Left, "Question answering"),
        (Qt.Key.Key_Up, "Empty"),
        (Qt.Key.Key_Down, "Question answering"),
    ):
        qtbot.keyClick(focused(gallery), key)
        assert focused(gallery).title == title
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        with qtbot.waitSignal(gallery.chosen) as chosen:
            qtbot.keyClick(focused(gallery), key)
        assert chosen.args == ["question-answering"]


def test_a_narrow_gallery_has_fewer_columns(gallery: TemplateGallery, qtbot: QtBot) -> None:
    """No card is cut off at the side."""
    gallery.resize(600, 600)
    qtbot.waitUntil(lambda: gallery.cards[2].y() > gallery.cards[0].y())
    assert gallery.cards[1].y() == gallery.cards[0].y()


@pytest.mark.parametrize("width", [300, 600, 900])
def test_cards_never_lie_on_one_another(gallery: TemplateGallery, qtbot: QtBot, width: int) -> None:
    """Where there is no room for all of them, they scroll."""
    gallery.resize(width, 300)
    qtbot.waitUntil(lambda: len({card.x() for card in gallery.cards}) == max(1, width // 280))
    boxes = [card.geometry() for card in gallery.cards]
    assert not any(one.intersects(other) for one, other in combinations(boxes, 2))


def test_the_card_with_the_keyboard_is_in_sight(gallery: TemplateGallery, qtbot: QtBot) -> None:
    """Arrows scroll."""
    gallery.resize(900, 300)
    gallery.cards[0].setFocus()
    qtbot.waitUntil(gallery.cards[0].hasFocus)
    qtbot.keyClick(gallery.cards[0], Qt.Key.Key_Down)
    assert not focused(gallery).visibleRegion().isEmpty()
    assert focused(gallery).visibleRegion().boundingRect() == focused(gallery).rect()


def test_the_dialog_closes_and_tells(theme: Theme, qtbot: QtBot) -> None:
    """Choosing closes it; the first card has the keyboard."""
    dialog = NewDocumentDialog(theme)
    dialog.open()
    qtbot.waitUntil(dialog.gallery.cards[0].hasFocus)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.keyClick(dialog.gallery.cards[0], Qt.Key.Key_Return)
    assert chosen.args == [None]
    assert not dialog.isVisible()


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (950, "950"), (3466, "3.47 K"), (999_999, "1 M"), (13_490_444, "13.5 M"),
     (10**15, "1e+03 T")],
)  # fmt: skip
def test_counts_are_rounded(count: int, text: str) -> None:
    """To three digits, with a unit."""
    assert format_count(count) == text
