"""The order in which Tab goes through widgets that were made at different times."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def in_tab_order(first: QWidget, others: Iterable[QWidget]) -> None:
    """Let Tab go from one widget to these, which were made later, before it goes on."""
    window = first.window()
    for other in others:
        if other.focusPolicy() & Qt.FocusPolicy.TabFocus and other.window() is window:
            QWidget.setTabOrder(first, other)
            first = other
