"""What all drawings of an evaluation have in common: they are painted, told, and taken out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.controls.display import widget_image
from app.theme.theme import Theme

Table = Sequence[Sequence[str]]
_SHARP = 2  # dots of a picture for each pixel
_SIZE, _LEAST = QSize(340, 250), QSize(230, 190)


class Drawing(QWidget):
    """Paints one finding.

    Signals:
        told: what lies under the pointer, "" for nothing.
    """

    told = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setMinimumSize(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Paint into a rectangle."""
        raise NotImplementedError

    def table(self) -> Table:
        """Return the numbers, with titles in the first row."""
        raise NotImplementedError

    def told_at(self, at: QPointF) -> str:
        """Return what lies at a place."""
        return ""

    def sizeHint(self) -> QSize:
        """As large as numbers can be read."""
        return _SIZE

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, QRectF(self.rect()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what lies under the pointer."""
        self.told.emit(self.told_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that nothing does."""
        self.told.emit("")

    # Taking it out.

    def image(self) -> QImage:
        """Return it as a picture."""
        image = QImage(self.size() * _SHARP, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_SHARP)
        image.fill(self._theme.color("surface"))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, QRectF(self.rect()))
        painter.end()
        return image

    def png(self) -> bytes:
        """Return the picture as a file."""
        return widget_image.png(self.image())

    def svg(self) -> bytes:
        """Return it as a drawing."""
        return widget_image.svg(
            self.size(),
            self.accessibleName(),
            self._theme.color("surface"),
            lambda painter: self.draw(painter, QRectF(self.rect())),
        )


def csv(table: Table) -> bytes:
    """Return a table as a file; no cell is taken for a formula by a spreadsheet (CWE-1236)."""
    return "".join(",".join(map(_cell, row)) + "\n" for row in table).encode()


def tabbed(table: Table) -> str:
    """Return a table as it is pasted into a spreadsheet."""
    return "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in table)


def _cell(text: str) -> str:
    number = text[:1] in "+-" and text[1:2].isdigit()
    if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not number:
        text = f"'{text}"
    quoted = any(sign in text for sign in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if quoted else text


PLAIN = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
