"""A widget that is shown is nobody's garbage, whoever has made it."""

from __future__ import annotations

import gc
import weakref

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot


class Ringed(QLabel):
    """A label that Python can only free by a search, as any that holds what points back to it."""

    def __init__(self) -> None:
        super().__init__("Shown")
        self.me = self


def hand_over(qtbot: QtBot) -> weakref.ref[Ringed]:
    """Show a label that nobody names afterwards."""
    label = Ringed()
    qtbot.addWidget(label)
    label.show()
    return weakref.ref(label)


def test_a_widget_that_a_test_has_handed_over_is_held_until_the_test_has_ended(qtbot):
    """One that went while it was painted took the process down."""
    label = hand_over(qtbot)
    gc.collect()
    assert label() is not None
    assert label().isVisible()
