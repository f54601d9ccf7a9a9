"""Paints the rows of the outline: icon, name, layer type, output shape and worst diagnostic."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from app.controls.selection import Index
from app.outline.model import OutlineModel
from app.text.layer_search import layer_icon
from app.text.node_names import node_name_error
from app.text.phrases import plain_tooltip
from app.theme.icons import icon_pixmap
from app.theme.style import set_property
from app.theme.theme import SEVERITY_TOKENS, Theme
from engine.check.report import Report
from engine.check.shapes import MAIN_OUTPUT
from engine.core.diagnostic import Severity
from engine.core.formatting.counts import count_noun
from engine.diagram.captions import shape_label

ROW_HEIGHT = 26
ICON_SIZE = 16
PADDING = 6
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_ELIDE_RIGHT = Qt.TextElideMode.ElideRight
_SEVERITY_ORDER: tuple[Severity, ...] = ("info", "warning", "error")
_WIRE_ICONS = {"from": "left", "to": "right", "loose": "disconnect", "end": "disconnect"}
_COMMIT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class OutlineDelegate(QStyledItemDelegate):
    """A delegate that paints nodes, wires and group titles, and edits names."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._ranked_report: Report | None = None
        self._worst_severities: dict[str | None, Severity] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ROW_HEIGHT)

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            model = cast(OutlineModel, index.model())
            name = model.node_at(index)
            editor.setAccessibleName("New name" if name else "New title")
            if name:
                editor.textEdited.connect(partial(_validate_name, editor, model, name))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        super().setEditorData(editor, index)
        if isinstance(editor, QLineEdit):
            editor.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """If Enter or Tab is pressed to commit an invalid name, show its error and keep editing."""
        error = watched.accessibleDescription() if isinstance(watched, QLineEdit) else ""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if error and pressed and cast(QKeyEvent, event).key() in _COMMIT_KEYS:
            field = cast(QLineEdit, watched)
            position = field.mapToGlobal(field.rect().bottomLeft())
            QToolTip.showText(position, plain_tooltip(error), field)
            return True
        return super().eventFilter(watched, event)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        editor.setGeometry(option.rect.adjusted(ICON_SIZE + PADDING, 0, 0, 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_background(painter, option)
        model = cast(OutlineModel, index.model())
        wire_row, name = model.wire_row_at(index), model.node_at(index)
        if wire_row is not None:
            self._paint_icon(painter, option.rect, _WIRE_ICONS[wire_row.kind], "dim")
            unwired = "warning" if "not connected" in wire_row.text else "dim"
            color = self._theme.color("text" if wire_row.other_node else unwired)
            rest = option.rect.adjusted(ICON_SIZE + PADDING, 0, -PADDING, 0)
            self._paint_text(painter, rest, str(wire_row), self._theme.ui_font(), color)
        elif name:
            self._paint_node(painter, option.rect, model.report, name)
        elif frame := model.frame_at(index):
            caption = count_noun(len(frame.nodes), "node")
            caption += " · collapsed" if frame.collapsed else ""
            self._paint_titled(painter, option.rect, "frame", frame.title, caption)
        elif note := model.note_at(index):
            self._paint_titled(painter, option.rect, "note", note.title, ", ".join(note.nodes))
        else:
            self._paint_group(painter, option.rect, index)
        painter.restore()

    def _paint_background(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, self._theme.color("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, self._theme.color("raised"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_group(self, painter: QPainter, rect: QRect, index: Index) -> None:
        color, count = self._theme.color("dim"), index.model().rowCount(index)
        font = self._theme.ui_font(9, bold=True)
        width = self._paint_text(painter, rect, str(index.data()), font, color)
        rest = rect.adjusted(width + PADDING, 0, 0, 0)
        self._paint_text(painter, rest, str(count), self._theme.mono_font(8.5), color)

    def _paint_node(self, painter: QPainter, rect: QRect, report: Report, name: str) -> None:
        graph = report.project.graph
        if name not in graph:
            return
        node = graph[name]
        kind = graph.weight_owner(node).kind
        icon, token = layer_icon(kind)
        self._paint_icon(painter, rect, icon, "dim" if node.off else token)
        rest = rect.adjusted(ICON_SIZE + PADDING, 0, -PADDING, 0)
        rest = self._paint_severity(painter, rest, report, name)
        color = self._theme.color("dim" if node.off else "text")
        width = self._paint_text(painter, rest, name, self._theme.ui_font(bold=True), color)
        rest = rest.adjusted(width + PADDING, 0, 0, 0)
        rest = self._paint_shape(painter, rest, report, name)
        caption = "bypassed" if node.off else kind
        self._paint_text(painter, rest, caption, self._theme.ui_font(9), self._theme.color("dim"))

    def _paint_titled(
        self, painter: QPainter, rect: QRect, icon: str, title: str, caption: str
    ) -> None:
        self._paint_icon(painter, rect, icon, "dim")
        rest = rect.adjusted(ICON_SIZE + PADDING, 0, -PADDING, 0)
        color = self._theme.color("text")
        width = self._paint_text(painter, rest, title, self._theme.ui_font(bold=True), color)
        rest = rest.adjusted(width + PADDING, 0, 0, 0)
        self._paint_text(painter, rest, caption, self._theme.ui_font(9), self._theme.color("dim"))

    def _paint_severity(self, painter: QPainter, rect: QRect, report: Report, name: str) -> QRect:
        if self._ranked_report is not report:
            self._ranked_report = report
            rank = _SEVERITY_ORDER.index
            ranked = sorted(report.diagnostics, key=lambda item: rank(item.severity))
            # `ranked` ends with the worst severity, which replaces the others of the same node.
            self._worst_severities = {item.node: item.severity for item in ranked}
        severity = self._worst_severities.get(name)
        if severity is None:
            return rect
        position = QPointF(rect.right() - ICON_SIZE + 1, rect.center().y() - ICON_SIZE / 2 + 1)
        pixmap = icon_pixmap(self._theme, severity, SEVERITY_TOKENS[severity], ICON_SIZE)
        painter.drawPixmap(position, pixmap)
        return rect.adjusted(0, 0, -ICON_SIZE - PADDING, 0)

    def _paint_shape(self, painter: QPainter, rect: QRect, report: Report, name: str) -> QRect:
        """Paint the output shape of node `name` at the right of `rect`; return the free part."""
        spec = report.shapes.outputs.get(name, {}).get(MAIN_OUTPUT)
        if spec is None:
            return rect
        font = self._theme.mono_font(8.5)
        metrics = QFontMetrics(font)
        text = metrics.elidedText(shape_label(spec), _ELIDE_RIGHT, rect.width())
        left = rect.right() - metrics.horizontalAdvance(text)
        area = QRect(left, rect.top(), rect.width(), rect.height())
        self._paint_text(painter, area, text, font, self._theme.color("shape"))
        return rect.adjusted(0, 0, left - rect.right() - 2 * PADDING, 0)

    def _paint_icon(self, painter: QPainter, rect: QRect, name: str, token: str) -> None:
        position = QPointF(rect.left(), rect.center().y() - ICON_SIZE / 2 + 1)
        painter.drawPixmap(position, icon_pixmap(self._theme, name, token, ICON_SIZE))

    def _paint_text(
        self, painter: QPainter, rect: QRect, text: str, font: QFont, color: QColor
    ) -> int:
        """Draw a line of text, elided to the rectangle, and return its width."""
        metrics = QFontMetrics(font)
        if rect.width() < metrics.averageCharWidth() * 3:
            return 0
        elided = metrics.elidedText(text, _ELIDE_RIGHT, rect.width())
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(rect, _MIDDLE, elided)
        return metrics.horizontalAdvance(elided)


def _validate_name(editor: QLineEdit, model: OutlineModel, name: str, text: str) -> None:
    """Check the text of a name editor; mark the editor if node `name` can't have this new name."""
    error = node_name_error(model.report.project.graph, name, text)
    editor.setAccessibleDescription(error)
    set_property(editor, "invalid", bool(error))
