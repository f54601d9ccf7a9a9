"""Which keys each action has now: its defaults, or what the person gave it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence

from app.settings import Settings

_BETWEEN = "; "


class Row(Protocol):
    """A gesture, as the sheet of shortcuts lists it."""

    @property
    def group(self) -> str:
        """What it has to do with, such as "Editing"."""

    @property
    def text(self) -> str:
        """What it does."""

    @property
    def keys(self) -> Sequence[str]:
        """Key sequences that do it, such as "Ctrl+Z"."""

    @property
    def mouse(self) -> str:
        """How the mouse does it, such as "drag from a port"; empty if it does not."""


class Action(Row, Protocol):
    """A gesture whose keys can be changed; `keys` are the default ones."""

    @property
    def id(self) -> str:
        """What it is remembered by."""


def normal(sequence: str) -> str:
    """Return a key sequence in Qt's own spelling, the same on all systems and in all languages."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.PortableText)


def native(sequence: str) -> str:
    """Return a key sequence as this system writes it."""
    return QKeySequence(sequence).toString(QKeySequence.SequenceFormat.NativeText)


class Keymap(QObject):
    """The keys of all actions, kept in the settings where they differ from the defaults.

    Signals:
        changed: an action has other keys.
    """

    changed = Signal(str, list)

    def __init__(self, actions: Iterable[Action], settings: Settings | None = None) -> None:
        super().__init__()
        self._actions = {action.id: action for action in actions}
        self._settings = settings or Settings()
        self._own = self._settings.shortcuts

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions, in the order of the sheet."""
        return tuple(self._actions.values())

    def keys(self, action_id: str) -> list[str]:
        """Return the keys that an action has now."""
        own = self._own.get(action_id)
        if own is None:
            return self.default(action_id)
        return [normal(keys) for keys in own.split(_BETWEEN) if normal(keys)]

    def default(self, action_id: str) -> list[str]:
        """Return the keys that an action has before anyone changes them."""
        return [normal(keys) for keys in self._actions[action_id].keys]

    def is_default(self, action_id: str) -> bool:
        """Return whether an action has its default keys."""
        return self.keys(action_id) == self.default(action_id)

    def holders(self, sequence: str, besides: str = "") -> list[Action]:
        """Return the actions that have a key sequence."""
        wanted = normal(sequence)
        return [
            action
            for name, action in self._actions.items()
            if name != besides and wanted in self.keys(name)
        ]

    def set_keys(self, action_id: str, keys: Sequence[str]) -> None:
        """Give an action other keys, or none."""
        wanted = list(dict.fromkeys(filter(None, map(normal, keys))))
        if wanted == self.keys(action_id):
            return
        if wanted == self.default(action_id):
            self._own.pop(action_id, None)
        else:
            self._own[action_id] = _BETWEEN.join(wanted)
        self._settings.shortcuts = self._own
        self.changed.emit(action_id, wanted)

    def give(self, action_id: str, sequence: str) -> None:
        """Give an action a key sequence more, and take it from all others."""
        for holder in self.holders(sequence, besides=action_id):
            kept = [keys for keys in self.keys(holder.id) if keys != normal(sequence)]
            self.set_keys(holder.id, kept)
        self.set_keys(action_id, [*self.keys(action_id), sequence])

    def reset(self, action_id: str) -> None:
        """Give an action its default keys back, whoever has them now."""
        self.set_keys(action_id, self.default(action_id))

    def reset_all(self) -> None:
        """Give all actions their default keys back."""
        for action_id in self._actions:
            self.reset(action_id)
