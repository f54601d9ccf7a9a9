"""The field that takes keys as they are pressed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

_HELD = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_unknown,
)
# They are how the keyboard leaves the field; taken, nobody without a mouse could get out of it.
_TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class KeyCatcher(QLineEdit):
    """Takes one key with what is held down; Tab and Escape alone leave it.

    Signals:
        caught: a key sequence, in Qt's own spelling.
        left: Escape was pressed.
    """

    caught = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlaceholderText("Press new keys here")
        self.setAccessibleName("New keys")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def event(self, event: QEvent) -> bool:
        """Keep keys that are shortcuts elsewhere for this field."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys."""
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        alone = not held & ~Qt.KeyboardModifier.ShiftModifier
        if key == Qt.Key.Key_Escape and alone:
            self.left.emit()
        elif (key in _TABS and alone) or key in _HELD:
            super().keyPressEvent(event)
        else:
            combination = QKeyCombination(_without_idle_shift(event, held), key)
            portable = QKeySequence.SequenceFormat.PortableText
            self.caught.emit(QKeySequence(combination).toString(portable))


def _without_idle_shift(event: QKeyEvent, held: Qt.KeyboardModifier) -> Qt.KeyboardModifier:
    """Leave Shift out where it only made the sign, as for "?"."""
    sign = event.text()
    if sign and sign.isprintable() and not sign.isalpha() and not sign.isspace():
        return held & ~Qt.KeyboardModifier.ShiftModifier
    return held
