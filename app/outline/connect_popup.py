"""A small list of wires that could be drawn, to choose one with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.controls import SearchEdit
from app.outline.tree_edits import Way
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme

_MOST = 500  # rows; a filter finds the others
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ConnectPopup(QFrame):
    """Lists wires; Return or a click chooses one, Escape closes.

    Signals:
        chosen: the wire to draw.
    """

    chosen = Signal(Way)

    def __init__(
        self, theme: Theme, title: str, ways: Sequence[Way], outgoing: bool, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("connect-popup")
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._ways, self._outgoing = ways, outgoing
        heading = QLabel(title, self)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        self.field = SearchEdit(theme, "Filter by name", self)
        self.list = QListWidget(self)
        self.list.setAccessibleName(title)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for widget in (heading, self.field, self.list):
            column.addWidget(widget)
        self.resize(320, 280)
        self.field.textChanged.connect(self._fill)
        self.field.returnPressed.connect(self._on_return_pressed)
        self.list.itemClicked.connect(self._on_item_activated)
        self.list.itemActivated.connect(self._on_item_activated)
        self._fill("")

    def popup(self, at: QPoint) -> None:
        """Open with its corner at a place of the screen, wholly on it."""
        bounds = self.screen().availableGeometry()
        self.move(
            min(at.x(), bounds.right() - self.width()),
            min(at.y(), bounds.bottom() - self.height()),
        )
        self.show()
        self.field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _MOVES:
            self.list.event(event)
        else:
            super().keyPressEvent(event)

    def _fill(self, text: str) -> None:
        self.list.clear()
        wanted = text.strip().casefold()
        found = [way for way in self._ways if wanted in self._said(way).casefold()]
        for way in found[:_MOST]:
            item = QListWidgetItem(self._said(way))
            item.setToolTip(plain_tooltip(item.text()))
            item.setData(Qt.ItemDataRole.UserRole, way)
            self.list.addItem(item)
        if not found:
            item = QListWidgetItem("No wire has this name" if wanted else "No wire fits here")
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _said(self, way: Way) -> str:
        if not self._outgoing:
            text = way.source
        else:
            output = way.source.partition(".")[2]
            text = f"{way.node}, input {way.port}" + (f", from {output}" if output else "")
        if way.instead:
            text += f" (instead of {way.instead})"
        return text if way.sure else f"{text} (shape not known yet)"

    def _on_return_pressed(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._on_item_activated(item)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        way = item.data(Qt.ItemDataRole.UserRole)
        if way is not None:
            self.close()
            self.chosen.emit(way)
