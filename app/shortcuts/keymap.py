"""The keymap: the key sequences of each action, by default or set by the user."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from app.settings import Settings

_SEPARATOR = "; "


class Row(Protocol):
    """A shortcut or gesture, as the cheat sheet lists it."""

    @property
    def group(self) -> str:
        """The heading that it is listed under, such as "Editing"."""

    @property
    def text(self) -> str:
        """The description of what it does."""

    @property
    def keys(self) -> Sequence[str]:
        """The key sequences, such as "Ctrl+Z"."""

    @property
    def mouse(self) -> str:
        """The mouse gesture, such as "drag from a port"; empty if there is none."""


class ShortcutAction(Row, Protocol):
    """A row whose keys can be changed; `keys` are the default ones."""

    @property
    def id(self) -> str:
        """The identifier in the settings."""


def normal(sequence: str) -> str:
    """Return a key sequence in Qt's portable format, the same on all systems and languages."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.PortableText)


def native(sequence: str) -> str:
    """Return a key sequence in the format of this operating system."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)


class Keymap(QObject):
    """The key sequences of all actions; those that differ from the defaults are in the settings.

    Signals:
        changed: the id of an action and its new keys.
    """

    changed = Signal(str, list)

    def __init__(self, actions: Iterable[ShortcutAction], settings: Settings | None = None) -> None:
        super().__init__()
        self._actions = {action.id: action for action in actions}
        self._settings = settings or Settings()
        self._custom_keys = self._settings.shortcuts

    @property
    def actions(self) -> tuple[ShortcutAction, ...]:
        """All actions, in the order of the cheat sheet."""
        return tuple(self._actions.values())

    def keys(self, action_id: str) -> list[str]:
        """Return the current keys of an action."""
        custom = self._custom_keys.get(action_id)
        if custom is None:
            return self.default(action_id)
        return [normal(keys) for keys in custom.split(_SEPARATOR) if normal(keys)]

    def default(self, action_id: str) -> list[str]:
        """Return the default keys of an action."""
        return [normal(keys) for keys in self._actions[action_id].keys]

    def is_default(self, action_id: str) -> bool:
        """Return whether an action has its default keys."""
        return self.keys(action_id) == self.default(action_id)

    def holders(self, sequence: str, besides: str = "") -> list[ShortcutAction]:
        """Return the actions that use a key sequence, in any format, without the one `besides`."""
        portable = normal(sequence)
        others = (action for name, action in self._actions.items() if name != besides)
        return [action for action in others if portable in self.keys(action.id)]

    def set_keys(self, action_id: str, keys: Sequence[str]) -> None:
        """Set the keys of an action; an empty sequence removes them all."""
        portable = list(dict.fromkeys(filter(None, map(normal, keys))))
        if portable == self.keys(action_id):
            return
        if portable == self.default(action_id):
            self._custom_keys.pop(action_id, None)
        else:
            self._custom_keys[action_id] = _SEPARATOR.join(portable)
        self._settings.shortcuts = self._custom_keys
        self.changed.emit(action_id, portable)

    def give(self, action_id: str, sequence: str) -> None:
        """Add a key sequence to an action, and remove it from all others."""
        for holder in self.holders(sequence, besides=action_id):
            kept = [keys for keys in self.keys(holder.id) if keys != normal(sequence)]
            self.set_keys(holder.id, kept)
        self.set_keys(action_id, [*self.keys(action_id), sequence])

    def reset(self, action_id: str) -> None:
        """Restore the default keys of an action, even if other actions use them now."""
        self.set_keys(action_id, self.default(action_id))

    def reset_all(self) -> None:
        """Restore the default keys of all actions."""
        for action_id in self._actions:
            self.reset(action_id)
