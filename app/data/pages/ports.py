"""What each port of the document would receive of the first rows of its data."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.controls import EmptyState
from app.data.pages.data_check_job import Examination
from app.data.pages.page import Page
from app.data.pages.port_delegate import PortDelegate
from app.data.pages.port_model import CELLS, PORT, PortModel
from app.documents.workspace import Workspace
from app.text.phrases import count_noun
from app.theme.theme import Theme
from engine.data.preview.preview_schema import DataPreview

_PORT, _CELLS = 170, 300  # pixels
_FEW = 3  # so many ports are opened when they turn up


class PortTree(QTreeView):
    """Ports and their rows.

    Signals:
        chosen: the node of a port that the person wants to see.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data-ports")
        self.setAccessibleName("What each port receives")
        self.ports = PortModel(self)
        self.setModel(self.ports)
        self.setItemDelegate(PortDelegate(theme, self))
        self.setIndentation(18)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.resizeSection(PORT, _PORT)
        header.resizeSection(CELLS, _CELLS)
        self._opened: dict[str, bool] = {}
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        self.doubleClicked.connect(self._on_double_clicked)
        theme.changed.connect(self.viewport().update)

    def show_received(self, received: DataPreview) -> None:
        """Show other ports; those that were opened stay so."""
        place = self.verticalScrollBar().value()
        current = self.currentIndex()
        name = self.ports.view(current).port if current.isValid() else ""
        if not self.ports.show(received):
            return
        for row, port in enumerate(received.ports):
            index = self.ports.index(row, PORT)
            if self._opened.setdefault(port.port, len(received.ports) <= _FEW or row == 0):
                self.expand(index)
            if port.port == name:
                self.setCurrentIndex(index)
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the node with Enter, open and close a port with Space."""
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self.ports.view(index).port)
        elif index.isValid() and event.key() == Qt.Key.Key_Space:
            first = self.ports.index(self.ports.port_row(index), PORT)
            self.setExpanded(first, not self.isExpanded(first))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out where it is narrow."""
        super().resizeEvent(event)
        room = self.viewport().width()
        self.header().resizeSection(PORT, min(_PORT, room // 4))
        self.header().resizeSection(CELLS, min(_CELLS, room // 3))

    def _on_expanded(self, index: QModelIndex) -> None:
        self._opened[self.ports.view(index).port] = True

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._opened[self.ports.view(index).port] = False

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self.ports.view(index).port)


class PortsPage(Page):
    """The tree of ports, and a line that says by which rows encoders were fitted."""

    def __init__(
        self,
        workspace: Workspace,
        examination: Examination,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(workspace, examination, parent)
        self.tree = PortTree(theme, self)
        self.tree.chosen.connect(self._on_chosen)
        self._line = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._line.setProperty("role", "dim")
        self._empty = EmptyState(theme, "database", "", "")
        self._shown = QWidget()
        inside = QVBoxLayout(self._shown)
        inside.setContentsMargins(8, 6, 8, 0)
        inside.setSpacing(6)
        inside.addWidget(self._line)
        inside.addWidget(self.tree, 1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._shown)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        received, busy = self._examination.received, self._examination.running
        self.tree.show_received(received or DataPreview())
        if received is not None and received.ports:
            train = received.sides.get("train")
            fitted = (
                ""
                if train is None
                else f"Encoders are fitted on {count_noun(train, 'training row')}."
            )
            self._line.setText("Working it out anew…" if busy else fitted)
            self._stack.setCurrentWidget(self._shown)
            return
        self._empty.set_message(*_why_empty(self._workspace, busy))
        self._stack.setCurrentWidget(self._empty)

    def _on_chosen(self, port: str) -> None:
        self._workspace.session.reveal([port])


def _why_empty(workspace: Workspace, busy: bool) -> tuple[str, str]:
    session = workspace.session
    if session.data is None:
        return "No data yet", "Choose data, and see here what each port would receive of it."
    if busy:
        return "Looking at the data", "Encoders are fitted on the training rows."
    if not len(session.graph):
        return "Nothing drawn yet", "Draw an Input and an Output, and see what they receive."
    return "No port receives anything", "Wire an Input to an Output. Checks say what is wrong."
