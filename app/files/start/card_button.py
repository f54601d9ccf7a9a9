"""A button with a picture, a title and a few words: an example, a way in, a recent file."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.files.start.clickable_frame import Pressable
from app.files.start.thumbnail import boxes_of, paint_graph
from app.theme import icons
from app.theme.theme import Theme
from engine.graph.model import Graph

SIZE = QSize(264, 246)
_PICTURE = 122
_PAD = 16


class Card(Pressable):
    """A card.

    Args:
        theme: colours and fonts.
        title: a word or two.
        text: a sentence.
        facts: a line in small print, "" for none.
        icon: shown large where there is no graph.
        size: how large it is.
    """

    def __init__(
        self,
        theme: Theme,
        title: str,
        text: str,
        facts: str = "",
        icon: str = "",
        size: QSize = SIZE,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self.title, self._text, self._icon = theme, title, text, icon
        self._size, self._facts = size, ""
        self._graph: Graph | None = None
        self._boxes: Mapping[str, QRectF] = {}
        self.setText(title)
        self.setFixedSize(size)
        theme.changed.connect(self.update)
        self.show_graph(None, facts)

    def show_graph(self, graph: Graph | None, facts: str) -> None:
        """Show a graph as the picture, and a line of facts about it."""
        self._graph, self._facts = graph, facts
        self._boxes = boxes_of(graph) if graph is not None else {}
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(". ".join(part for part in (self._text, facts) if part))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the one size that a card has."""
        return self._size

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint frame, picture and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        self._paint_frame(painter, frame)
        self._paint_picture(painter, QRectF(frame.x(), frame.y(), frame.width(), _PICTURE))
        self._paint_words(painter, frame.adjusted(_PAD, _PICTURE + 12, -_PAD, -10))
        painter.end()

    def _paint_frame(self, painter: QPainter, frame: QRectF) -> None:
        color = self._theme.color
        edge = "accent" if self.ringed else "outline" if self.hovered else "border"
        painter.setBrush(color("raised" if self.isDown() or self.hovered else "surface"))
        painter.setPen(QPen(color(edge), 2 if self.ringed else 1))
        painter.drawRoundedRect(frame, 10, 10)

    def _paint_picture(self, painter: QPainter, area: QRectF) -> None:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("canvas"))
        inner = area.adjusted(8, 8, -8, 0)
        painter.drawRoundedRect(inner, 6, 6)
        painter.restore()
        if self._graph is not None and self._boxes:
            space = inner.adjusted(14, 12, -14, -12)
            paint_graph(painter, space, self._graph, self._boxes, self._theme)
        elif self._icon:
            spot = QRectF(0, 0, 44, 44)
            spot.moveCenter(inner.center())
            icons.paint_icon(painter, self._icon, spot, self._theme.color("accent"))

    def _paint_words(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        top = area.y()
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui_font(11, bold=True))
        line = QFontMetricsF(painter.font())
        title = line.elidedText(self.title, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(QRectF(area.x(), top, area.width(), line.height()), title)
        top += line.height() + 3
        facts = QFontMetricsF(theme.ui_font(9)).height() if self._facts else 0
        painter.setPen(theme.color("dim"))
        painter.setFont(theme.ui_font(9.5))
        painter.drawText(
            QRectF(area.x(), top, area.width(), area.bottom() - facts - top),
            Qt.TextFlag.TextWordWrap,
            self._text,
        )
        if self._facts:
            painter.setFont(theme.ui_font(9))
            painter.setPen(theme.color("shape"))
            small = QFontMetricsF(painter.font())
            said = small.elidedText(self._facts, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(QRectF(area.x(), area.bottom() - facts, area.width(), facts), said)
