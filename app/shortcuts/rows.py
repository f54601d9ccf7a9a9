"""A list of shortcuts and gestures with group headings, and the delegate that paints it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.controls.selection import Index
from app.shortcuts.key_caps import draw_keys, gesture_text, key_caps, width_of
from app.theme.theme import Theme

ROW_ROLE = Qt.ItemDataRole.UserRole
_CUSTOM = "changed"
_GAP = 10
_PADDING = 10
_LINE_HEIGHT = 28
_NEXT_LINE = _LINE_HEIGHT - 6  # pixels from one line of a row to the next


@dataclass(frozen=True)
class ShortcutRow:
    """A row in a list of shortcuts: a keyboard shortcut or a mouse gesture.

    Args:
        group, text, keys, mouse: see `ShortcutAction`.
        id: the id of the action, "" if its keys can't be changed.
        note: a remark, shown below the text.
        is_custom: whether the keys differ from the default ones.
    """

    group: str
    text: str
    keys: tuple[str, ...]
    mouse: str = ""
    id: str = ""
    note: str = ""
    is_custom: bool = False

    def matches(self, words: Sequence[str]) -> bool:
        """Return whether each lower-case word occurs in the group, text or keys of the row."""
        searched = f"{self.group} {self.text} {gesture_text(self.keys, self.mouse)}".casefold()
        return all(word in searched for word in words)


def matching_rows(rows: Iterable[ShortcutRow], text: str) -> list[ShortcutRow]:
    """Return the rows that match a search text; rows with the same `group` are consecutive."""
    words = text.casefold().split()
    groups: dict[str, list[ShortcutRow]] = {}
    for row in rows:
        if row.matches(words):
            groups.setdefault(row.group, []).append(row)
    return [row for members in groups.values() for row in members]


def row_at(index: Index) -> ShortcutRow | None:
    """Return the row at an index of the list, None for a heading."""
    return cast("ShortcutRow | None", index.data(ROW_ROLE)) if index.isValid() else None


class RowList(QListView):
    """A list of rows under the headings of their groups."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(accessibleName="Shortcuts", frameShape=QFrame.Shape.NoFrame)
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_RowDelegate(theme, self))
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        theme.changed.connect(self.viewport().update)

    def set_rows(self, rows: Sequence[ShortcutRow]) -> None:
        """Show these rows, with a heading before each group."""
        self._model.clear()
        group = None
        for row in rows:
            if row.group != group:
                group = row.group
                heading = QStandardItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                self._model.appendRow(heading)
            item = QStandardItem(row.text)
            item.setData(row, ROW_ROLE)
            keys = gesture_text(row.keys, row.mouse)
            item.setData(keys or "No shortcut", Qt.ItemDataRole.AccessibleDescriptionRole)
            item.setToolTip(f"{row.text}: {keys}" if keys else row.text)
            self._model.appendRow(item)

    def index_of(self, action_id: str) -> QModelIndex:
        """Return the model index of an action, an invalid index if the action is not listed."""
        for row in range(self._model.rowCount()):
            index = self._model.index(row, 0)
            shown = row_at(index)
            if shown is not None and shown.id == action_id:
                return index
        return QModelIndex()

    def first(self) -> QModelIndex:
        """Return the model index of the first shortcut. The first row is a heading."""
        return self._model.index(1, 0)

    def content_height(self) -> int:
        """Return the height at which the list shows all rows without scrolling."""
        frame = self.height() - self.viewport().height()
        return frame + sum(self.sizeHintForRow(row) for row in range(self._model.rowCount()))


class _RowDelegate(QStyledItemDelegate):
    """Paints the text of a row on the left and its keys as caps on the right.

    If the keys do not fit next to the text, they are in a second line. A note is the last line.
    """

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        shown = row_at(index)
        if shown is None:
            return QSize(0, _LINE_HEIGHT + (8 if index.row() else 0))
        lines = 1 + (not self._fits(shown)) + bool(shown.note)
        return QSize(0, _LINE_HEIGHT if lines == 1 else _LINE_HEIGHT + (lines - 1) * _NEXT_LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        area = QRect(0, rect.top(), self._view.viewport().width(), rect.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = row_at(index)
        if shown is None:
            top, width = area.bottom() - _LINE_HEIGHT + 1, area.width() - 2 * _PADDING
            line = QRect(_PADDING, top, width, _LINE_HEIGHT)
            painter.setFont(self._theme.ui_font(9, bold=True))
            painter.setPen(self._theme.color("accent"))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), str(index.data()))
        else:
            self._draw_background(painter, area, option.state)
            self._draw_row(painter, area.adjusted(_PADDING, 0, -_PADDING, 0), shown)
        painter.restore()

    def _draw_background(self, painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
        if not state & QStyle.StateFlag.State_Selected:
            return
        painter.setPen(self._theme.color("accent" if self._view.hasFocus() else "selected"))
        painter.setBrush(self._theme.color("selected"))
        painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 5, 5)

    def _draw_row(self, painter: QPainter, area: QRect, shown: ShortcutRow) -> None:
        keys = key_caps(shown.keys, shown.mouse)
        line = QRect(area.left(), area.top(), area.width(), _LINE_HEIGHT)
        painter.setFont(self._theme.ui_font(10))
        painter.setPen(self._theme.color("text"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), shown.text)
        if shown.is_custom:
            offset = painter.fontMetrics().horizontalAdvance(shown.text) + _GAP
            painter.setFont(self._theme.ui_font(8.5))
            painter.setPen(self._theme.color("accent"))
            rest = line.adjusted(offset, 0, 0, 0)
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), _CUSTOM)
        if not self._fits(shown):
            line.translate(0, _NEXT_LINE)
        draw_keys(painter, self._theme, keys, QRectF(line))
        if shown.note:
            line.translate(0, _NEXT_LINE)
            painter.setFont(self._theme.ui_font(8.5))
            painter.setPen(self._theme.color("dim"))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), shown.note)

    def _fits(self, shown: ShortcutRow) -> bool:
        text_width = QFontMetrics(self._theme.ui_font(10)).horizontalAdvance(shown.text)
        if shown.is_custom:
            text_width += _GAP + QFontMetrics(self._theme.ui_font(8.5)).horizontalAdvance(_CUSTOM)
        keys_width = width_of(key_caps(shown.keys, shown.mouse), self._theme)
        return text_width + 16 + keys_width <= self._view.viewport().width() - 2 * _PADDING
