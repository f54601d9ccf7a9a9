"""Menus and a menu bar that take all keys while open, with a unique mnemonic for each entry."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QWidget

_MNEMONIC = re.compile(r"&(.)")
_WORD_START = re.compile(r"\b\w")


class Menu(QMenu):
    """A menu that assigns unique mnemonics to its entries when it opens.

    While open, a menu accepts all keys. Why: the canvas keeps the focus, so keys would otherwise
    trigger the single-key shortcuts of the canvas.
    """

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.aboutToShow.connect(self._on_opening)

    def event(self, event: QEvent) -> bool:
        """Accept every key, so that no shortcut of the window fires."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle a key; if Escape closes a menu of the menu bar, restore the previous focus.

        Why: otherwise, Qt would keep the keyboard focus in the menu bar.
        """
        super().keyPressEvent(event)
        bar = QApplication.focusWidget()
        closed = event.key() == Qt.Key.Key_Escape and QApplication.activePopupWidget() is None
        if closed and isinstance(bar, MenuBar):
            bar.deactivate()

    def populate(self) -> None:
        """Add entries that depend on the current state; called when the menu opens."""

    def _on_opening(self) -> None:
        self.populate()
        assign_mnemonics(self.actions())


class MenuBar(QMenuBar):
    """A menu bar whose keys trigger no shortcuts while it has the keyboard focus.

    Why: otherwise, a key that is meant for the menu bar also triggers a shortcut of the window.
    """

    def event(self, event: QEvent) -> bool:
        """Accept each key that is pressed without Alt, so that it triggers no shortcut.

        Keys that are pressed together with Alt open menus.
        """
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not event.modifiers() & Qt.KeyboardModifier.AltModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def activate_first_menu(self) -> None:
        """Activate the first menu; the arrow keys move to the others."""
        self.setActiveAction(self.actions()[0])

    def deactivate(self) -> None:
        """Return the keyboard focus to the widget that had it before the menu bar."""
        no_modifier = Qt.KeyboardModifier.NoModifier
        self.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, no_modifier))


def assign_mnemonics(entries: Sequence[QAction]) -> None:
    """Set a unique mnemonic for each entry, preferably the first letter of a word."""
    visible_entries = [entry for entry in entries if entry.text()]
    texts = [without_mnemonic(entry.text()) for entry in visible_entries]
    chosen_positions = _assign_letters(texts)
    for index, entry in enumerate(visible_entries):
        text = texts[index].replace("&", "&&")
        position = chosen_positions.get(index)
        if position is not None:
            position += texts[index][:position].count("&")
            text = f"{text[:position]}&{text[position:]}"
        if text != entry.text():
            entry.setText(text)


def without_mnemonic(text: str) -> str:
    """Return the text of a menu entry without the `&` that marks the mnemonic."""
    return _MNEMONIC.sub(r"\1", text)


def _assign_letters(texts: Sequence[str]) -> dict[int, int]:
    """Return the position of the mnemonic in each text, by the index of the text.

    The assignment of letters is a maximum bipartite matching (Kuhn's algorithm); a text without a
    free letter is left out.
    """
    candidates = [_candidates(text) for text in texts]
    owner_by_letter: dict[str, int] = {}

    def assign(index: int, visited: set[str]) -> bool:
        letters = candidates[index]
        for letter in (*(letter for letter in letters if letter not in owner_by_letter), *letters):
            if letter in visited:
                continue
            visited.add(letter)
            # Augmenting path: the owner of the letter releases it if it can get another one.
            if letter not in owner_by_letter or assign(owner_by_letter[letter], visited):
                owner_by_letter[letter] = index
                return True
        return False

    for index in range(len(texts)):
        assign(index, set())
    return {index: candidates[index][letter] for letter, index in owner_by_letter.items()}


def _candidates(text: str) -> dict[str, int]:
    """Return the possible mnemonics of a menu text, as a dict of positions by mnemonic.

    A mnemonic is a letter or digit in lower case. First letters of words come first in the dict.
    """
    word_starts = [match.start() for match in _WORD_START.finditer(text)]
    candidates: dict[str, int] = {}
    for position in (*word_starts, *range(len(text))):
        if text[position].isalnum():
            candidates.setdefault(text[position].casefold(), position)
    return candidates
