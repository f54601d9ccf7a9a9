"""The table view of the data, whose columns can be selected and dragged onto the canvas."""

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
from PySide6.QtWidgets import QAbstractItemView, QTableView

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
    """A table of the data, in which the user selects columns instead of cells.

    Signals:
        selection_changed: the selected columns have changed.
        assign_requested: Enter was pressed, to assign the selected columns to a node.
        menu_requested: the global position of a context menu that the user asks for.
    """

    selection_changed = Signal()
    assign_requested = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, theme: Theme) -> None:
        super().__init__(accessibleName="Rows of the data", wordWrap=False, tabKeyNavigation=False)
        self._theme = theme
        self.table_model = TableModel(theme, self)
        self.setModel(self.table_model)
        self.column_header = ColumnHeader(theme, self)
        self.column_header.setAccessibleName("Columns of the data")
        self.setHorizontalHeader(self.column_header)
        self.column_header.setDefaultSectionSize(_COLUMN_WIDTH)
        self.column_header.setMinimumSectionSize(_MIN_COLUMN_WIDTH)
        self.column_header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(self.verticalHeader().ResizeMode.Fixed)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectColumns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setCornerButtonEnabled(False)
        self.setProperty("role", "plain")
        self.column_header.dragged.connect(self._on_dragged)
        self.column_header.customContextMenuRequested.connect(self._on_header_menu_requested)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def minimumSizeHint(self) -> QSize:
        header = self.column_header.sizeHint().height()
        scroll_bar = self.horizontalScrollBar().sizeHint().height()
        height = header + scroll_bar + _MIN_ROWS * _ROW_HEIGHT
        return QSize(super().minimumSizeHint().width(), height)

    def show_contents(self, contents: TableContents | None) -> None:
        """Show the data read so far, or no data. Keep the selection if the columns don't change."""
        previous_names = self.table_model.column_names
        self.table_model.set_contents(contents)
        if self.table_model.column_names and self.table_model.column_names != previous_names:
            first = self.table_model.index(0, 0)
            self.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    @property
    def selected_columns(self) -> tuple[str, ...]:
        """The names of the selected columns, in table order."""
        names = self.table_model.column_names
        indexes = self.selectionModel().selectedColumns() if self.table_model.rowCount() else []
        return tuple(names[column] for column in sorted(index.column() for index in indexes))

    def select_columns(self, columns: Sequence[str]) -> None:
        """Select only these columns, and scroll to the first."""
        model = self.table_model
        sections = [index for index, name in enumerate(model.column_names) if name in set(columns)]
        last_row = model.rowCount() - 1
        selection = QItemSelection()
        for section in sections:
            selection.select(model.index(0, section), model.index(last_row, section))
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(selection, flag.ClearAndSelect)
        if sections:
            row = max(0, self.rowAt(0))  # the top visible row, so that only columns scroll
            first = model.index(row, sections[0])
            self.selectionModel().setCurrentIndex(first, flag.NoUpdate)
            self.scrollTo(first)

    def menu_position(self) -> QPoint:
        """Return the global position of a context menu that is opened from the keyboard."""
        section = max(0, self.currentIndex().column())
        left = self.column_header.sectionViewportPosition(section)
        position = QPoint(left + 12, self.column_header.height() - 6)
        return self.column_header.viewport().mapToGlobal(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER_KEYS and self.selected_columns:
            self.assign_requested.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            position, section = self.menu_position(), self.currentIndex().column()
        else:
            position, section = event.globalPos(), self.columnAt(event.pos().x())
        self._request_menu(section, position)

    def _on_header_menu_requested(self, position: QPoint) -> None:
        section = self.column_header.logicalIndexAt(position)
        self._request_menu(section, self.column_header.viewport().mapToGlobal(position))

    def _request_menu(self, section: int, position: QPoint) -> None:
        if not 0 <= section < len(self.table_model.column_names):
            return
        if self.table_model.column_names[section] not in self.selected_columns:
            self.select_columns([self.table_model.column_names[section]])
        self.menu_requested.emit(position)

    def _on_selection_changed(self) -> None:
        self.column_header.viewport().update()
        self.selection_changed.emit()

    def _on_dragged(self) -> None:
        if not self.selected_columns:
            return
        data = QMimeData()
        data.setData(COLUMNS_MIME, encode_columns(self.selected_columns))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self._drag_card(describe_columns(self.selected_columns)))
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
        rect = QRect(12, 0, width - 20, height)
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter), elided)
        painter.end()
        return card
