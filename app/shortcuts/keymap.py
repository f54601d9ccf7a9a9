"""The keymap: the key sequences of each action, either the default ones or set by the user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from app.settings import Settings

_SEPARATOR = "; "


class ShortcutAction(Protocol):
    """An action of the window, or a mouse gesture. `keys` contains the default keys."""

    @property
    def id(self) -> str:
        """The identifier of the action in the settings."""

    @property
    def group(self) -> str:
        """The heading of the group that contains the row, such as "Editing"."""

    @property
    def text(self) -> str:
        """What the shortcut or gesture does."""

    @property
    def keys(self) -> Sequence[str]:
        """The key sequences, such as "Ctrl+Z". Each one triggers the action."""

    @property
    def mouse(self) -> str:
        """The mouse gesture, such as "drag from a port"; "" if there is none."""


def to_portable(sequence: str) -> str:
    """Return a key sequence in Qt's portable format, which is the same on all systems."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.PortableText)


def to_native(sequence: str) -> str:
    """Return a key sequence in the format of this operating system."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)


class Keymap(QObject):
    """The key sequences of all actions. The settings store only those that the user changed.

    Signals:
        changed: the id of an action and its new keys.
    """

    changed = Signal(str, list)

    def __init__(self, actions: Iterable[ShortcutAction], settings: Settings) -> None:
        super().__init__()
        self._actions = {action.id: action for action in actions}
        self._settings = settings
        self._custom_keys = self._settings.shortcuts

    @property
    def actions(self) -> tuple[ShortcutAction, ...]:
        """All actions, in the order of the cheat sheet."""
        return tuple(self._actions.values())

    def keys(self, action_id: str) -> list[str]:
        """Return the current key sequences of an action.

        An action has none of its default keys that the user has set for another one.
        """
        custom = self._custom_keys
        if action_id in custom:
            return list(filter(None, map(to_portable, custom[action_id].split(_SEPARATOR))))
        taken = {keys for other in custom if other in self._actions for keys in self.keys(other)}
        return [keys for keys in self.default(action_id) if keys not in taken]

    def default(self, action_id: str) -> list[str]:
        """Return the default key sequences of an action."""
        return [to_portable(keys) for keys in self._actions[action_id].keys]

    def is_default(self, action_id: str) -> bool:
        """Return whether an action has its default keys."""
        return self.keys(action_id) == self.default(action_id)

    def actions_using(self, sequence: str, except_id: str = "") -> list[ShortcutAction]:
        """Return the actions that use a key sequence, except the action with id `except_id`."""
        portable = to_portable(sequence)
        others = (action for name, action in self._actions.items() if name != except_id)
        return [action for action in others if portable in self.keys(action.id)]

    def set_keys(self, action_id: str, keys: Sequence[str]) -> None:
        """Set the key sequences of an action. An empty list means that the action has none."""
        portable = list(dict.fromkeys(filter(None, map(to_portable, keys))))
        if portable == self.keys(action_id):
            return
        previous = {name: self.keys(name) for name in self._actions}
        if portable == self.default(action_id):
            self._custom_keys.pop(action_id, None)
        else:
            self._custom_keys[action_id] = _SEPARATOR.join(portable)
        self._settings.shortcuts = self._custom_keys
        for name, keys in previous.items():
            if self.keys(name) != keys:
                self.changed.emit(name, self.keys(name))

    def assign(self, action_id: str, sequence: str) -> None:
        """Add a key sequence to an action, and remove it from all other actions."""
        for action in self.actions_using(sequence, except_id=action_id):
            remaining = [keys for keys in self.keys(action.id) if keys != to_portable(sequence)]
            self.set_keys(action.id, remaining)
        self.set_keys(action_id, [*self.keys(action_id), sequence])

    def reset(self, action_id: str) -> None:
        """Restore the default keys of an action, except those set for another one."""
        self.set_keys(action_id, self.default(action_id))

    def reset_all(self) -> None:
        """Restore the default keys of all actions."""
        for action_id in self._actions:
            self.reset(action_id)
