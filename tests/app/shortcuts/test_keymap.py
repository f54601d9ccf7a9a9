"""Each action keeps the keys that the person gave it, and its defaults otherwise."""

import pytest

from app.settings import Settings
from app.shell.actions.table import Action
from app.shortcuts.key_caps import caps_of, gesture_text, key_caps
from app.shortcuts.keymap import Keymap

ACTIONS = (
    Action("undo", "Editing", "Undo", ("Ctrl+Z",)),
    Action("redo", "Editing", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y")),
    Action("delete", "Editing", "Delete", ("Delete", "Backspace")),
    Action("help", "Window", "Show the keys", ("?",)),
    Action("connect", "Nodes", "Connect", (), "drag from a port"),
)


@pytest.fixture
def keymap(qapp):
    return Keymap(ACTIONS, Settings())


def test_defaults_are_answered_in_one_spelling(keymap):
    assert keymap.keys("redo") == ["Ctrl+Shift+Z", "Ctrl+Y"]
    assert keymap.keys("delete") == ["Del", "Backspace"]
    assert keymap.is_default("redo")


def test_changed_keys_are_told_and_kept(qtbot, keymap):
    with qtbot.waitSignal(keymap.changed) as told:
        keymap.set_keys("undo", ["Ctrl+U", "Ctrl+;", "F2"])
    assert told.args == ["undo", ["Ctrl+U", "Ctrl+;", "F2"]]
    assert Keymap(ACTIONS, Settings()).keys("undo") == ["Ctrl+U", "Ctrl+;", "F2"]


def test_an_action_can_have_no_keys_and_stays_so(keymap):
    keymap.set_keys("undo", [])
    assert Keymap(ACTIONS, Settings()).keys("undo") == []


def test_default_keys_are_not_stored(keymap):
    keymap.set_keys("undo", ["Ctrl+U"])
    keymap.reset("undo")
    assert Settings().shortcuts == {}
    assert keymap.is_default("undo")


def test_keys_have_one_holder_after_they_were_given(keymap):
    assert [action.id for action in keymap.actions_using("ctrl+z")] == ["undo"]
    keymap.assign("redo", "Ctrl+Z")
    assert (keymap.keys("undo"), keymap.keys("redo")[-1]) == ([], "Ctrl+Z")
    keymap.reset_all()
    assert all(keymap.is_default(action.id) for action in ACTIONS)


def test_own_keys_are_nobodys_default(qapp):
    """Also those of settings that are older than the default."""
    Settings().shortcuts = {"undo": "?", "gone": "Delete"}
    keymap = Keymap(ACTIONS, Settings())
    assert keymap.keys("undo") == ["?"]
    assert keymap.keys("help") == []
    assert keymap.keys("delete") == ["Del", "Backspace"]
    told = []
    keymap.changed.connect(lambda *change: told.append(change))
    keymap.reset("undo")
    assert told == [("undo", ["Ctrl+Z"]), ("help", ["?"])]


def test_damaged_settings_are_no_keys_of_anything(qapp):
    Settings().shortcuts = {"undo": "\0nonsense; Ctrl+", "gone": "Ctrl+G"}
    keymap = Keymap(ACTIONS, Settings())
    assert all(keys for keys in keymap.keys("undo"))
    keymap.reset("undo")
    assert keymap.keys("undo") == ["Ctrl+Z"]


@pytest.mark.parametrize(
    ("sequence", "caps"),
    [
        ("Ctrl+Shift+Z", ["Ctrl", "Shift", "Z"]),
        ("Ctrl++", ["Ctrl", "+"]),
        ("Ctrl+Shift++", ["Ctrl", "Shift", "+"]),
        ("+", ["+"]),
        ("?", ["?"]),
        ("Alt+Left", ["Alt", "\u2190"]),
        ("Ctrl+,", ["Ctrl", ","]),
    ],
)
def test_keys_are_drawn_as_the_caps_that_one_presses(qapp, sequence, caps):
    assert caps_of(sequence) == caps


def test_several_ways_of_a_gesture_stand_in_a_row(qapp):
    row = [piece.text for piece in key_caps(["Tab", "Ctrl+Space"], "right click")]
    assert row == ["Tab", "or", "Ctrl", "Space", "or", "right click"]
    assert gesture_text(["Tab"], "right click") == "Tab or right click"
