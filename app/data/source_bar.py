"""Beside the tabs: which file it is, how much there is of it, and how it was read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.controls.display.elided_label import Elided
from app.data.csv_options import DialectButton
from app.documents.table_contents import TableContents
from app.text.phrases import count_noun
from app.theme.icons import icon
from app.theme.theme import Theme

_NAME = 150  # pixels of a file's name that give no way


class DataBar(QWidget):
    """Names the data.

    Signals:
        choose_asked: other data is to be chosen.
    """

    choose_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dialect = DialectButton()
        self._choose = QPushButton("Choose…")
        self._choose.setAccessibleName("Choose data")
        self._choose.setObjectName("data-choose")
        self._choose.setIcon(icon(theme, "database"))
        self._choose.setToolTip("Choose another table, file of arrays or folder")
        self._choose.clicked.connect(self.choose_asked)
        self._name = Elided("", Qt.TextElideMode.ElideMiddle)
        self._name.setObjectName("data-name")
        self._amount, self._whole = Elided(""), ""
        self._amount.setObjectName("data-amount")
        self._amount.setProperty("role", "dim")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 10, 3)
        row.setSpacing(10)
        row.addWidget(self._name)
        row.addWidget(self._amount)
        row.addWidget(self.dialect)
        row.addWidget(self._choose)

    def least(self) -> int:
        """Return the width that it needs where the amount is told by the number of rows alone."""
        return self._others() + self.fontMetrics().horizontalAdvance(_in_short(self._whole))

    def _others(self) -> int:
        return self.sizeHint().width() - self._amount.sizeHint().width()

    def tell_within(self, room: int) -> None:
        """Tell the amount as far as it has room, in pixels of the whole bar."""
        whole = self._others() + self.fontMetrics().horizontalAdvance(self._whole) <= room
        self._amount.set_text(self._whole if whole else _in_short(self._whole), self._whole)

    def show_contents(self, data: Path | None, contents: TableContents | None) -> None:
        """Show which data it is, and what is known of it."""
        name = data.name if data is not None else ""
        self._name.set_text(name, str(data or ""))
        self._name.setMinimumWidth(min(self._name.sizeHint().width(), _NAME))
        self._name.setAccessibleName(f"Data: {name}")
        self._whole = amount_in_words(contents)
        self._amount.setAccessibleName(self._whole)
        self._amount.set_text(self._whole)
        self.dialect.show_contents(contents)


def _in_short(amount: str) -> str:
    """Return the first part of an amount: "1,200 rows" of "1,200 rows, 3 columns"."""
    return amount.partition(", ")[0]


def amount_in_words(contents: TableContents | None) -> str:
    """Return how much data there is, as far as it is known."""
    if contents is None:
        return "reading…"
    if contents.errors:
        empty = any(found.code == "no-rows" for found in contents.errors)
        return "no rows" if empty else "can't be read"
    columns = count_noun(len(contents.columns), "column")
    if contents.is_sampled and contents.head is not None:
        first = count_noun(contents.head.row_count, "row")
        return f"{columns}; too large to be held, so the first {first} are shown"
    if contents.row_count is None:
        return f"{columns}, reading…"
    text = f"{count_noun(contents.row_count, 'row')}, {columns}"
    left = len(contents.columns) - len(contents.column_statistics)
    return (
        f"{text}; looking at {count_noun(left, 'column')}…"
        if contents.is_reading and left
        else text
    )
