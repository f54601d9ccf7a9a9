"""The table of actions is whole, and no row of it is untested."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path

from PySide6.QtGui import QKeySequence

from app.shell.actions.action_manager import MENUS
from app.shell.actions.table import ACTIONS, ALL_ACTIONS, MOUSE_GESTURES
from app.shell.handlers import HANDLERS


def names_of_tests() -> set[str]:
    """Return the names of the tests of rows, in all modules beside this one.

    A test with several rows lists them in ROWS of its module.
    """
    modules = [
        import_module(f"tests.app.rows.{path.stem}")
        for path in Path(__file__).parent.glob("test_*.py")
        if path != Path(__file__)
    ]
    tests = {name for module in modules for name in vars(module) if name.startswith("test_row_")}
    rows = (id for module in modules for id in getattr(module, "ROWS", ()))
    return tests | {f"test_row_{id.replace('-', '_')}" for id in rows}


def test_every_row_has_a_test_with_real_events():
    tests = names_of_tests()
    missing = [row.id for row in ALL_ACTIONS if f"test_row_{row.id.replace('-', '_')}" not in tests]
    assert missing == []


def test_every_test_is_for_a_row():
    prefixes = tuple(f"test_row_{row.id.replace('-', '_')}" for row in ALL_ACTIONS)
    assert [name for name in names_of_tests() if not name.startswith(prefixes)] == []


def test_ids_are_unique_and_every_action_stands_in_a_menu():
    assert max(Counter(row.id for row in ALL_ACTIONS).values()) == 1
    assert {row.group for row in ACTIONS} == set(MENUS)


def test_no_two_actions_have_the_same_keys():
    keys = [QKeySequence(key).toString() for row in ACTIONS for key in row.keys]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert "" not in keys


def test_a_gesture_says_how_it_is_done():
    assert all(row.mouse and not row.keys for row in MOUSE_GESTURES)


def test_every_action_has_a_handler():
    assert set(HANDLERS) == {row.id for row in ACTIONS}
