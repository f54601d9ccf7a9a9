"""A button that shows the CSV dialect of the data, with a menu to override detected fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QPushButton

from app.documents.table_contents import TableContents
from app.text.phrases import plain_tooltip, truncate
from engine.core.field_text import field_texts
from engine.recipe import csv_dialect as dialects
from engine.recipe.csv_dialect import Dialect

_MAX_LENGTH = 24  # characters of the missing values shown
_ENDINGS = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_DECIMALS = {".": "point", ",": "comma"}
_HEADERS = {True: "first row", False: "none"}
_MISSING = "Missing values"
# For each dialect field: its title in the menu, and a mapping from its values to their names.
_FIELDS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "delimiter": ("Delimiter", _DELIMITERS),
    "decimal": ("Decimal separator", _DECIMALS),
    "encoding": ("Encoding", {name: name for name in get_args(dialects.TextEncoding)}),
    "header": ("Header", _HEADERS),
}


class DialectButton(QPushButton):
    """A button that shows how a CSV file is read, with a menu to change it.

    Signals:
        change_requested: a field of the dialect, and its chosen value, None to detect the value.
    """

    change_requested = Signal(str, object)

    def __init__(self) -> None:
        super().__init__(toolTip="How the file is read. Override what was not detected correctly.")
        self._menu = QMenu(self, toolTipsVisible=True)
        self._used, self._requested = Dialect(), Dialect()
        self._menu.aboutToShow.connect(self._fill_menu)
        self.setMenu(self._menu)

    def show_contents(self, contents: TableContents | None) -> None:
        """Show how a CSV file was read. For other files, hide the button."""
        used = None if contents is None else contents.dialect
        is_csv = contents is not None and (used is not None or _is_csv(contents.path))
        self.setVisible(is_csv)
        if contents is None or not is_csv:
            return
        self._requested = contents.requested_dialect
        self._used = used or contents.requested_dialect
        text = f"Read as: {dialect_text(self._used)}"
        self.setText(text)
        self.setAccessibleName(text)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for field, (title, values) in _FIELDS.items():
            menu = self._menu.addMenu(title)
            menu.menuAction().setToolTip(plain_tooltip(str(field_texts(Dialect)[field])))
            group = QActionGroup(menu)
            requested, used = getattr(self._requested, field), getattr(self._used, field)
            name = values.get(used) if requested is None else None
            detected = f"Auto ({name})" if name else "Auto"
            for value, text in ((None, detected), *values.items()):
                action = QAction(text, group, checkable=True)
                action.setChecked(value == requested and type(value) is type(requested))
                action.triggered.connect(partial(self._on_value_chosen, field, value))
                menu.addAction(action)
                if value is None:
                    menu.addSeparator()
        if self._requested.missing:
            self._fill_missing()

    def _fill_missing(self) -> None:
        """Add a submenu with the words that mean a missing value. Unchecking a word removes it."""
        menu = self._menu.addMenu(_MISSING)
        for word in self._requested.missing:
            action = QAction(word.replace("&", "&&"), menu, checkable=True, checked=True)
            remaining = [value for value in self._requested.missing if value != word]
            action.triggered.connect(partial(self._on_value_chosen, "missing", remaining or None))
            menu.addAction(action)

    def _on_value_chosen(self, field: str, value: object) -> None:
        if value != getattr(self._requested, field):
            self.change_requested.emit(field, value)


def dialect_text(dialect: Dialect) -> str:
    """Return a short text about a dialect. Fields with their default value are left out."""
    parts = [_DELIMITERS[dialect.delimiter] if dialect.delimiter else "detected"]
    if dialect.decimal == ",":
        parts.append("decimal comma")
    if dialect.encoding not in (None, "utf-8"):
        parts.append(str(dialect.encoding))
    if dialect.header is False:
        parts.append("no header")
    if dialect.missing:
        words = ", ".join(f'"{word}"' for word in dialect.missing)
        parts.append(f"{truncate(words, _MAX_LENGTH)} missing")
    return ", ".join(parts)


def field_title(field: str) -> str:
    """Return the name of a dialect field as used in the label of an undo step."""
    return (_MISSING if field == "missing" else _FIELDS[field][0]).lower()


def _is_csv(path: Path) -> bool:
    return path.name.lower().endswith(_ENDINGS)
