"""The documentation is searched and read with keys and mouse."""

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QTextTable
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.documentation.window import DocumentationWindow
from app.shell.actions.keys_page import keys_page
from app.theme.theme import Theme
from engine.documentation.library import all_pages
from engine.documentation.page import Page

KEY = Qt.Key


@pytest.fixture
def window(qtbot, theme: Theme) -> DocumentationWindow:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = DocumentationWindow(theme, (*all_pages(), keys_page()), parent)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.focus_search()
    return made


def titles(window: DocumentationWindow) -> list[str]:
    return [window.results.item(row).text() for row in range(window.results.count())]


def heading(window: DocumentationWindow) -> str:
    return window.page.toPlainText().partition("\n")[0]


def test_typing_finds_pages_and_arrows_show_them(window):
    QTest.keyClicks(window.search, "conv2d")
    assert titles(window)[:2] == ["Conv2D", "Conv2DTranspose"]
    assert not window.back.isEnabled()  # typing leaves no trace in the history
    QTest.keyClick(window.search, KEY.Key_Down)
    assert heading(window) == "Conv2DTranspose"
    QTest.keyClick(window.search, KEY.Key_Up)
    assert heading(window) == "Conv2D"


def test_enter_shows_the_best_page(window):
    QTest.keyClicks(window.search, "lstm")
    QTest.keyClick(window.search, KEY.Key_Return)
    assert heading(window) == "LSTM"
    assert window.page.hasFocus()


def test_a_click_on_the_best_page_shows_it(window):
    QTest.keyClicks(window.search, "lstm")
    at = window.results.visualItemRect(window.results.item(0)).center()
    QTest.mouseClick(window.results.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert heading(window) == "LSTM"


def test_a_search_that_finds_nothing_keeps_the_page(window):
    before = heading(window)
    QTest.keyClicks(window.search, "qqqq")
    assert titles(window) == ["No page has these words"]
    QTest.keyClick(window.search, KEY.Key_Return)
    assert heading(window) == before
    QTest.keyClick(window.search, KEY.Key_Escape)
    assert len(titles(window)) > 300
    assert window.isVisible()
    QTest.keyClick(window.search, KEY.Key_Escape)
    assert not window.isVisible()


def test_a_found_page_shows_the_words_that_were_searched(window):
    QTest.keyClicks(window.search, "early stopping")
    QTest.keyClick(window.search, KEY.Key_Return)
    assert window.page.textCursor().selectedText().casefold() in ("early stopping", "early")
    cursor_rect = window.page.cursorRect()
    assert window.page.viewport().rect().intersects(cursor_rect)


def test_links_lead_to_pages_and_back(window, qtbot):
    window.show_page("guide-share-weights")
    window.show_page("guide-several-inputs")
    cursor = window.page.document().find("Embedding")
    window.page.setTextCursor(cursor)
    window.page.ensureCursorVisible()
    box = window.page.cursorRect(cursor)
    at = QPoint(box.left() - 12, box.center().y())
    QTest.mouseClick(window.page.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert heading(window) == "Embedding"
    QTest.mouseClick(window.back, Qt.MouseButton.LeftButton)
    assert heading(window).startswith("Several inputs")
    QTest.keyClick(window.page, KEY.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: heading(window) == "Share weights")
    assert window.results.currentItem().text() == "Share weights"
    QTest.mouseClick(window.forward, Qt.MouseButton.LeftButton)
    assert heading(window).startswith("Several inputs")


def test_every_page_is_shown_with_its_title(window):
    for page in all_pages():
        window.show_page(page.slug)
        assert heading(window) == page.title


def test_the_rows_of_a_table_have_all_cells(window):
    """Also those without keys or gestures, which Qt would merge."""
    window.show_page("keys")
    table = next(
        frame
        for frame in window.page.document().rootFrame().childFrames()
        if isinstance(frame, QTextTable)
    )
    spans = {
        table.cellAt(row, column).columnSpan() for row in range(table.rows()) for column in range(3)
    }
    assert spans == {1}


def test_text_of_a_page_loads_nothing(qtbot, theme, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    page = Page("a", "A", "Guide", "<b>x</b> ![image](/etc/passwd)")
    window = DocumentationWindow(theme, [page])
    qtbot.addWidget(window)
    assert window.page.loadResource(2, QUrl.fromLocalFile(str(tmp_path / "secret.txt"))) == ""
