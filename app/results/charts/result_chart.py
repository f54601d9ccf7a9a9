"""A base class of result charts: painting, hover text, and export as an image or a table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.controls.display import widget_image
from app.theme.theme import Theme

TextTable = Sequence[Sequence[str]]
_EXPORT_SCALE = 2  # exported pixels per screen pixel
_SIZE, _MIN_SIZE = QSize(340, 250), QSize(230, 190)


class ResultChart(QWidget):
    """A base class of painted charts.

    Signals:
        hover_text_changed: a description of the data under the pointer, "" if there is none.
    """

    hover_text_changed = Signal(str)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(accessibleName=name, mouseTracking=True)
        self._theme = theme
        self.setMinimumSize(_MIN_SIZE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the chart into a rectangle."""
        raise NotImplementedError

    def table(self) -> TextTable:
        """Return the charted data as a table with a header row."""
        raise NotImplementedError

    def hover_text(self, position: QPointF) -> str:
        """Return a description of the data at a position, "" if there is none."""
        return ""

    def sizeHint(self) -> QSize:
        return _SIZE

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, QRectF(self.rect()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hover_text_changed.emit(self.hover_text(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.hover_text_changed.emit("")

    # Export.

    def image(self) -> QImage:
        """Return the chart as an image at twice the resolution of the screen."""
        image = QImage(self.size() * _EXPORT_SCALE, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_EXPORT_SCALE)
        image.fill(self._theme.color("surface"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, QRectF(self.rect()))
        painter.end()
        return image

    def png(self) -> bytes:
        """Return the chart as the bytes of a PNG file."""
        return widget_image.encode_png(self.image())

    def svg(self) -> bytes:
        """Return the chart as the bytes of an SVG file."""
        return widget_image.paint_svg(
            self.size(),
            self.accessibleName(),
            self._theme.color("surface"),
            lambda painter: self.draw(painter, QRectF(self.rect())),
        )


def to_csv(table: TextTable) -> bytes:
    """Return a table as the bytes of a CSV file. Cells that look like formulas are escaped."""
    return "".join(",".join(map(_csv_cell, row)) + "\n" for row in table).encode()


def to_tsv(table: TextTable) -> str:
    """Return a table as tab-separated text, to paste into a spreadsheet."""
    return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in table)


def _csv_cell(text: str) -> str:
    is_number = text[:1] in "+-" and text[1:2].isdigit()
    if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not is_number:
        text = f"'{text}"
    needs_quotes = any(char in text for char in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


CENTERED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
