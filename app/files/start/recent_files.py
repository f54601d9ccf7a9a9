"""The list of recent files, with a thumbnail for each."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from app.controls.layout.boxes import clear_layout, column_layout
from app.files.start.clickable_frame import ClickableFrame
from app.files.start.thumbnail import Thumbnail
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import printable_path
from engine.graph.serialization.file import project_name, read

_HEIGHT = 54
_THUMBNAIL_WIDTH = 96
_MIN_DESCRIPTION_WIDTH, _MAX_DESCRIPTION = 60, 200  # pixels, characters
_MAX_BYTES = 1_000_000  # larger files get no thumbnail


class RecentRow(ClickableFrame):
    """A button for a file, with its thumbnail, name, description and folder."""

    def __init__(self, theme: Theme, path: Path) -> None:
        super().__init__()
        self._theme, self.path = theme, path
        self._thumbnail: Thumbnail | None = None
        self.description = ""  # of the project, in one line
        self.exists = path.is_file()
        self.title = printable_path(project_name(path))
        self.setText(self.title)
        self.setAccessibleName(f"Open {self.title}")
        self.setToolTip(plain_tooltip(printable_path(path)))
        self.setFixedHeight(_HEIGHT)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(400, _HEIGHT)

    def load_thumbnail(self) -> None:
        """Read the file and draw a thumbnail of its graph. An unreadable file gets no thumbnail."""
        with suppress(OSError, DiagnosticError, MemoryError):
            if self.exists and os.path.getsize(self.path) <= _MAX_BYTES:
                project = read(self.path).project
                self._thumbnail = Thumbnail(project.graph, self._theme)
                self.description = " ".join(project.description[:_MAX_DESCRIPTION].split())
                self.setAccessibleDescription(self.description)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, frame = self._theme, QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.underMouse() or self.has_focus_ring:
            border = theme.color("accent" if self.has_focus_ring else "raised")
            painter.setPen(QPen(border, 2))
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(frame, 7, 7)
        picture = QRectF(frame.x() + 6, frame.y() + 6, _THUMBNAIL_WIDTH, frame.height() - 12)
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("canvas"))
        painter.drawRoundedRect(picture, 4, 4)
        if self._thumbnail is not None:
            self._thumbnail.paint(painter, picture.adjusted(6, 5, -6, -5))
        self._paint_text(painter, frame.adjusted(_THUMBNAIL_WIDTH + 20, 7, -12, -7))
        painter.end()

    def _paint_text(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        path = _display_folder(self.path.parent)
        folder = path if self.exists else f"{path}, not found"
        half = area.height() / 2
        lines = (
            (self.title, theme.ui_font(10.5, bold=True), "text" if self.exists else "dim"),
            (folder, theme.ui_font(9), "dim"),
        )
        for line, (text, font, token) in enumerate(lines):
            painter.setFont(font)
            painter.setPen(theme.color(token))
            elide = Qt.TextElideMode.ElideMiddle if line else Qt.TextElideMode.ElideRight
            elided = QFontMetricsF(font).elidedText(text, elide, area.width())
            rect = QRectF(area.x(), area.y() + line * half, area.width(), half)
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, elided)
        title_width = QFontMetricsF(lines[0][1]).horizontalAdvance(self.title)
        rect = QRectF(area.x(), area.y(), area.width(), half).adjusted(title_width + 12, 0, 0, 0)
        if self.description and rect.width() > _MIN_DESCRIPTION_WIDTH:
            right = Qt.TextElideMode.ElideRight
            text = QFontMetricsF(painter.font()).elidedText(self.description, right, rect.width())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)


class RecentFiles(QWidget):
    """A list of recent files. Thumbnails are drawn one by one after the list became visible.

    Signals:
        file_requested: the path of the file that was clicked.
    """

    file_requested = Signal(Path)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[RecentRow] = []
        self._pending: list[RecentRow] = []
        self._layout = column_layout(parent=self, spacing=2)
        self._draw_timer = QTimer(self, interval=0, timeout=self._draw_next)

    def show_files(self, paths: list[Path]) -> None:
        """Replace the rows by rows for these files."""
        clear_layout(self._layout)
        self.rows = [RecentRow(self._theme, path) for path in paths]
        for row in self.rows:
            row.clicked.connect(self._on_row_clicked)
            self._layout.addWidget(row)
        self._pending = list(self.rows)
        if self.isVisible():
            self._draw_timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._draw_timer.start()

    def _draw_next(self) -> None:
        if self._pending:
            self._pending.pop(0).load_thumbnail()
        else:
            self._draw_timer.stop()

    def _on_row_clicked(self) -> None:
        row = self.sender()
        assert isinstance(row, RecentRow)
        self.file_requested.emit(row.path)


def _display_folder(folder: Path) -> str:
    """Return the path of a folder, with "~" for the home folder."""
    try:
        return printable_path(Path("~") / folder.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return printable_path(folder)
