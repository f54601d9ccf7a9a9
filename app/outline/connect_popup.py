"""A popup that lists possible wires, to connect nodes with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from app.controls import SearchEdit
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.outline.tree_edits import WireCandidate
from app.text.phrases import plain_tooltip
from app.theme.theme import Theme

_MAX_ROWS = 500  # maximum number of rows; to see other wires, the user has to filter
_NAVIGATION_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ConnectPopup(QFrame):
    """A popup list of possible wires; Enter or a click chooses one, Escape closes it.

    Signals:
        chosen: the user has chosen a wire to connect.
    """

    chosen = Signal(WireCandidate)

    def __init__(
        self,
        theme: Theme,
        title: str,
        candidates: Sequence[WireCandidate],
        is_outgoing: bool,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup, accessibleName=title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._candidates, self._is_outgoing = candidates, is_outgoing
        heading = plain_label(title, wrap=False)
        self.filter_field = SearchEdit(theme, "Filter by name", self)
        self.list = QListWidget(self, accessibleName=title, uniformItemSizes=True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        widgets = (heading, self.filter_field, self.list)
        column_layout(*widgets, parent=self, margins=(8, 8, 8, 8), spacing=6)
        self.resize(320, 280)
        self.filter_field.textChanged.connect(self._fill)
        self.filter_field.returnPressed.connect(self._on_return_pressed)
        self.list.itemClicked.connect(self._on_item_activated)
        self.list.itemActivated.connect(self._on_item_activated)
        self._fill("")

    def open_at(self, position: QPoint) -> None:
        """Open the popup at a screen position, or near it so that the popup is fully visible."""
        bounds = self.screen().availableGeometry()
        self.move(
            min(position.x(), bounds.right() - self.width()),
            min(position.y(), bounds.bottom() - self.height()),
        )
        self.show()
        self.filter_field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _NAVIGATION_KEYS:
            self.list.event(event)
        else:
            super().keyPressEvent(event)

    def _fill(self, text: str) -> None:
        self.list.clear()
        query = text.strip().casefold()
        rows = [(candidate, self._row_text(candidate)) for candidate in self._candidates]
        matches = [row for row in rows if query in row[1].casefold()]
        for candidate, row_text in matches[:_MAX_ROWS]:
            item = QListWidgetItem(row_text)
            item.setToolTip(plain_tooltip(row_text))
            item.setData(Qt.ItemDataRole.UserRole, candidate)
            self.list.addItem(item)
        if not matches:
            message = "No matching connection" if query else "No compatible connection"
            item = QListWidgetItem(message)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _row_text(self, candidate: WireCandidate) -> str:
        if not self._is_outgoing:
            text = candidate.source
        else:
            output = candidate.source.partition(".")[2]
            text = f"{candidate.node}, input {candidate.port}"
            text += f", from {output}" if output else ""
        if candidate.replaces:
            text += f" (replaces {candidate.replaces})"
        return text if candidate.is_certain else f"{text} (shape unknown)"

    def _on_return_pressed(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._on_item_activated(item)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        candidate = item.data(Qt.ItemDataRole.UserRole)
        if candidate is not None:
            self.close()
            self.chosen.emit(candidate)
