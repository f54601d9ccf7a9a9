"""The files used last, as rows with a small drawing each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.files.start.clickable_frame import Pressable
from app.files.start.thumbnail import boxes_of, paint_graph
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import printable_path
from engine.graph.model import Graph
from engine.graph.serialization.file import project_name, read

_HEIGHT = 54
_PICTURE = 96
_LARGEST = 1_000_000  # bytes; a larger file gets no drawing here


class RecentRow(Pressable):
    """One file: its drawing, its name and where it lies."""

    def __init__(self, theme: Theme, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.path = theme, path
        self._graph: Graph | None = None
        self._boxes: Mapping[str, QRectF] = {}
        self.there = path.is_file()
        self.title = printable_path(project_name(path))
        self.setText(self.title)
        self.setAccessibleName(f"Open {self.title}")
        self.setToolTip(plain_tooltip(printable_path(path)))
        self.setFixedHeight(_HEIGHT)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return a width that holds a usual name."""
        return QSize(400, _HEIGHT)

    def draw(self) -> None:
        """Read the file for its drawing; one that can't be read has none."""
        try:
            if self.there and os.path.getsize(self.path) <= _LARGEST:
                self._graph = read(self.path).project.graph
                self._boxes = boxes_of(self._graph)
        except (OSError, DiagnosticError, MemoryError):
            self._graph = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint drawing, name and place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, frame = self._theme, QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.hovered or self.ringed:
            edge = theme.color("accent" if self.ringed else "raised")
            painter.setPen(QPen(edge, 2))
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(frame, 7, 7)
        picture = QRectF(frame.x() + 6, frame.y() + 6, _PICTURE, frame.height() - 12)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("canvas"))
        painter.drawRoundedRect(picture, 4, 4)
        if self._graph is not None:
            paint_graph(painter, picture.adjusted(6, 5, -6, -5), self._graph, self._boxes, theme)
        self._paint_words(painter, frame.adjusted(_PICTURE + 20, 7, -12, -7))
        painter.end()

    def _paint_words(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        folder = _home(self.path.parent) if self.there else f"{_home(self.path.parent)}, not found"
        half = area.height() / 2
        for at, (text, font, token) in enumerate(
            (
                (self.title, theme.ui_font(10.5, bold=True), "text" if self.there else "dim"),
                (folder, theme.ui_font(9), "dim"),
            )
        ):
            painter.setFont(font)
            painter.setPen(theme.color(token))
            elide = Qt.TextElideMode.ElideMiddle if at else Qt.TextElideMode.ElideRight
            fits = QFontMetricsF(font).elidedText(text, elide, area.width())
            line = QRectF(area.x(), area.y() + at * half, area.width(), half)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, fits)


class RecentFiles(QWidget):
    """A row for each file used last; drawings come one after another once it is seen.

    Signals:
        chosen: the Path of a file.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: list[RecentRow] = []
        self._waiting: list[RecentRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._drawing = QTimer(self, interval=0)
        self._drawing.timeout.connect(self._draw_next)

    def show_files(self, paths: list[Path]) -> None:
        """Show these files."""
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [RecentRow(self._theme, path) for path in paths]
        for row in self.rows:
            row.clicked.connect(self._on_clicked)
            self._column.addWidget(row)
        self._waiting = list(self.rows)
        if self.isVisible():
            self._drawing.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what is missing."""
        super().showEvent(event)
        self._drawing.start()

    def _draw_next(self) -> None:
        if self._waiting:
            self._waiting.pop(0).draw()
        else:
            self._drawing.stop()

    def _on_clicked(self) -> None:
        row = self.sender()
        assert isinstance(row, RecentRow)
        self.chosen.emit(row.path)


def _home(folder: Path) -> str:
    """Return a folder with "~" for the home folder."""
    try:
        return printable_path(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return printable_path(folder)
