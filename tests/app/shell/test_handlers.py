"""Each action has a handler."""

from __future__ import annotations

from app.shell.actions.table import ACTIONS
from app.shell.handlers import HANDLERS


def test_each_action_has_a_handler_and_each_handler_an_action():
    assert set(HANDLERS) == {row.id for row in ACTIONS}
