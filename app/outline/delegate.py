"""Paints a row of the outline: icon and name, kind, output shape and the worst finding; renames."""

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

from app.outline.model import Index, OutlineModel
from app.text.layer_search import layer_icon
from app.text.node_names import node_name_error
from app.text.phrases import count_noun, plain_tooltip
from app.theme.icons import icon_pixmap
from app.theme.style import set_property
from app.theme.theme import SEVERITY_TOKENS, Theme
from engine.check.report import Report
from engine.check.shapes import MAIN
from engine.core.diagnostic import Severity
from engine.diagram.captions import chip
from engine.graph.view import Frame

HEIGHT = 26
ICON = 16
PAD = 6
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.TextElideMode.ElideRight
_RANK: tuple[Severity, ...] = ("info", "warning", "error")
_TAKEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


class OutlineDelegate(QStyledItemDelegate):
    """Draws nodes, wires and group titles for one view."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._of: Report | None = None
        self._worst: dict[str | None, Severity] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, HEIGHT)

    def createEditor(
        self, parent: QWidget | None, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        editor = super().createEditor(parent, option, index)
        if isinstance(editor, QLineEdit):
            model = cast(OutlineModel, index.model())
            name = model.node_at(index)
            editor.setAccessibleName("New name" if name else "New title")
            if name:
                editor.textEdited.connect(partial(_judge, editor, model, name))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        super().setEditorData(editor, index)
        if isinstance(editor, QLineEdit):
            editor.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the field open, and say why, while its text can't be a name."""
        reason = watched.accessibleDescription() if isinstance(watched, QLineEdit) else ""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if reason and pressed and cast(QKeyEvent, event).key() in _TAKEN:
            field = cast(QLineEdit, watched)
            place = field.mapToGlobal(field.rect().bottomLeft())
            QToolTip.showText(place, plain_tooltip(reason), field)
            return True
        return super().eventFilter(watched, event)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        editor.setGeometry(option.rect.adjusted(ICON + PAD, 0, 0, 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, option)
        model = cast(OutlineModel, index.model())
        link, name = model.link_at(index), model.node_at(index)
        if link is not None:
            mark = "left" if link.kind == "from" else "right" if link.kind == "to" else "disconnect"
            self._icon(painter, option.rect, mark, "dim")
            ink = "text" if link.other else "warning" if "no wire" in link.text else "dim"
            rest = option.rect.adjusted(ICON + PAD, 0, -PAD, 0)
            self._text(painter, rest, str(link), self._theme.ui_font(), self._theme.color(ink))
        elif name:
            self._paint_node(painter, option.rect, model.report, name)
        elif frame := model.frame_at(index):
            self._paint_frame(painter, option.rect, frame)
        else:
            self._paint_group(painter, option.rect, index)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, self._theme.color("selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, self._theme.color("raised"))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_group(self, painter: QPainter, rect: QRect, index: Index) -> None:
        ink, count = self._theme.color("dim"), index.model().rowCount(index)
        used = self._text(painter, rect, str(index.data()), self._theme.ui_font(9, bold=True), ink)
        rest = rect.adjusted(used + PAD, 0, 0, 0)
        self._text(painter, rest, str(count), self._theme.mono_font(8.5), ink)

    def _paint_node(self, painter: QPainter, rect: QRect, report: Report, name: str) -> None:
        graph = report.project.graph
        if name not in graph:
            return
        node = graph[name]
        kind = graph.weight_owner(node).kind
        mark, token = layer_icon(kind)
        self._icon(painter, rect, mark, "dim" if node.off else token)
        rest = rect.adjusted(ICON + PAD, 0, -PAD, 0)
        rest = self._paint_finding(painter, rest, report, name)
        ink = self._theme.color("dim" if node.off else "text")
        used = self._text(painter, rest, name, self._theme.ui_font(bold=True), ink)
        rest = rest.adjusted(used + PAD, 0, 0, 0)
        rest = self._paint_shape(painter, rest, report, name)
        said = "bypassed" if node.off else kind
        self._text(painter, rest, said, self._theme.ui_font(9), self._theme.color("dim"))

    def _paint_frame(self, painter: QPainter, rect: QRect, frame: Frame) -> None:
        self._icon(painter, rect, "frame", "dim")
        rest = rect.adjusted(ICON + PAD, 0, -PAD, 0)
        ink = self._theme.color("text")
        used = self._text(painter, rest, frame.title, self._theme.ui_font(bold=True), ink)
        said = count_noun(len(frame.nodes), "node") + (" · collapsed" if frame.collapsed else "")
        rest = rest.adjusted(used + PAD, 0, 0, 0)
        self._text(painter, rest, said, self._theme.ui_font(9), self._theme.color("dim"))

    def _paint_finding(self, painter: QPainter, rect: QRect, report: Report, name: str) -> QRect:
        if self._of is not report:
            self._of = report
            ranked = sorted(report.diagnostics, key=lambda found: _RANK.index(found.severity))
            self._worst = {found.node: found.severity for found in ranked}
        severity = self._worst.get(name)
        if severity is None:
            return rect
        at = QPointF(rect.right() - ICON + 1, rect.center().y() - ICON / 2 + 1)
        painter.drawPixmap(at, icon_pixmap(self._theme, severity, SEVERITY_TOKENS[severity], ICON))
        return rect.adjusted(0, 0, -ICON - PAD, 0)

    def _paint_shape(self, painter: QPainter, rect: QRect, report: Report, name: str) -> QRect:
        """Paint what leaves a node at the right, briefly, and answer what is left of the row."""
        spec = report.shapes.outs.get(name, {}).get(MAIN)
        if spec is None:
            return rect
        font = self._theme.mono_font(8.5)
        metrics = QFontMetrics(font)
        text = metrics.elidedText(chip(spec), _RIGHT, rect.width())
        left = rect.right() - metrics.horizontalAdvance(text)
        ink = self._theme.color("shape")
        self._text(painter, QRect(left, rect.top(), rect.width(), rect.height()), text, font, ink)
        return rect.adjusted(0, 0, left - rect.right() - 2 * PAD, 0)

    def _icon(self, painter: QPainter, rect: QRect, name: str, token: str) -> None:
        at = QPointF(rect.left(), rect.center().y() - ICON / 2 + 1)
        painter.drawPixmap(at, icon_pixmap(self._theme, name, token, ICON))

    def _text(self, painter: QPainter, rect: QRect, text: str, font: QFont, ink: QColor) -> int:
        """Draw a line of text, cut where it does not fit, and answer how wide it is."""
        metrics = QFontMetrics(font)
        if rect.width() < metrics.averageCharWidth() * 3:
            return 0
        shown = metrics.elidedText(text, _RIGHT, rect.width())
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(rect, _MIDDLE, shown)
        return metrics.horizontalAdvance(shown)


def _judge(editor: QLineEdit, model: OutlineModel, name: str, text: str) -> None:
    """Let a field be red while its text can't be a node's name, and tell a screen reader why."""
    reason = node_name_error(model.report.project.graph, name, text)
    editor.setAccessibleDescription(reason)
    set_property(editor, "invalid", bool(reason))
