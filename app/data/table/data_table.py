"""The table view of the data; columns can be selected and dragged onto the canvas."""

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

_COLUMN_WIDTH, _MIN_COLUMN_WIDTH, _ROW_HEIGHT = 176, 120, 24  # pixels
_MIN_ROWS = 2  # visible at the minimum height
_DRAG_CARD_SIZE = (220, 28)
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class DataTable(QTableView):
    """A table of the rows of the data, in which whole columns are selected.

    Signals:
        selection_changed: other columns are selected.
        assign_requested: Enter was pressed, to assign the selected columns to a node.
        menu_requested: a context menu of the selected columns, at a global position.
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
        self.columns.setDefaultSectionSize(_COLUMN_WIDTH)
        self.columns.setMinimumSectionSize(_MIN_COLUMN_WIDTH)
        self.columns.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
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
        """Return a size that shows some rows below the high header."""
        header = self.columns.sizeHint().height()
        scroll_bar = self.horizontalScrollBar().sizeHint().height()
        return QSize(
            super().minimumSizeHint().width(), header + scroll_bar + _MIN_ROWS * _ROW_HEIGHT
        )

    def show_contents(self, contents: TableContents | None) -> None:
        """Show the data as far as it is read; the selection of the same columns is kept."""
        previous_names = self.rows.names
        self.rows.show_contents(contents)
        if self.rows.names and self.rows.names != previous_names:
            first = self.rows.index(0, 0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the selected columns, in table order."""
        names = self.rows.names
        indexes = self.selectionModel().selectedColumns() if self.rows.rowCount() else []
        return tuple(names[column] for column in sorted(index.column() for index in indexes))

    def choose(self, columns: Sequence[str]) -> None:
        """Select exactly these columns, and scroll to the first."""
        sections = [index for index, name in enumerate(self.rows.names) if name in set(columns)]
        last_row = self.rows.rowCount() - 1
        selection = QItemSelection()
        for section in sections:
            selection.select(self.rows.index(0, section), self.rows.index(last_row, section))
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flag.ClearAndSelect)
        if sections:
            row = max(0, self.rowAt(0))  # the top visible row, so that only columns scroll
            first = self.rows.index(row, sections[0])
            self.selectionModel().setCurrentIndex(first, flag.NoUpdate)
            self.scrollTo(first)

    def menu_place(self) -> QPoint:
        """Return the global position of a context menu requested by keyboard."""
        section = max(0, self.currentIndex().column())
        left = self.columns.sectionViewportPosition(section)
        return self.columns.viewport().mapToGlobal(QPoint(left + 12, self.columns.height() - 6))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Request on Enter to assign the selected columns."""
        if event.key() in _ENTER_KEYS and self.chosen:
            self.feed_asked.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Request the menu of the column under the pointer, or of the selected columns."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            position, section = self.menu_place(), self.currentIndex().column()
        else:
            position, section = event.globalPos(), self.columnAt(event.pos().x())
        self._request_menu(section, position)

    def _on_header_menu_requested(self, position: QPoint) -> None:
        section = self.columns.logicalIndexAt(position)
        self._request_menu(section, self.columns.viewport().mapToGlobal(position))

    def _request_menu(self, section: int, position: QPoint) -> None:
        if not 0 <= section < len(self.rows.names):
            return
        if self.rows.names[section] not in self.chosen:
            self.choose([self.rows.names[section]])
        self.menu_asked.emit(position)

    def _on_selection_changed(self) -> None:
        self.columns.viewport().update()
        self.chosen_changed.emit()

    def _on_dragged(self) -> None:
        """Start a drag of the selected columns, shown as a card at the pointer."""
        if not self.chosen:
            return
        data = QMimeData()
        data.setData(COLUMNS_MIME, encode_columns(self.chosen))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self._drag_card(describe_columns(self.chosen)))
        drag.setHotSpot(QPoint(12, 14))
        drag.exec(Qt.DropAction.CopyAction)

    def _drag_card(self, text: str) -> QPixmap:
        width, height = _DRAG_CARD_SIZE
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
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width - 20)
        painter.drawText(
            QRect(12, 0, width - 20, height), int(Qt.AlignmentFlag.AlignVCenter), elided
        )
        painter.end()
        return card
