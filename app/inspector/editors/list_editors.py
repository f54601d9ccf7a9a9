"""Editors of several texts: labels, one a line, and numbers by name."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.inspector.editors.editor import PAUSE, Editor, column
from app.inspector.editors.line_editors import read_number
from app.inspector.editors.value_parser import Unreadable, same, shown
from app.inspector.fields.context import Surroundings
from app.inspector.fields.schema_fields import Field
from app.theme.icons import icon
from app.theme.style import set_property

_LINES = 4
MOST = 100  # lines of a table; a file may hold any number, and the others are kept


class LinesEditor(Editor):
    """Texts, one a line."""

    wide = True

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QPlainTextEdit()
        self.box.setTabChangesFocus(True)
        self.box.setPlaceholderText("one per line")
        self.box.setFixedHeight(self.box.fontMetrics().lineSpacing() * _LINES + 14)
        self.hold(self.box)
        self._held: Any = None
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._take)
        self.box.textChanged.connect(self._on_text_changed)
        self.box.installEventFilter(self)

    def show_value(self, value: Any, given: bool) -> None:
        """Show the texts; what is being typed stays while the document's value does."""
        set_property(self.box, "unset", not given)
        if same(value, self._held):
            return
        self._held = value
        self._pause.stop()
        text = "\n".join(map(shown, value)) if isinstance(value, list) else shown(value or "")
        self.box.blockSignals(True)
        self.box.setPlainText(text)
        self.box.blockSignals(False)

    def commit(self) -> None:
        """Take what was typed."""
        if self._pause.isActive():
            self._pause.stop()
            self._take()
        self.settled.emit()

    def _take(self) -> None:
        lines = [line.strip() for line in self.box.toPlainText().splitlines() if line.strip()]
        value = lines or (None if self.field.optional else [])
        if not same(value, self._held):
            self._held = value
            self.typed.emit(value)

    def _on_text_changed(self) -> None:
        self._pause.start()

    def pending(self) -> bool:
        """Return whether something was typed and not taken."""
        return self._pause.isActive()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what was typed when the box is left."""
        if event.type() == QEvent.Type.FocusOut:
            self.commit()
        return super().eventFilter(watched, event)


class TableEditor(Editor):
    """A number for each name, a line each, or a word that stands for all of them.

    A line without a name or number is not taken.
    """

    wide = True

    def __init__(self, field: Field, around: Surroundings) -> None:
        super().__init__(field)
        self._around = around
        self._held: Any = None
        self._names: tuple[str, ...] = ()
        self._lines: list[tuple[QLineEdit, QLineEdit]] = []
        layout = column(self)
        self._table = QWidget()
        self._grid = QGridLayout(self._table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self._grid.setColumnStretch(0, 1)
        layout.addWidget(self._table)
        self._add = QPushButton("Add a class weight")
        self._add.setIcon(icon(around.theme, "add", "dim"))
        self._add.clicked.connect(self._on_add_clicked)
        self.control = self._add
        row = QHBoxLayout()
        row.addWidget(self._add, 1)
        self.words = {word: self._word(word) for word in field.choices}
        for button in self.words.values():
            row.addWidget(button)
        layout.addLayout(row)
        self.setFocusProxy(self._add)

    def _word(self, word: str) -> QPushButton:
        button = QPushButton(word.capitalize())
        button.setCheckable(True)
        button.setToolTip(self.field.help)
        button.setProperty("word", word)
        button.clicked.connect(self._on_word_clicked)
        return button

    def suggest(self, names: tuple[str, ...]) -> None:
        """Offer names for new lines."""
        self._names = names

    def show_value(self, value: Any, given: bool) -> None:
        """Show a line for each name, or which word stands for them."""
        for word, button in self.words.items():
            button.setChecked(value == word)
        if same(value, self._held):
            return
        self._held = value
        self.refused.emit("")
        table = dict(islice(value.items(), MOST)) if isinstance(value, Mapping) else {}
        if list(table) != [name.text() for name, _ in self._lines]:
            self._clear()
            for name in table:
                self._line(name)
        for (_, number), weight in zip(self._lines, table.values(), strict=True):
            number.setText(shown(weight))

    def mark(self, wrong: bool) -> None:
        """Leave the button that adds as it is: what is wrong stands above it."""

    def commit(self) -> None:
        """Take the lines that are whole, if something was typed into one."""
        if any(part.isModified() for line in self._lines for part in line):
            self._take()

    def _take(self) -> None:
        try:
            table = self._typed()
        except Unreadable as reason:
            self.refused.emit(str(reason))
            return
        self.refused.emit("")
        value = table or (None if self.field.optional else {})
        if not same(value, self._held):
            self._held = value
            self.edited.emit(value)

    def _typed(self) -> dict[str, Any]:
        """Return the table that stands there, with the very numbers of lines that nobody touched.

        Raises:
            Unreadable: a number is none.
        """
        held = self._held if isinstance(self._held, Mapping) else {}
        table: dict[str, Any] = {}
        for name, number in self._lines:
            key = name.text().strip()
            if key in held and not number.isModified():
                table[key] = held[key]
            elif key and number.text().strip():
                table[key] = read_number(number.text(), minimum=0)
        return {**table, **dict(islice(held.items(), MOST, None))}

    def _clear(self) -> None:
        self._lines.clear()
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _line(self, text: str) -> QLineEdit:
        row = len(self._lines)
        name, number, remove = QLineEdit(text), QLineEdit(), QToolButton()
        name.setPlaceholderText("class")
        name.setAccessibleName(f"Class {row + 1}")
        number.setPlaceholderText("weight")
        number.setAccessibleName(f"Weight of {text or f'class {row + 1}'}")
        number.setFixedWidth(80)
        remove.setIcon(icon(self._around.theme, "close", "dim"))
        remove.setAccessibleName(f"Remove {text or f'class {row + 1}'}")
        remove.setToolTip("Remove this class' weight")
        remove.setAutoRaise(True)
        for place, widget in enumerate((name, number, remove)):
            self._grid.addWidget(widget, row, place)
        self._lines.append((name, number))
        name.editingFinished.connect(self.commit)
        number.editingFinished.connect(self.commit)
        remove.setProperty("line", row)
        remove.clicked.connect(self._on_remove_clicked)
        return name

    def _on_word_clicked(self) -> None:
        word = str(self.sender().property("word"))
        self.edited.emit(word if self.words[word].isChecked() else None)

    def _on_add_clicked(self) -> None:
        used = {name.text() for name, _ in self._lines}
        free = next((name for name in self._names if name not in used), "")
        name = self._line(free)
        (self._lines[-1][1] if free else name).setFocus()

    def _on_remove_clicked(self) -> None:
        name, number = self._lines[int(self.sender().property("line"))]
        name.clear()
        number.clear()
        self._take()
        self._clear()
        held, self._held = self._held, ()
        self.show_value(held, given=True)
