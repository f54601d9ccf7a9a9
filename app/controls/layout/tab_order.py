"""Tab order of widgets that are created later than their neighbors."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def insert_in_tab_order(first: QWidget, others: Iterable[QWidget]) -> None:
    """Insert the widgets `others` into the tab order directly after `first`."""
    window = first.window()
    for other in others:
        if other.focusPolicy() & Qt.FocusPolicy.TabFocus and other.window() is window:
            QWidget.setTabOrder(first, other)
            first = other
