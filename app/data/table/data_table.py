"""The table of the data: its rows, and over them the columns, which can be chosen and dragged."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDrag,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from app.data.table.column_header import ColumnHeader
from app.data.table.table_model import TableModel
from app.documents.column_mapping import COLUMNS_MIME, describe_columns, encode_columns
from app.documents.table_contents import TableContents
from app.theme.theme import Theme

_WIDTH, _LEAST, _ROW = 176, 120, 24  # pixels
_ROWS = 2  # that are seen at least
_CARD = (220, 28)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class DataTable(QTableView):
    """Rows of the data; columns are what is chosen.

    Signals:
        chosen_changed: other columns are chosen.
        feed_asked: Enter was pressed: the chosen columns shall feed a node.
        menu_asked: a menu for the chosen columns is wanted at a place of the screen.
    """

    chosen_changed = Signal()
    feed_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows = TableModel(theme, self)
        self.setModel(self.rows)
        self.setObjectName("data-table")
        self.setAccessibleName("Rows of the data")
        self.columns = ColumnHeader(theme, self)
        self.columns.setObjectName("data-columns")
        self.columns.setAccessibleName("Columns of the data")
        self.setHorizontalHeader(self.columns)
        self.columns.setDefaultSectionSize(_WIDTH)
        self.columns.setMinimumSectionSize(_LEAST)
        self.columns.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.verticalHeader().setSectionResizeMode(self.verticalHeader().ResizeMode.Fixed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectColumns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setProperty("role", "plain")
        self.columns.dragged.connect(self._on_dragged)
        self.columns.customContextMenuRequested.connect(self._on_header_menu_requested)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def minimumSizeHint(self) -> QSize:
        """Ask for some rows below the columns' heads; else a room would show none."""
        head, bar = self.columns.sizeHint().height(), self.horizontalScrollBar().sizeHint().height()
        return QSize(super().minimumSizeHint().width(), head + bar + _ROWS * _ROW)

    def show_contents(self, contents: TableContents | None) -> None:
        """Show what is known of the data; the same columns stay chosen."""
        before = self.rows.names
        self.rows.show_contents(contents)
        if self.rows.names and self.rows.names != before:
            at = self.rows.index(0, 0)
            self.selectionModel().setCurrentIndex(at, QItemSelectionModel.SelectionFlag.NoUpdate)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the chosen columns, in the table's order."""
        names = self.rows.names
        chosen = self.selectionModel().selectedColumns() if self.rows.rowCount() else []
        return tuple(names[at] for at in sorted(index.column() for index in chosen))

    def choose(self, columns: Sequence[str]) -> None:
        """Choose these columns and no others, and bring the first into sight."""
        places = [at for at, name in enumerate(self.rows.names) if name in set(columns)]
        last = self.rows.rowCount() - 1
        chosen = QItemSelection()
        for at in places:
            chosen.select(self.rows.index(0, at), self.rows.index(last, at))
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flag.ClearAndSelect)
        if places:
            first = self.rows.index(max(0, self.rowAt(0)), places[0])  # rows stay where they are
            self.selectionModel().setCurrentIndex(first, flag.NoUpdate)
            self.scrollTo(first)

    def menu_place(self) -> QPoint:
        """Return where a menu of the chosen columns stands that was asked for by keys."""
        at = max(0, self.currentIndex().column())
        left = self.columns.sectionViewportPosition(at)
        return self.columns.viewport().mapToGlobal(QPoint(left + 12, self.columns.height() - 6))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter ask which node the chosen columns shall feed."""
        if event.key() in _ENTER and self.chosen:
            self.feed_asked.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the column under the pointer, or of those that are chosen."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            at, section = self.menu_place(), self.currentIndex().column()
        else:
            at, section = event.globalPos(), self.columnAt(event.pos().x())
        self._ask_menu(section, at)

    def _on_header_menu_requested(self, at: QPoint) -> None:
        section = self.columns.logicalIndexAt(at)
        self._ask_menu(section, self.columns.viewport().mapToGlobal(at))

    def _ask_menu(self, section: int, at: QPoint) -> None:
        if not 0 <= section < len(self.rows.names):
            return
        if self.rows.names[section] not in self.chosen:
            self.choose([self.rows.names[section]])
        self.menu_asked.emit(at)

    def _on_selection_changed(self) -> None:
        self.columns.viewport().update()
        self.chosen_changed.emit()

    def _on_dragged(self) -> None:
        """Hang a small card with the chosen columns on the pointer."""
        if not self.chosen:
            return
        data = QMimeData()
        data.setData(COLUMNS_MIME, encode_columns(self.chosen))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self._card(describe_columns(self.chosen)))
        drag.setHotSpot(QPoint(12, 14))
        drag.exec(Qt.DropAction.CopyAction)

    def _card(self, text: str) -> QPixmap:
        width, height = _CARD
        font = self._theme.ui_font(9.5)
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        width = min(width, metrics.horizontalAdvance(text) + 24)
        ratio = self.devicePixelRatioF()
        card = QPixmap(round(width * ratio), round(height * ratio))
        card.setDevicePixelRatio(ratio)
        card.fill(Qt.GlobalColor.transparent)
        painter = QPainter(card)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.family_color("io")))
        painter.drawRoundedRect(QRect(0, 0, width, height), 7, 7)
        painter.setFont(font)
        painter.setPen(self._theme.color("on_family"))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width - 20)
        painter.drawText(
            QRect(12, 0, width - 20, height), int(Qt.AlignmentFlag.AlignVCenter), shown
        )
        painter.end()
        return card
