"""The keyboard focus: tab order of widgets that are created late, first widget of a panel."""

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


def focus_first(widget: QWidget) -> bool:
    """Set the keyboard focus to a widget, or to its first descendant that accepts the focus.

    Return whether there is one.
    """
    for candidate in (widget, *widget.findChildren(QWidget)):
        is_focusable = candidate.focusPolicy() & Qt.FocusPolicy.TabFocus
        if is_focusable and candidate.isVisible() and candidate.isEnabled():
            candidate.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False
