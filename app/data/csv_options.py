"""How a CSV is read, shown and changed: a button with a menu for each thing that is detected."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.documents.table_contents import TableContents
from app.text.phrases import truncate
from engine.recipe import csv_dialect as dialects
from engine.recipe.csv_dialect import Dialect

_SHOWN = 24  # letters of words that are taken as missing
_ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_DECIMALS = {".": "point", ",": "comma"}
_HEADERS = {True: "first line", False: "none"}
_MISSING = "Taken as missing"
# By field: what a menu calls it, and its values in words.
_FIELDS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "delimiter": ("Between cells", _DELIMITERS),
    "decimal": ("Decimal sign", _DECIMALS),
    "encoding": ("Encoding", {name: name for name in get_args(dialects.Encoding)}),
    "header": ("Names of columns", _HEADERS),
}


class DialectButton(QPushButton):
    """Says how the file was read; its menu says otherwise.

    Signals:
        asked: a field of `data.file` and its value, None to have it detected.
    """

    asked = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data-dialect")
        self.setToolTip("How the file is read. Change what was not detected as it is meant.")
        self._menu = QMenu(self)
        self._known, self._asked = Dialect(), Dialect()
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)

    def show_contents(self, contents: TableContents | None) -> None:
        """Show how the file was read, and hide for what is no CSV."""
        known = None if contents is None else contents.dialect
        csv = contents is not None and (known is not None or _is_csv(contents.path))
        self.setVisible(csv)
        if contents is None or not csv:
            return
        self._asked, self._known = contents.requested_dialect, known or contents.requested_dialect
        text = f"Read as: {in_words(self._known)}"
        self.setText(text)
        self.setAccessibleName(text)

    def _fill(self) -> None:
        self._menu.clear()
        for field, (title, values) in _FIELDS.items():
            menu = self._menu.addMenu(title)
            group = QActionGroup(menu)
            asked, known = getattr(self._asked, field), getattr(self._known, field)
            found = values.get(known) if asked is None else None
            detected = f"As detected ({found})" if found else "As detected"
            for value, text in ((None, detected), *values.items()):
                action = QAction(text, group)
                action.setCheckable(True)
                action.setChecked(value == asked and type(value) is type(asked))
                action.triggered.connect(partial(self._on_chosen, field, value))
                menu.addAction(action)
                if value is None:
                    menu.addSeparator()
        if self._asked.missing:
            self._fill_missing()

    def _fill_missing(self) -> None:
        """List the words that are taken as missing; each can be made a cell again."""
        menu = self._menu.addMenu(_MISSING)
        for word in self._asked.missing:
            action = QAction(word.replace("&", "&&"), menu)
            action.setCheckable(True)
            action.setChecked(True)
            left = [other for other in self._asked.missing if other != word]
            action.triggered.connect(partial(self._on_chosen, "missing", left or None))
            menu.addAction(action)

    def _on_chosen(self, field: str, value: object) -> None:
        if value != getattr(self._asked, field):
            self.asked.emit(field, value)


def in_words(dialect: Dialect) -> str:
    """Return how a CSV is written, what is usual left out."""
    parts = [_DELIMITERS[dialect.delimiter] if dialect.delimiter else "detected"]
    if dialect.decimal == ",":
        parts.append("decimal comma")
    if dialect.encoding not in (None, "utf-8"):
        parts.append(str(dialect.encoding))
    if dialect.header is False:
        parts.append("no header")
    if dialect.missing:
        words = ", ".join(f'"{word}"' for word in dialect.missing)
        parts.append(f"{truncate(words, _SHOWN)} missing")
    return ", ".join(parts)


def field_in_words(field: str) -> str:
    """Return what a field of the dialect is called in the list of undo steps."""
    return (_MISSING if field == "missing" else _FIELDS[field][0]).lower()


def _is_csv(path: Path) -> bool:
    return path.name.lower().endswith(_ENDINGS)
