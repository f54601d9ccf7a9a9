"""The header of the data panel: tabs, and a bar with name, size and CSV dialect of the data."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QTabBar, QWidget

from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import row_layout
from app.data.dialect_button import DialectButton
from app.documents.table_contents import TableContents
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun

_MIN_NAME_WIDTH = 150  # pixels


class SourceBar(QWidget):
    """A bar with the name and size of the data, its CSV dialect, and a button to choose data.

    Signals:
        choose_requested: the button to choose other data was pressed.
    """

    choose_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.dialect = DialectButton()
        self._choose = QPushButton("Choose…", accessibleName="Choose data")
        self._choose.setIcon(icon(theme, "database"))
        self._choose.setToolTip("Choose another table, array file or folder")
        self._choose.clicked.connect(self.choose_requested)
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._size_label, self._full_size = ElidedLabel(role="dim"), ""
        items = (self._name, self._size_label, self.dialect, self._choose)
        row_layout(*items, parent=self, margins=(10, 3, 10, 3), spacing=10)

    def required_width(self) -> int:
        """Return the width of the bar with the data size shortened to text such as "1,200 rows"."""
        text = _short_size(self._full_size)
        return self._fixed_width() + self.fontMetrics().horizontalAdvance(text)

    def _fixed_width(self) -> int:
        return self.sizeHint().width() - self._size_label.sizeHint().width()

    def fit_size_text(self, width: int) -> None:
        """Show the full data size if the bar then fits into `width` pixels, else a short one."""
        fits = self._fixed_width() + self.fontMetrics().horizontalAdvance(self._full_size) <= width
        text = self._full_size if fits else _short_size(self._full_size)
        self._size_label.set_text(text, self._full_size)

    def show_contents(self, data: Path | None, contents: TableContents | None) -> None:
        """Show the file name of `data`, the row and column counts if known, and the CSV dialect."""
        name = data.name if data is not None else ""
        self._name.set_text(name, str(data or ""))
        self._name.setMinimumWidth(min(self._name.sizeHint().width(), _MIN_NAME_WIDTH))
        self._name.setAccessibleName(f"Data: {name}")
        self._full_size = size_text(contents)
        self._size_label.setAccessibleName(self._full_size)
        self._size_label.set_text(self._full_size)
        self.dialect.show_contents(contents)


class DataPanelHeader(QWidget):
    """A header with the tabs and the source bar in one line, or in two lines if too narrow."""

    def __init__(self, tabs: QTabBar, bar: SourceBar) -> None:
        super().__init__()
        self._tabs, self._bar = tabs, bar
        self._is_one_line = True
        self._grid = QGridLayout(self, spacing=0)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._update_grid()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update_layout()

    def update_layout(self) -> None:
        """Arrange tabs and source bar in one line or two. Called after a text or width change."""
        tabs = self._tabs.sizeHint().width()
        fits = tabs + self._bar.required_width() <= self.width()
        self._bar.fit_size_text(self.width() - tabs if fits else self.width())
        if fits != self._is_one_line:
            self._is_one_line = fits
            self._update_grid()

    def _update_grid(self) -> None:
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(self._tabs, 0, 0, left | Qt.AlignmentFlag.AlignBottom)
        if self._is_one_line:
            self._grid.addWidget(self._bar, 0, 1, right)
        else:
            self._grid.addWidget(self._bar, 1, 0, 1, 2)


def _short_size(text: str) -> str:
    """Return the first part of a size text: "1,200 rows" of "1,200 rows, 3 columns"."""
    return text.partition(", ")[0]


def size_text(contents: TableContents | None) -> str:
    """Return the known row and column counts as text, such as "1,200 rows, 3 columns".

    If the data is incomplete (still being read, or too large) or can't be read, the text says so.
    """
    if contents is None:
        return "reading…"
    if contents.errors:
        is_empty = any(error.code == "no-rows" for error in contents.errors)
        return "no rows" if is_empty else "can't be read"
    columns = count_noun(len(contents.columns), "column")
    if contents.is_sampled and contents.head is not None:
        first = count_noun(contents.head.row_count, "row")
        return f"{columns}; too large for memory, so the first {first} are shown"
    if contents.row_count is None:
        return f"{columns}, reading…"
    text = f"{count_noun(contents.row_count, 'row')}, {columns}"
    remaining = len(contents.columns) - len(contents.column_statistics)
    if contents.is_reading and remaining:
        text += f"; analyzing {count_noun(remaining, 'column')}…"
    return text
