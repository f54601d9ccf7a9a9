"""A card: a title, what lies under the pointer, the drawing, and ways to take it out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.controls.display.elided_label import Elided
from app.results.charts.chart_base import Drawing, csv, tabbed
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.theme import Theme

Export = Callable[[str, str, bytes], object]  # title, ending, what is written


class Card(QFrame):
    """Holds a drawing.

    Args:
        theme: of the window.
        title: of the finding.
        drawing: of it.
        note: a sentence below the title.
        export: asks where a file goes, and writes it.
    """

    def __init__(
        self, theme: Theme, title: str, drawing: Drawing, note: str, export: Export
    ) -> None:
        super().__init__()
        self.drawing = drawing
        self._export, self._name = export, title
        self.setProperty("role", "card")
        self._title = Elided(title)
        self._title.setFont(theme.ui_font(9.5, bold=True))
        self._note, self._plain = Elided(note), note
        self._note.setFont(theme.ui_font(8.5))
        self._note.setProperty("role", "dim")
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill)
        self.more = QToolButton()
        self.more.setIcon(icons.icon(theme, "more", "dim"))
        self.more.setToolTip(plain_tooltip(f"Copy or export: {title}"))
        self.more.setAccessibleName(f"Copy or export: {title}")
        self.more.setProperty("role", "quiet")
        self.more.clicked.connect(self._on_more_clicked)
        self._head = QHBoxLayout()
        self._head.setSpacing(6)
        self._head.addWidget(self._title, 1)
        self._head.addWidget(self.more)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(12, 8, 8, 8)
        rows.setSpacing(3)
        rows.addLayout(self._head)
        rows.addWidget(self._note)
        rows.addWidget(drawing, 1)
        drawing.told.connect(self._on_told)

    def add(self, widget: QWidget) -> None:
        """Put a control beside the title."""
        self._head.insertWidget(1, widget)

    @property
    def said(self) -> str:
        """What stands below the title."""
        return self._note.text()

    def _on_told(self, text: str) -> None:
        self._note.set_text(text or self._plain)

    def _on_more_clicked(self) -> None:
        self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _fill(self) -> None:
        self.menu.clear()
        self.menu.addAction("Copy the numbers", self.copy_numbers)
        self.menu.addAction("Copy the picture", self.copy_picture)
        self.menu.addSeparator()
        for ending, write in (
            ("csv", lambda: csv(self.drawing.table())),
            ("png", self.drawing.png),
            ("svg", self.drawing.svg),
        ):
            text = f"Export as {ending.upper()}…"
            self.menu.addAction(text, partial(self._take_out, ending, write))

    def _take_out(self, ending: str, write: Callable[[], bytes]) -> None:
        self._export(self._name, ending, write())

    def copy_numbers(self) -> None:
        """Put the numbers where a spreadsheet takes them from."""
        QGuiApplication.clipboard().setText(tabbed(self.drawing.table()))

    def copy_picture(self) -> None:
        """Put the picture where a document takes it from."""
        QGuiApplication.clipboard().setImage(self.drawing.image())
