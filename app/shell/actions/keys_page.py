"""The page of the documentation that lists all shortcuts and mouse gestures."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from app.shell.actions.table import ALL_ACTIONS, Action
from engine.documentation.page import Page, plain, table


def keys_page(actions: Iterable[Action] = ALL_ACTIONS) -> Page:
    """Return the page of these actions, without an argument with the default shortcuts."""
    parts = []
    for group, rows in groupby(actions, key=lambda action: action.group):
        cells = [(plain(row.text), plain(", ".join(row.keys)), plain(row.mouse)) for row in rows]
        parts.append(f"## {group}\n\n{table(('Action', 'Keys', 'Mouse'), cells)}")
    return Page("keys", "Keys and gestures", "Manual", "\n\n".join(parts))
