"""Menus and the menu bar by keyboard: all keys are theirs while they have them, one letter each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QWidget

_SIGN = re.compile(r"&(.)")
_WORD = re.compile(r"\b\w")


class Menu(QMenu):
    """Underlines a letter of each entry as it opens, no letter twice.

    Why the keys: the canvas keeps the focus while a menu is open, and with it its own single keys.

    Args:
        title: what it is called in the menu that it stands in.
        parent: what it goes with.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.aboutToShow.connect(self._on_opening)

    def event(self, event: QEvent) -> bool:
        """Keep every key from the shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the menu bar as well by Escape. Why: Qt leaves it the keyboard, unseen."""
        super().keyPressEvent(event)
        bar = QApplication.focusWidget()
        closed = event.key() == Qt.Key.Key_Escape and QApplication.activePopupWidget() is None
        if closed and isinstance(bar, MenuBar):
            bar.leave()

    def fill(self) -> None:
        """Put in what is known only now; a menu opens."""

    def _on_opening(self) -> None:
        self.fill()
        underline(self.actions())


class MenuBar(QMenuBar):
    """The menus of the window. Why the keys: Qt takes its menus' shortcuts for its own."""

    def event(self, event: QEvent) -> bool:
        """Keep the keys from the canvas; those with Alt open menus."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not event.modifiers() & Qt.KeyboardModifier.AltModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def enter(self) -> None:
        """Open the first menu, from which the arrow keys lead to all others."""
        self.setActiveAction(self.actions()[0])

    def leave(self) -> None:
        """Give the keyboard back to what had it before."""
        none = Qt.KeyboardModifier.NoModifier
        self.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, none))


def underline(entries: Sequence[QAction]) -> None:
    """Give each entry a letter of its own: of its first word, else of another, else any."""
    named = [entry for entry in entries if entry.text()]
    words = [plain(entry.text()) for entry in named]
    letters = _letters(words)
    for number, entry in enumerate(named):
        text = words[number].replace("&", "&&")
        at = letters.get(number)
        if at is not None:
            at += words[number][:at].count("&")
            text = f"{text[:at]}&{text[at:]}"
        if text != entry.text():
            entry.setText(text)


def plain(text: str) -> str:
    """Return what an entry says, without the sign before its letter."""
    return _SIGN.sub(r"\1", text)


def _letters(words: Sequence[str]) -> dict[int, int]:
    """Return by number of a text which of its letters it has; no letter twice."""
    places = [_places(text) for text in words]
    owners: dict[str, int] = {}

    def give(number: int, tried: set[str]) -> bool:
        own = places[number]
        for letter in (*(each for each in own if each not in owners), *own):
            if letter in tried:
                continue
            tried.add(letter)
            # One that has a letter passes it on if it can do with another.
            if letter not in owners or give(owners[letter], tried):
                owners[letter] = number
                return True
        return False

    for number in range(len(words)):
        give(number, set())
    return {number: places[number][letter] for letter, number in owners.items()}


def _places(text: str) -> dict[str, int]:
    """Return where each letter of a text stands, the first ones of words in front."""
    first = [found.start() for found in _WORD.finditer(text)]
    places: dict[str, int] = {}
    for at in (*first, *range(len(text))):
        if text[at].isalnum():
            places.setdefault(text[at].casefold(), at)
    return places
