"""What every editor of one value is, and those that are one line, one switch or one choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.controls import Switch
from app.inspector.fields import Field
from app.inspector.values import Unreadable, same, shown
from app.theme import Theme

PAUSE = 400  # milliseconds without a key after which what was typed is taken
NOTHING = "none"  # how null is called

_CONTROL = Qt.KeyboardModifier.ControlModifier
_KEY = QKeySequence.StandardKey
_UNDO = (_KEY.Undo, _KEY.Redo)
_TEXT = (_KEY.Copy, _KEY.Cut, _KEY.Paste, _KEY.SelectAll)


class Editor(QWidget):
    """Edits one value. It shows what the document has, and says what the person means.

    Signals:
        edited: a new value, a step by itself.
        typed: a new value, one of a row that makes one step until `settled`.
        settled: the row of typed values has ended.
        refused: why what stands in it is no value; "" when it is one again.
    """

    edited = Signal(object)
    typed = Signal(object)
    settled = Signal()
    refused = Signal(str)
    wide = False  # stands below its label instead of beside it
    aside: QWidget | None = None  # the part of a wide one that stands beside the label all the same

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.control: QWidget = self

    def show_value(self, value: Any, given: bool) -> None:
        """Show the document's value, or where none is given the default."""
        raise NotImplementedError(type(self).__name__)

    def commit(self) -> None:
        """Hand in what has been typed and not been taken yet."""

    def pending(self) -> bool:
        """Answer whether something was typed and not taken."""
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the window's keys see what was typed, and leave undo to it where nothing was."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if any(event.matches(key) for key in _UNDO):
                if not self.pending():
                    event.ignore()
                    return True
            elif event.modifiers() & _CONTROL and not any(event.matches(key) for key in _TEXT):
                self.commit()
        return False

    def mark(self, wrong: bool) -> None:
        """Draw the control as wrong, or as right again."""
        set_property(self.control, "invalid", wrong)

    def hold(self, control: QWidget) -> None:
        """Be nothing but this control."""
        self.control = control
        control.setAccessibleName(self.field.label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(control)
        self.setFocusProxy(control)


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet asks for."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def in_tab_order(first: QWidget, others: Iterable[QWidget]) -> None:
    """Let Tab go from one widget to these, which were made later, before it goes on."""
    window = first.window()
    for other in others:
        if other.focusPolicy() & Qt.FocusPolicy.TabFocus and other.window() is window:
            QWidget.setTabOrder(first, other)
            first = other


def column(widget: QWidget, spacing: int = 4) -> QVBoxLayout:
    """Answer a layout without margins for a widget."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout


class LineEditor(Editor):
    """A line of text that stands for a value."""

    def __init__(
        self,
        field: Field,
        read: Callable[[str], Any] = str,
        write: Callable[[Any], str] = shown,
        hint: str = "",
    ) -> None:
        super().__init__(field)
        self._read, self._write = read, write
        self._held: Any = None
        self._fresh = True
        self.line = QLineEdit()
        self.line.setPlaceholderText(hint)
        self.hold(self.line)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._take)
        self.line.textEdited.connect(self._on_text_edited)
        self.line.editingFinished.connect(self.commit)
        self.line.installEventFilter(self)

    def show_value(self, value: Any, given: bool) -> None:
        """Show a value; what is being typed stays while the document's value does."""
        set_property(self.line, "unset", not given)
        if self._fresh or not same(value, self._held):
            self._fresh, self._held = False, value
            self._pause.stop()
            self._rewrite()
            self.refused.emit("")

    def commit(self) -> None:
        """Take what was typed; where it is no value say so, and leave it standing."""
        if not self.line.isModified():
            return
        self._pause.stop()
        if self._take(aloud=True):
            self._rewrite()
            self.settled.emit()

    def _rewrite(self) -> None:
        text = "" if self._held is None else self._write(self._held)
        if text != self.line.text():
            self.line.setText(text)
        self.line.setModified(False)

    def _take(self, aloud: bool = False) -> bool:
        try:
            value = self._read(self.line.text())
        except Unreadable as reason:
            if aloud:
                self.refused.emit(str(reason))
            return False
        self.refused.emit("")
        if not same(value, self._held):
            self._held = value
            self.typed.emit(value)
        return True

    def _on_text_edited(self) -> None:
        self._pause.start()

    def pending(self) -> bool:
        """Answer whether something was typed and not taken."""
        return self.line.isModified()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take typing back at Escape."""
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self.pending()
        ):
            self._pause.stop()
            self._rewrite()
            self.refused.emit("")
            return True
        return super().eventFilter(watched, event)


class SwitchEditor(Editor):
    """On or off."""

    def __init__(self, field: Field, theme: Theme) -> None:
        super().__init__(field)
        self.switch = Switch(theme)
        self.hold(self.switch)
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addStretch(1)
        self.switch.clicked.connect(self._on_clicked)

    def show_value(self, value: Any, given: bool) -> None:
        """Stand as the document says."""
        self.switch.setChecked(value is True)

    def _on_clicked(self) -> None:
        self.edited.emit(self.switch.isChecked())


class Choice(QComboBox):
    """A combo box that a wheel passing over it does not change."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumContentsLength(4)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the form, unless the person is in the box."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def add(self, text: str, data: object, tip: str = "") -> None:
        """Put an item at the end."""
        self.addItem(text, data)
        if tip:
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def show_data(self, data: object, text: str) -> None:
        """Show the item of some data; data that is no item is shown as `text`, chosen by none."""
        at = next((row for row in range(self.count()) if self.itemData(row) == data), -1)
        if self.currentIndex() != at or at < 0:
            self.setCurrentIndex(at)
        self.setPlaceholderText(text if at < 0 else "")


class ChoiceEditor(Editor):
    """One of several words, or null."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = Choice()
        if field.optional:
            self.box.add(NOTHING, None)
        for word in field.choices:
            self.box.add(word, word)
        self.hold(self.box)
        self.box.activated.connect(self._on_activated)

    def show_value(self, value: Any, given: bool) -> None:
        """Show the chosen word; one that is none of them is shown too."""
        empty = value is None and not self.field.optional
        self.box.show_data(value, "choose" if empty else shown(value))
        set_property(self.box, "unset", not given)

    def _on_activated(self) -> None:
        self.edited.emit(self.box.currentData())
