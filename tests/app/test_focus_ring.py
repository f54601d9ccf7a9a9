"""Whoever uses the keyboard sees which control has the focus: it looks different then."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from shiboken6 import isValid

from tests.app.test_accessibility import TITLES, describe, is_part
from tests.app.windows import dialogs, opened, posts, settle, shown_dialog

MIN_PIXELS = 40  # more than a text cursor has
MIN_DIFFERENCE = 60  # of red, green and blue together


def focusable(root: QWidget) -> list[QWidget]:
    """Return the visible widgets that the Tab key can reach."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusProxy() is None
        and widget.window() is root
        and not is_part(widget)
    ]


def picture(widget: QWidget) -> QImage:
    """Return a widget and what is close around it, where a ring may be, with a steady cursor."""
    area = widget.rect().adjusted(-2, -2, 2, 2)
    window = widget.window()
    return window.grab(area.translated(widget.mapTo(window, widget.rect().topLeft()))).toImage()


def changed_pixels(one: QImage, other: QImage) -> int:
    """Return how many pixels have clearly another color."""
    size = min(one.width(), other.width()), min(one.height(), other.height())
    places = [(x, y) for x in range(size[0]) for y in range(size[1])]
    changed = [(x, y) for x, y in places if one.pixel(x, y) != other.pixel(x, y)]
    pairs = ((one.pixelColor(x, y), other.pixelColor(x, y)) for x, y in changed)
    return sum(
        sum(abs(a - b) for a, b in zip(old.getRgb(), new.getRgb(), strict=True)) > MIN_DIFFERENCE
        for old, new in pairs
    )


def scroll_to(widget: QWidget) -> None:
    """Scroll as the Tab key does."""
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()


def without_ring(root: QWidget, seen: set[str]) -> list[str]:
    """Return the widgets that look the same with the focus as without; `seen` are skipped."""
    found = []
    elsewhere = QWidget(root, focusPolicy=Qt.FocusPolicy.StrongFocus)
    elsewhere.show()
    for widget in focusable(root):
        if not isValid(widget) or widget is elsewhere or describe(widget) in seen:
            continue
        seen.add(describe(widget))
        scroll_to(widget)
        elsewhere.setFocus(Qt.FocusReason.TabFocusReason)
        settle()
        plain = picture(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        settle()
        if not widget.hasFocus():
            continue
        if changed_pixels(plain, picture(widget)) < MIN_PIXELS:
            found.append(describe(widget))
    elsewhere.deleteLater()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["dark", "light"])
def test_every_control_of_the_window_shows_the_focus(qtbot, mode):
    with opened(qtbot, posts(), mode=mode) as window:
        QApplication.setCursorFlashTime(0)
        found, seen = [], set()
        for choice in ("", "posts", "conv", "age"):
            window.workspace.session.select([choice])
            settle()
            for title in TITLES if not choice else ("Inspector",):
                window.dock_layout.show_panel(title)
                settle()
                found += without_ring(window, seen)
        window.action_manager.actions["find"].trigger()
        settle()
        found += without_ring(window, seen)
        window.controllers.welcome.show()
        settle()
        found += without_ring(window, seen)
        assert len(seen) > 35
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["dark", "light"])
@pytest.mark.parametrize("name", ["gallery", "documentation", "sheet", "shortcuts", "about"])
def test_every_control_of_a_dialog_shows_the_focus(qtbot, mode, name):
    with opened(qtbot, posts(), mode=mode) as window:
        dialogs(window)[name]()
        settle()
        dialog = shown_dialog(window)
        qtbot.waitUntil(dialog.isActiveWindow)
        assert without_ring(dialog, set()) == []
        dialog.close()
