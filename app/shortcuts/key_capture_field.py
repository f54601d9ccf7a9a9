"""The field that records the keys that are pressed in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

_MODIFIER_KEYS = (
    Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta,
    Qt.Key.Key_unknown,
)  # fmt: skip
# Keys that move the focus; if the field recorded them, keyboard users could not leave it.
_TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class KeyCaptureField(QLineEdit):
    """A field that records a key with its modifiers. Tab and Escape alone leave the field.

    Signals:
        keys_captured: the pressed key with its modifiers, in Qt's portable format.
        canceled: Escape was pressed without Ctrl, Alt or Meta.
    """

    keys_captured = Signal(str)
    canceled = Signal()

    def __init__(self) -> None:
        super().__init__(readOnly=True, placeholderText="Press new keys here")
        self.setAccessibleName("New keys")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def event(self, event: QEvent) -> bool:
        """Receive all keys, even if they are shortcuts of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Record a key with its modifiers, except Tab and modifier keys alone; Escape cancels."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        is_alone = not modifiers & ~Qt.KeyboardModifier.ShiftModifier
        if key == Qt.Key.Key_Escape and is_alone:
            self.canceled.emit()
        elif (key in _TABS and is_alone) or key in _MODIFIER_KEYS:
            super().keyPressEvent(event)
        else:
            combination = QKeyCombination(_without_implied_shift(event, modifiers), key)
            portable = QKeySequence.SequenceFormat.PortableText
            self.keys_captured.emit(QKeySequence(combination).toString(portable))


def _without_implied_shift(event: QKeyEvent, modifiers: Qt.KeyboardModifier) -> Qt.KeyboardModifier:
    """Return the modifiers, but without Shift if Shift only selects the character, such as "?"."""
    text = event.text()
    if text and text.isprintable() and not text.isalpha() and not text.isspace():
        return modifiers & ~Qt.KeyboardModifier.ShiftModifier
    return modifiers
