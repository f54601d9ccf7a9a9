"""Dialogs stay on a small screen, such as one of 1920 by 1080 pixels at a scale of 2."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QPushButton, QWidget

from app.controls.dialogs import dialog, file_dialog
from app.files.prompts.message_box import MessageBox, PromptChoice
from app.theme.theme import Theme
from tests.app.windows import dialogs, opened, posts, settle, shown_dialog

SCREEN = QRect(0, 0, 960, 540)
FREE = QRect(8, 36, 944, 496)  # without the frame of a window


@pytest.fixture(autouse=True)
def small_screen(monkeypatch) -> None:
    for module in (dialog, file_dialog):
        monkeypatch.setattr(module, "free_area", lambda widget: FREE)


def test_all_dialogs_of_the_window_stay_on_the_screen(qtbot) -> None:
    with opened(qtbot, posts(), is_new=True) as window:
        for name, opening in dialogs(window).items():
            opening()
            shown = shown_dialog(window)
            settle()
            needed = shown.minimumSizeHint().expandedTo(shown.minimumSize())
            assert shown.size().boundedTo(FREE.size()) == shown.size(), (name, shown.size())
            is_own = isinstance(shown, dialog.Dialog)  # Qt moves file dialogs, to the real screen
            assert SCREEN.contains(shown.frameGeometry()) or not is_own, (name, shown.geometry())
            assert needed.boundedTo(FREE.size()) == needed, (name, needed)
            shown.close()
            settle()


def test_a_long_message_stays_on_the_screen(qtbot) -> None:
    box = MessageBox(
        Theme("dark"),
        "error",
        "The file can't be read",
        "A line of an explanation that goes on for a while. " * 12,
        "code: a/b",
        [PromptChoice("Close", lambda: None)],
    )
    qtbot.addWidget(box)
    box.move(900, 500)
    box.show()
    settle()
    assert SCREEN.contains(box.frameGeometry()), box.geometry()
    assert box.findChild(QPushButton).visibleRegion().boundingRect().height() > 20


def test_a_file_dialog_is_no_larger_than_the_screen(qtbot) -> None:
    chooser = file_dialog.create_file_dialog(None, "Open", None)
    qtbot.addWidget(chooser)
    assert chooser.size().boundedTo(FREE.size()) == chooser.size()
    assert chooser.minimumSizeHint().height() <= FREE.height()


def test_a_dialog_opens_over_the_middle_of_its_window(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(300, 120, 400, 300)
    window.show()
    small = dialog.Dialog(window, "Small")
    small.setFixedSize(200, 100)
    small.open()
    settle()
    middle = small.geometry().center() - window.geometry().center()
    assert middle.manhattanLength() < 60, small.geometry()  # Qt counts the frame of the window
