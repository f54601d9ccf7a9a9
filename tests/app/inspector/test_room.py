"""Whatever the inspector says has the room that it needs, in the narrowest inspector too."""

from __future__ import annotations

from itertools import product

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel

from app.controls.display.labels import InlineMessage
from engine.graph.edits import field_edits
from tests.app.windows import opened, posts, settle, visible

LOSSES = ("sparse_categorical_crossentropy", "categorical_crossentropy", "kl_divergence")


@pytest.mark.slow
def test_all_that_is_said_of_a_loss_is_seen(qtbot):
    session = posts()
    session.edit("Set", field_edits.set_params, "income_head", {"activation": "linear"})
    with opened(qtbot, session, is_new=True) as window:
        panel = window.docks["Inspector"].widget()
        for loss, width in product(LOSSES, (280, 320, 420)):
            session.edit("Set", field_edits.set_params, "income", {"loss": loss})
            session.select([])
            panel.setFixedWidth(width)
            settle()
            session.select(["income"])
            qtbot.waitUntil(lambda: bool(visible(panel, InlineMessage)))
            settle()
            for note in visible(panel, InlineMessage):
                (words,) = [label for label in note.findChildren(QLabel) if label.wordWrap()]
                assert words.height() >= words.heightForWidth(words.width()), note.text
                below = note.mapTo(panel, QPoint(0, note.height()))
                under = panel.childAt(below + QPoint(20, 3))
                assert under is None or not note.isAncestorOf(under), (loss, width)
