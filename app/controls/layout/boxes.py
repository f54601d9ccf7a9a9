"""Rows, columns and stacks of widgets, and the removal of all widgets of a layout."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget

Item = QWidget | QLayout | None
_NO_MARGINS = (0, 0, 0, 0)


def row_layout(
    *items: Item,
    parent: QWidget | None = None,
    margins: tuple[int, int, int, int] = _NO_MARGINS,
    spacing: int = -1,
    stretch: Item = None,
) -> QHBoxLayout:
    """Return a row of widgets and layouts, from left to right.

    The arguments are those of `column_layout`.
    """
    layout = QHBoxLayout()
    _fill(layout, items, parent, margins, spacing, stretch)
    return layout


def column_layout(
    *items: Item,
    parent: QWidget | None = None,
    margins: tuple[int, int, int, int] = _NO_MARGINS,
    spacing: int = -1,
    stretch: Item = None,
) -> QVBoxLayout:
    """Return a column of widgets and layouts.

    Args:
        items: the items from top to bottom; None is a flexible space.
        parent: the widget that the layout arranges, None for a layout inside another one.
        margins: the left, top, right and bottom margin, in pixels.
        spacing: the space between the items in pixels, -1 for the default of the style.
        stretch: the item that takes the remaining space.
    """
    layout = QVBoxLayout()
    _fill(layout, items, parent, margins, spacing, stretch)
    return layout


def _fill(
    layout: QBoxLayout,
    items: Iterable[Item],
    parent: QWidget | None,
    margins: tuple[int, int, int, int],
    spacing: int,
    stretch: Item,
) -> None:
    if parent is not None:
        parent.setLayout(layout)
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for item in items:
        factor = int(item is stretch)
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, QLayout):
            layout.addLayout(item, factor)
        else:
            layout.addWidget(item, factor)


def page_stack(*pages: QWidget) -> QStackedWidget:
    """Return a stack of pages, of which the first is visible."""
    stack = QStackedWidget()
    for page in pages:
        stack.addWidget(page)
    return stack


def clear_layout(layout: QLayout) -> None:
    """Remove and delete all widgets of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
