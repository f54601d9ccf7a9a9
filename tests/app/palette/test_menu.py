"""The add menu: some letters and Enter choose a layer, wherever on the screen it opens."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QListView

from app.controls import SearchEdit
from app.palette.menu import MAX_MENU_HEIGHT, MENU_WIDTH, AddMenu
from app.settings import Settings


@pytest.fixture
def menu(qtbot, theme):
    menu = AddMenu(theme, Settings())
    qtbot.addWidget(menu)
    yield menu
    menu.close()


def field(menu):
    return menu.findChild(SearchEdit)


def listed(menu):
    model = menu.findChild(QListView).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def chosen(menu):
    return menu.findChild(QListView).currentIndex().data()


def texts(menu):
    return [label.text() for label in menu.findChildren(QLabel) if label.isVisible()]


def test_letters_and_enter_choose(qtbot, menu):
    menu.open_at(QPoint(10, 10))
    QTest.keyClicks(field(menu), "c1")
    with qtbot.waitSignal(menu.chosen) as answer:
        QTest.keyClick(field(menu), Qt.Key.Key_Return)
    assert answer.args == ["Conv1D"]
    assert not menu.isVisible()


def test_arrows_home_and_end_walk_the_list(menu):
    menu.open_at(QPoint(10, 10))
    kinds = listed(menu)
    for key, row in (
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_Down, 2),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_End, len(kinds) - 1),
        (Qt.Key.Key_Home, 0),
    ):
        QTest.keyClick(field(menu), key)
        assert chosen(menu) == kinds[row]
    QTest.keyClick(field(menu), Qt.Key.Key_PageDown)
    assert kinds.index(chosen(menu)) > 3
    QTest.keyClick(field(menu), Qt.Key.Key_PageUp)
    assert chosen(menu) == kinds[0]


def test_escape_closes_without_an_answer_even_with_a_text(qtbot, menu):
    menu.open_at(QPoint(10, 10))
    QTest.keyClicks(field(menu), "conv")
    with qtbot.assertNotEmitted(menu.chosen):
        QTest.keyClick(field(menu), Qt.Key.Key_Escape)
    assert not menu.isVisible()


def test_a_click_beside_it_closes_without_an_answer(qtbot, menu):
    menu.open_at(QPoint(50, 50))
    with qtbot.assertNotEmitted(menu.chosen):
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=QPoint(-20, -20))
    assert not menu.isVisible()


def test_a_click_chooses(qtbot, menu):
    menu.open_at(QPoint(10, 10))
    view = menu.findChild(QListView)
    place = view.visualRect(view.model().index(2, 0)).center()
    with qtbot.waitSignal(menu.chosen) as answer:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert answer.args == [listed(menu)[2]]


def test_only_what_fits_is_offered_under_the_title_that_says_so(menu):
    verdicts = {"Dense": "", "Conv1D": "", "LSTM": "An LSTM takes words."}
    menu.open_at(QPoint(10, 10), verdicts, "Nodes that take (batch, 96, 128)")
    assert listed(menu) == ["Dense", "Conv1D"]
    assert "Nodes that take (batch, 96, 128)" in texts(menu)
    QTest.keyClicks(field(menu), "lstm")
    assert "An LSTM takes words." in texts(menu)
    assert listed(menu) == ["LSTM"]
    assert menu.height() < MAX_MENU_HEIGHT


def test_enter_takes_no_layer_of_a_group_when_the_text_names_one_that_does_not_fit(qtbot, menu):
    menu.open_at(QPoint(10, 10), {"Dense": "", "Embedding": "Embedding takes int32 ids."})
    QTest.keyClicks(field(menu), "embedding")
    assert listed(menu) == ["Embedding", "Dense"]
    assert "Embedding takes int32 ids." in texts(menu)
    with qtbot.assertNotEmitted(menu.chosen):
        QTest.keyClick(field(menu), Qt.Key.Key_Return)
    assert menu.isVisible()
    QTest.keyClick(field(menu), Qt.Key.Key_Down)
    with qtbot.waitSignal(menu.chosen) as answer:
        QTest.keyClick(field(menu), Qt.Key.Key_Return)
    assert answer.args == ["Dense"]


def test_a_click_on_what_does_not_fit_chooses_nothing(qtbot, menu):
    menu.open_at(QPoint(10, 10), {"Dense": "", "Embedding": "Embedding takes int32 ids."})
    QTest.keyClicks(field(menu), "e")
    view = menu.findChild(QListView)
    row = listed(menu).index("Embedding")
    place = view.visualRect(view.model().index(row, 0)).center()
    with qtbot.assertNotEmitted(menu.chosen):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_last_search_is_forgotten_and_recent_kinds_come_first(menu):
    Settings().recent_layer_types = ["GRU", "Add"]
    menu.open_at(QPoint(10, 10))
    QTest.keyClicks(field(menu), "zzz")
    assert "No layer matches 'zzz'. Try what it does, such as \"average\"." in texts(menu)
    menu.close()
    menu.open_at(QPoint(10, 10))
    assert field(menu).text() == ""
    assert listed(menu)[:2] == ["GRU", "Add"]
    assert chosen(menu) == "GRU"


@pytest.mark.parametrize("corner", ["topLeft", "topRight", "bottomLeft", "bottomRight"])
def test_the_whole_menu_stays_on_the_screen(menu, corner):
    room = QGuiApplication.primaryScreen().availableGeometry()
    menu.open_at(getattr(room, corner)())
    assert room.contains(menu.geometry())
    assert (menu.width(), menu.height()) == (MENU_WIDTH, MAX_MENU_HEIGHT)
