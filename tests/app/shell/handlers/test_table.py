"""Each action has a handler, and everything that a handler needs is provided."""

from __future__ import annotations

from app.shell.actions.table import ACTIONS
from app.shell.composition.composition import build_injector
from app.shell.composition.dialogs import build_dialogs
from app.shell.handlers.table import HANDLERS
from tests.app.windows import opened


def test_each_action_has_a_handler_and_each_handler_an_action():
    assert set(HANDLERS) == {row.id for row in ACTIONS}


def test_every_handler_resolves(qtbot):
    with opened(qtbot) as window:
        parts = window.parts()
        injector = build_injector(parts, build_dialogs(parts, window), window.controllers)
        for handler in HANDLERS.values():
            injector.bind(handler)
