"""The recovery bar above the canvas: recovers or discards documents that a crash left unsaved."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial

from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import clear_layout, column_layout, row_layout
from app.files.documents.document_manager import DocumentManager
from app.files.recovery.recovery import RecoverableDocument
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.theme import Theme
from engine.core.files.atomic_write import printable_path
from engine.core.formatting.counts import count_noun

_MAX_ROWS = 5  # further documents are shown once one of these is recovered or discarded


class RecoveryBar(QFrame):
    """A bar that lists the unsaved documents of a crashed process."""

    def __init__(self, files: DocumentManager, theme: Theme) -> None:
        super().__init__(accessibleName="Documents to recover")
        self.setProperty("role", "bar")
        self._files, self._theme = files, theme
        self._items: list[RecoverableDocument] = []
        self._icon = QLabel()
        self._title = plain_label(wrap=False)
        self._list = QWidget()
        self._grid = QGridLayout(self._list)
        self._grid.setContentsMargins(28, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        head = row_layout(self._icon, self._title, spacing=10, stretch=self._title)
        column_layout(head, self._list, parent=self, margins=(14, 10, 14, 10), spacing=8)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def refresh(self) -> int:
        """Reload and show the recovery copies that crashed processes left. Return their number."""
        self._items = self._files.recoverable_documents()
        self._show()
        return len(self._items)

    def _show(self) -> None:
        clear_layout(self._grid)
        count = len(self._items)
        self._title.setText(
            "Layerloom quit unexpectedly. "
            f"{'One document was' if count == 1 else f'{count} documents were'} not saved."
        )
        for row, item in enumerate(self._items[:_MAX_ROWS]):
            self._add(row, item)
        self.setVisible(bool(self._items))

    def _add(self, row: int, item: RecoverableDocument) -> None:
        copy = item.copy
        title = plain_label(printable_path(copy.title), wrap=False)
        title.setFont(self._theme.ui_font(10, bold=True))
        where = "no file yet" if copy.path is None else printable_path(copy.path)
        size = count_noun(len(item.project.graph), "node")
        text = f"{format_time(copy.written)}  ·  {size}  ·  {where}"
        details = plain_label(text, "dim", wrap=False)
        details.setSizePolicy(
            details.sizePolicy().Policy.Ignored, details.sizePolicy().verticalPolicy()
        )
        details.setToolTip(plain_tooltip(where))
        recover, discard = QPushButton("Recover"), QPushButton("Discard")
        recover.setAccessibleName(f"Recover {copy.title}")
        discard.setAccessibleName(f"Discard {copy.title}")
        recover.clicked.connect(partial(self._recover, item))
        discard.clicked.connect(partial(self._discard, item))
        for column, widget in enumerate((title, details, recover, discard)):
            self._grid.addWidget(widget, row, column)

    def _recover(self, item: RecoverableDocument) -> None:
        self._files.recover(item)
        self._remove(item)

    def _discard(self, item: RecoverableDocument) -> None:
        self._files.discard(item, lambda removed: self._remove(item) if removed else None)

    def _remove(self, item: RecoverableDocument) -> None:
        self._items.remove(item)
        self._show()

    def _on_theme_changed(self) -> None:
        self._icon.setPixmap(icons.icon_pixmap(self._theme, "warning", "warning", 18))
        self._title.setFont(self._theme.ui_font(10, bold=True))


def format_time(written: float) -> str:
    """Return a Unix time as text, such as "3 minutes ago" or "on 4 May 2026 at 14:32"."""
    seconds = time.time() - written
    if 0 <= seconds < 90:
        return "a moment ago"
    if 0 <= seconds < 3600:
        return f"{round(seconds / 60)} minutes ago"
    try:
        date = datetime.fromtimestamp(written)  # noqa: DTZ006 - local time
    except (ValueError, OverflowError, OSError):
        return "at an unknown time"
    clock = f"{date:%H:%M}"
    is_today = date.date() == datetime.now().date()  # noqa: DTZ005
    return f"today at {clock}" if is_today else f"on {date.day} {date:%B %Y} at {clock}"
