"""The "How it works" strip: three illustrated steps."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, row_layout
from app.theme import icons
from app.theme.theme import Theme

_SIZE = QSize(264, 110)
_STEPS = (
    ("1  Add layers", "Drag them from the list, or press Tab on the canvas and type a name."),
    ("2  Connect them", "Drag a wire between nodes. Incompatible wires show the reason."),
    ("3  Train", "Choose your data, press Train, and watch the loss of each output."),
)


class HowItWorks(QWidget):
    """A row of three illustrated steps: add layers, connect them, train."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        row = row_layout(parent=self, spacing=16)
        for index, (title, text) in enumerate(_STEPS):
            heading, description = plain_label(title, wrap=False), plain_label(text, "dim")
            heading.setFont(theme.ui_font(10, bold=True))
            description.setFixedWidth(_SIZE.width())
            picture = _Illustration(theme, index)
            row.addLayout(column_layout(picture, heading, description, None, spacing=6))
        row.addStretch(1)


class _Illustration(QWidget):
    def __init__(self, theme: Theme, index: int) -> None:
        super().__init__()
        self._theme, self._index = theme, index
        self.setFixedSize(_SIZE)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("border"), 1))
        painter.setBrush(self._theme.color("canvas"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        (self._paint_add, self._paint_connect, self._paint_train)[self._index](painter)
        painter.end()

    def _paint_add(self, painter: QPainter) -> None:
        theme = self._theme
        painter.setPen(QPen(theme.color("border"), 1))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(QRectF(14, 14, 78, 82), 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        for row, family in enumerate(("io", "dense", "conv", "merge")):
            painter.setBrush(theme.family_color(family))
            painter.drawRoundedRect(QRectF(22, 23 + 18 * row, 10, 10), 2.5, 2.5)
            painter.setBrush(theme.color("outline"))
            painter.drawRoundedRect(QRectF(38, 26 + 18 * row, (40, 34, 44, 30)[row], 4), 2, 2)
        painter.setPen(QPen(theme.color("accent"), 1.6, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        path = QPainterPath(QPointF(84, 46))
        path.cubicTo(QPointF(120, 40), QPointF(126, 56), QPointF(158, 55))
        painter.drawPath(path)
        self._paint_box(painter, QRectF(160, 36, 76, 38), "dense")
        self._paint_pointer(painter, QPointF(222, 62))

    def _paint_connect(self, painter: QPainter) -> None:
        theme = self._theme
        left, right = QRectF(30, 18, 76, 38), QRectF(160, 52, 76, 38)
        start, end = QPointF(106, 37), QPointF(160, 71)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(34, 0), end - QPointF(34, 0), end)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        self._paint_box(painter, left, "io")
        self._paint_box(painter, right, "conv")
        painter.setPen(QPen(theme.color("canvas"), 1.5))
        painter.setBrush(theme.color("accent"))
        for center in (start, end):
            painter.drawEllipse(center, 5, 5)
        self._paint_pointer(painter, end + QPointF(1, 2))

    def _paint_train(self, painter: QPainter) -> None:
        theme = self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("success"))
        painter.drawRoundedRect(QRectF(18, 40, 62, 28), 6, 6)
        icons.paint_icon(painter, "play", QRectF(40, 45, 18, 18), theme.color("on_status"))
        painter.setPen(QPen(theme.color("border"), 1.2))
        painter.drawLine(QPointF(100, 92), QPointF(246, 92))
        painter.drawLine(QPointF(100, 18), QPointF(100, 92))
        curves = (("accent", Qt.PenStyle.SolidLine), ("warning", Qt.PenStyle.DashLine))
        for index, (token, style) in enumerate(curves):
            painter.setPen(QPen(theme.color(token), 2, style))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            path = QPainterPath(QPointF(104, 26 + 12 * index))
            low = 82 - 13 * index
            path.cubicTo(QPointF(130, low - 8), QPointF(170, low), QPointF(242, low))
            painter.drawPath(path)

    def _paint_box(self, painter: QPainter, box: QRectF, family: str) -> None:
        theme = self._theme
        painter.setPen(QPen(theme.color("outline"), 1))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(box, 6, 6)
        head = QPainterPath()
        head.addRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        clip = QPainterPath()
        clip.addRect(QRectF(box.x(), box.y(), box.width(), 15))
        painter.fillPath(head.intersected(clip), theme.family_color(family))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("outline"))
        painter.drawRoundedRect(QRectF(box.x() + 9, box.y() + 23, 40, 4), 2, 2)

    def _paint_pointer(self, painter: QPainter, tip: QPointF) -> None:
        shape = ((0, 0), (0, 15), (4, 11.5), (6.5, 17), (9, 16), (6.5, 10.5), (11.5, 10.5))
        path = QPainterPath(tip)
        for x, y in shape[1:]:
            path.lineTo(tip + QPointF(x, y))
        path.closeSubpath()
        painter.setPen(QPen(QColor("#ffffff"), 1.2))
        painter.setBrush(QColor("#151a23"))
        painter.drawPath(path)
