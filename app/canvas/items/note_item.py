"""The graphics item of a note: a card with plain text, and dashed lines to its nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneHoverEvent

from app.canvas.drawing.pens import CanvasStyle, canvas_style
from app.canvas.drawing.text_fit import TextRun, draw_text, wrap_text
from app.canvas.items.item_revision import item_revision
from app.canvas.items.level_of_detail import detail_level_at
from app.theme.theme import Theme
from engine.diagram.alignment import edge_point
from engine.graph.notes import Note

NOTE_PADDING, NOTE_FONT_SIZE, NOTE_LINE_HEIGHT = 10, 12, 16
EDGE_WIDTH = 8  # of the right edge, which is dragged to change the width
_FONT, _RADIUS, _MARGIN = "label", 4.0, 3.0
_BETWEEN_WIRES_AND_NODES = 0
_FLAGS = QGraphicsItem.GraphicsItemFlag


class NoteItem(QGraphicsItem):
    """The item of a note. Its height follows from its text and its width."""

    def __init__(self, theme: Theme, note: Note) -> None:
        super().__init__()
        self._style: CanvasStyle = canvas_style(theme)
        self.connectors: tuple[QLineF, ...] = ()  # in item coordinates
        self.setZValue(_BETWEEN_WIRES_AND_NODES)
        self.setFlags(_FLAGS.ItemIsSelectable | _FLAGS.ItemSendsGeometryChanges)
        self.setAcceptHoverEvents(True)
        self.note = note
        self.set_note(note)

    @property
    def scene_rect(self) -> QRectF:
        """The box of the note in scene coordinates, without the lines to nodes."""
        return self._box.translated(self.pos())

    def set_note(self, note: Note) -> None:
        """Show another state of the note, at the position in the document."""
        self.note = note
        self.set_width(note.width)
        self.setPos(*note.at)
        self.update()

    def set_width(self, width: float) -> None:
        """Wrap the text at another width, also while the edge is dragged."""
        self.prepareGeometryChange()
        self._lines = wrap_text(_FONT, self.note.text, width - 2 * NOTE_PADDING)
        self._box = QRectF(0, 0, width, len(self._lines) * NOTE_LINE_HEIGHT + 2 * NOTE_PADDING)
        item_revision.increment()

    def set_connectors(self, rects: Iterable[QRectF]) -> None:
        """Draw lines to these scene rectangles."""
        box = self.scene_rect
        own = box.getRect()
        connectors = tuple(
            QLineF(*edge_point(own, other), *edge_point(other, own)).translated(-self.pos())
            for rect in rects
            if not box.intersects(rect) and (other := rect.getRect())
        )
        if connectors != self.connectors:
            self.prepareGeometryChange()
            self.connectors = connectors
            self.update()

    def is_at_edge(self, point: QPointF) -> bool:
        """Return whether a scene point is at the right edge of the box."""
        return self.scene_rect.right() - point.x() <= EDGE_WIDTH

    def boundingRect(self) -> QRectF:
        bounds = self._box
        for line in self.connectors:
            bounds = bounds | QRectF(line.p1(), line.p2()).normalized()
        return bounds.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def shape(self) -> QPainterPath:
        """Return the box, without the lines."""
        path = QPainterPath()
        path.addRect(self._box)
        return path

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        if self.is_at_edge(event.scenePos()):
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            self.unsetCursor()

    def itemChange(self, change: Any, value: Any) -> Any:
        item_revision.increment_on(change)
        return super().itemChange(change, value)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        style, level = self._style, detail_level_at(painter.worldTransform().m11())
        painter.setPen(style.note_connector_pen)
        painter.drawLines(self.connectors)
        painter.setPen(style.selected_pen if self.isSelected() else style.note_pen)
        painter.setBrush(style.note_brush)
        painter.drawRoundedRect(self._box, _RADIUS, _RADIUS)
        font, size, lines = _FONT, float(NOTE_FONT_SIZE), self._lines
        height = self._box.height() - 2 * NOTE_PADDING
        if level is not None:
            font, size = level.caption_font, level.font_size
            line_count = max(1, int(height / (size * 1.25)))
            width = self._box.width() - 2 * NOTE_PADDING
            text = "\n".join(filter(str.strip, self.note.text.splitlines()))
            lines = wrap_text(font, text, width, line_count)
        step = NOTE_LINE_HEIGHT if level is None else min(height / len(lines), size * 1.25)
        painter.setPen(style.text)
        for number, line in enumerate(lines):
            baseline = NOTE_PADDING + number * step + step / 2 + size * 0.36
            draw_text(painter, font, TextRun(line, QPointF(NOTE_PADDING, baseline)))
