"""Rows of gestures under the headings of their groups: the model of them, and their painting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.shortcuts.key_caps import Piece, draw, pieces, spoken, width_of
from app.theme.theme import Theme

SHOWN = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_OWN = "changed"
_GAP = 10
_PAD = 10
_LINE = 28


@dataclass(frozen=True)
class Shown:
    """A gesture as it is listed.

    Args:
        group, text, keys, mouse: see `keymap.Row`.
        id: of the action behind it, "" if there is none to change.
        note: a remark in a second line.
        own: its keys are not the default ones.
    """

    group: str
    text: str
    keys: tuple[str, ...]
    mouse: str = ""
    id: str = ""
    note: str = ""
    own: bool = False

    def has(self, words: Sequence[str]) -> bool:
        """Return whether all words of a search stand in it."""
        told = f"{self.group} {self.text} {spoken(self.keys, self.mouse)}".casefold()
        return all(word in told for word in words)


def found_in(rows: Iterable[Shown], text: str) -> list[Shown]:
    """Return the rows that a search finds, those of one group together."""
    words = text.casefold().split()
    groups: dict[str, list[Shown]] = {}
    for row in rows:
        if row.has(words):
            groups.setdefault(row.group, []).append(row)
    return [row for members in groups.values() for row in members]


def shown_at(index: Index) -> Shown | None:
    """Return the gesture at a place of a list, None at a heading."""
    return cast("Shown | None", index.data(SHOWN)) if index.isValid() else None


class RowList(QListView):
    """A list of gestures under headings."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._rows = QStandardItemModel(self)
        self.setModel(self._rows)
        self.setItemDelegate(_RowDelegate(theme, self))
        self.setAccessibleName("Shortcuts")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        theme.changed.connect(self.viewport().update)

    def set_rows(self, rows: Sequence[Shown]) -> None:
        """List these, a heading before each group."""
        self._rows.clear()
        group = None
        for row in rows:
            if row.group != group:
                group = row.group
                heading = QStandardItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                self._rows.appendRow(heading)
            item = QStandardItem(row.text)
            item.setData(row, SHOWN)
            told = spoken(row.keys, row.mouse) or "no keys"
            item.setData(told, Qt.ItemDataRole.AccessibleDescriptionRole)
            item.setToolTip(f"{row.text}: {told}")
            self._rows.appendRow(item)

    def index_of(self, action_id: str) -> QModelIndex:
        """Return the place of an action, none if it is not listed."""
        for row in range(self._rows.rowCount()):
            index = self._rows.index(row, 0)
            shown = shown_at(index)
            if shown is not None and shown.id == action_id:
                return index
        return QModelIndex()

    def first(self) -> QModelIndex:
        """Return the place of the first gesture: the first row is a heading."""
        return self._rows.index(1, 0)

    def whole_height(self) -> int:
        """Return how tall the list is without scrolling."""
        around = self.height() - self.viewport().height()
        return around + sum(self.sizeHintForRow(row) for row in range(self._rows.rowCount()))


class _RowDelegate(QStyledItemDelegate):
    """Paints what a gesture does at the left, and its keys as caps at the right."""

    def __init__(self, theme: Theme, view: QListView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        shown = shown_at(index)
        if shown is None:
            return QSize(0, _LINE + (8 if index.row() else 0))
        lines = 1 + (not self._fits(shown)) + bool(shown.note)
        return QSize(0, _LINE if lines == 1 else _LINE + (lines - 1) * (_LINE - 6))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        place = QRect(0, rect.top(), self._view.viewport().width(), rect.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = shown_at(index)
        if shown is None:
            line = QRect(_PAD, place.bottom() - _LINE + 1, place.width() - 2 * _PAD, _LINE)
            painter.setFont(self._theme.ui_font(9, bold=True))
            painter.setPen(self._theme.color("accent"))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), str(index.data()))
        else:
            self._draw_ground(painter, place, option)
            self._draw_row(painter, place.adjusted(_PAD, 0, -_PAD, 0), shown)
        painter.restore()

    def _draw_ground(self, painter: QPainter, place: QRect, option: QStyleOptionViewItem) -> None:
        state: QStyle.StateFlag = option.state
        if not state & QStyle.StateFlag.State_Selected:
            return
        painter.setPen(self._theme.color("accent" if self._view.hasFocus() else "selected"))
        painter.setBrush(self._theme.color("selected"))
        painter.drawRoundedRect(place.adjusted(2, 1, -2, -1), 5, 5)

    def _draw_row(self, painter: QPainter, place: QRect, shown: Shown) -> None:
        keys = pieces(shown.keys, shown.mouse) or [Piece("no keys", cap=False)]
        line = QRect(place.left(), place.top(), place.width(), _LINE)
        painter.setFont(self._theme.ui_font(10))
        painter.setPen(self._theme.color("text"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), shown.text)
        if shown.own:
            after = painter.fontMetrics().horizontalAdvance(shown.text) + _GAP
            painter.setFont(self._theme.ui_font(8.5))
            painter.setPen(self._theme.color("accent"))
            beside = line.adjusted(after, 0, 0, 0)
            painter.drawText(beside, int(Qt.AlignmentFlag.AlignVCenter), _OWN)
        if not self._fits(shown):
            line.translate(0, _LINE - 6)
        draw(painter, self._theme, keys, QRectF(line))
        if shown.note:
            line.translate(0, _LINE - 6)
            painter.setFont(self._theme.ui_font(8.5))
            painter.setPen(self._theme.color("dim"))
            painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), shown.note)

    def _fits(self, shown: Shown) -> bool:
        """Return whether words and keys stand side by side."""
        words = QFontMetrics(self._theme.ui_font(10)).horizontalAdvance(shown.text)
        if shown.own:
            words += _GAP + QFontMetrics(self._theme.ui_font(8.5)).horizontalAdvance(_OWN)
        keys = width_of(pieces(shown.keys, shown.mouse), self._theme)
        return words + 16 + keys <= self._view.viewport().width() - 2 * _PAD
