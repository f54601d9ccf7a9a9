"""A card: a button with a picture, a title and a description."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen

from app.files.start.clickable_frame import ClickableFrame
from app.files.start.thumbnail import Thumbnail
from app.theme import icons
from app.theme.theme import Theme
from engine.graph.model import Graph

CARD_SIZE = QSize(264, 246)
_PICTURE_HEIGHT = 122
_PADDING = 16


class CardButton(ClickableFrame):
    """A button with a picture, a title, a description, and an optional last line (`caption`).

    Args:
        theme: the colors and fonts.
        title: a title of one or two words.
        text: a description of one sentence.
        icon: the name of the icon that is the picture unless `show_graph` has set a graph.
        size: the fixed size.
    """

    def __init__(
        self, theme: Theme, title: str, text: str, icon: str = "", size: QSize = CARD_SIZE
    ) -> None:
        super().__init__()
        self._theme, self.title, self._text, self._icon = theme, title, text, icon
        self._size, self._caption = size, ""
        self._thumbnail: Thumbnail | None = None
        self.setText(title)
        self.setFixedSize(size)
        theme.changed.connect(self.update)
        self.show_graph(None, "")

    def show_graph(self, graph: Graph | None, caption: str) -> None:
        """Show a thumbnail of a graph as the picture, and `caption` as the last line."""
        self._thumbnail = Thumbnail(graph, self._theme) if graph is not None else None
        self._caption = caption
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(". ".join(part for part in (self._text, caption) if part))
        self.update()

    def sizeHint(self) -> QSize:
        return self._size

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        self._paint_frame(painter, frame)
        self._paint_picture(painter, QRectF(frame.x(), frame.y(), frame.width(), _PICTURE_HEIGHT))
        self._paint_text(painter, frame.adjusted(_PADDING, _PICTURE_HEIGHT + 12, -_PADDING, -10))
        painter.end()

    def _paint_frame(self, painter: QPainter, frame: QRectF) -> None:
        color = self._theme.color
        border = "accent" if self.has_focus_ring else "outline" if self.underMouse() else "border"
        painter.setBrush(color("raised" if self.isDown() or self.underMouse() else "surface"))
        painter.setPen(QPen(color(border), 2 if self.has_focus_ring else 1))
        painter.drawRoundedRect(frame, 10, 10)

    def _paint_picture(self, painter: QPainter, area: QRectF) -> None:
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("canvas"))
        background = area.adjusted(8, 8, -8, 0)
        painter.drawRoundedRect(background, 6, 6)
        painter.restore()
        if self._thumbnail is not None:
            self._thumbnail.paint(painter, background.adjusted(14, 12, -14, -12))
        elif self._icon:
            rect = QRectF(0, 0, 44, 44)
            rect.moveCenter(background.center())
            icons.paint_icon(painter, self._icon, rect, self._theme.color("accent"))

    def _paint_text(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        top = area.y()
        painter.setPen(theme.color("text"))
        painter.setFont(theme.ui_font(11, bold=True))
        metrics = QFontMetricsF(painter.font())
        title = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(QRectF(area.x(), top, area.width(), metrics.height()), title)
        top += metrics.height() + 3
        caption_height = QFontMetricsF(theme.ui_font(9)).height() if self._caption else 0
        painter.setPen(theme.color("dim"))
        painter.setFont(theme.ui_font(9.5))
        rect = QRectF(area.x(), top, area.width(), area.bottom() - caption_height - top)
        painter.drawText(rect, Qt.TextFlag.TextWordWrap, self._text)
        if self._caption:
            painter.setFont(theme.ui_font(9))
            painter.setPen(theme.color("shape"))
            metrics = QFontMetricsF(painter.font())
            caption = metrics.elidedText(self._caption, Qt.TextElideMode.ElideRight, area.width())
            rect = QRectF(area.x(), area.bottom() - caption_height, area.width(), caption_height)
            painter.drawText(rect, caption)
