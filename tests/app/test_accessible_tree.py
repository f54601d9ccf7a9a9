"""Everything that can have the focus has a name, as a screen reader reads it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

from tests.app.test_accessibility import TITLES, describe, is_part
from tests.app.windows import dialogs, opened, posts, settle, shown_dialog


def interfaces(root: QAccessibleInterface | None) -> Iterator[QAccessibleInterface]:
    """Return an interface and all below it that are seen."""
    if root is None or not root.isValid() or root.state().invisible:
        return
    yield root
    for index in range(min(root.childCount(), 60)):
        yield from interfaces(root.child(index))


def nameless(widget: QWidget) -> set[str]:
    """Return what can have the focus below a window, and has no name."""
    found = set()
    for one in interfaces(QAccessible.queryAccessibleInterface(widget)):
        target = one.object()
        if not one.state().focusable or (isinstance(target, QWidget) and is_part(target)):
            continue
        if not one.text(QAccessible.Text.Name):
            what = (
                describe(target)
                if isinstance(target, QWidget)
                else one.parent().text(QAccessible.Text.Name)
            )
            found.add(f"{one.role().name}: {what}")
    return found


def test_everything_in_the_window_has_a_name(qtbot):
    found: set[str] = set()
    with opened(qtbot, posts()) as window:
        for choice in ("", "posts", "conv", "age"):
            window.workspace.session.select([choice])
            for title in TITLES if not choice else ("Inspector",):
                window.dock_layout.show_panel(title)
                settle()
                found |= nameless(window)
        window.action_manager.actions["find"].trigger()
        window.controllers.welcome.show()
        settle()
        found |= nameless(window)
    assert found == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["gallery", "documentation", "sheet", "shortcuts", "about", "elsewhere"]
)
def test_everything_in_a_dialog_has_a_name(qtbot, name):
    with opened(qtbot, posts()) as window:
        dialogs(window)[name]()
        settle()
        dialog = shown_dialog(window)
        assert nameless(dialog) == set()
        dialog.close()
