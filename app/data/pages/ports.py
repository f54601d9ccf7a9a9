"""The "Ports" page: the values that each port receives for the first rows of the data."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTreeView, QWidget

from app.controls import EmptyState
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, page_stack
from app.data.pages.page import DataPage
from app.data.pages.port_delegate import PortDelegate
from app.data.pages.port_model import CELLS, PORT, PortModel
from app.documents.workspace import Workspace
from app.processes.data_check_job import DataCheckJob
from app.theme.theme import Theme
from engine.core.formatting.counts import count_noun
from engine.data.preview.preview_schema import DataPreview

_PORT_WIDTH, _CELLS_WIDTH = 170, 300  # pixels
_MAX_EXPANDED = 3  # if there are not more ports, all are expanded at first


class PortTree(QTreeView):
    """A tree of ports. The children of a port show its values for the first rows of the data.

    Signals:
        chosen: the name of the node to show on the canvas.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, accessibleName="Values of each port", indentation=18)
        self.port_model = PortModel(self)
        self.setModel(self.port_model)
        self.setItemDelegate(PortDelegate(theme, self))
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.resizeSection(PORT, _PORT_WIDTH)
        header.resizeSection(CELLS, _CELLS_WIDTH)
        self._is_expanded: dict[str, bool] = {}
        self.expanded.connect(self._on_expanded)
        self.collapsed.connect(self._on_collapsed)
        self.doubleClicked.connect(self._on_double_clicked)
        theme.changed.connect(self.viewport().update)

    def show_preview(self, preview: DataPreview) -> None:
        """Show the ports of a preview. Keep expanded ports, current port and scroll position."""
        scroll_position = self.verticalScrollBar().value()
        current = self.currentIndex()
        name = self.port_model.port(current).port if current.isValid() else ""
        if not self.port_model.set_preview(preview):
            return
        for row, port in enumerate(preview.ports):
            index = self.port_model.index(row, PORT)
            is_expanded = len(preview.ports) <= _MAX_EXPANDED or row == 0
            if self._is_expanded.setdefault(port.port, is_expanded):
                self.expand(index)
            if port.port == name:
                self.setCurrentIndex(index)
        self.executeDelayedItemsLayout()
        self.verticalScrollBar().setValue(scroll_position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """On Enter, show the current port's node; on Space, expand or collapse the current port."""
        index = self.currentIndex()
        if index.isValid() and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(self.port_model.port(index).port)
        elif index.isValid() and event.key() == Qt.Key.Key_Space:
            first = self.port_model.index(self.port_model.port_row(index), PORT)
            self.setExpanded(first, not self.isExpanded(first))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.viewport().width()
        self.header().resizeSection(PORT, min(_PORT_WIDTH, width // 4))
        self.header().resizeSection(CELLS, min(_CELLS_WIDTH, width // 3))

    def _on_expanded(self, index: QModelIndex) -> None:
        self._is_expanded[self.port_model.port(index).port] = True

    def _on_collapsed(self, index: QModelIndex) -> None:
        self._is_expanded[self.port_model.port(index).port] = False

    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.chosen.emit(self.port_model.port(index).port)


class PortsPage(DataPage):
    """The page with the port tree, and the number of rows to which the encoders are fitted."""

    def __init__(self, workspace: Workspace, data_check: DataCheckJob, theme: Theme) -> None:
        super().__init__(workspace, data_check)
        self.tree = PortTree(theme, self)
        self.tree.chosen.connect(self._on_chosen)
        self._summary = plain_label("", "dim")
        self._empty = EmptyState(theme, "database", "", "")
        self._content = content = QWidget()
        items = (self._summary, self.tree)
        column_layout(*items, parent=content, margins=(8, 6, 8, 0), spacing=6, stretch=self.tree)
        self._stack = page_stack(self._empty, content)
        column_layout(self._stack, parent=self)

    def _refresh(self) -> None:
        if not self.isVisible():
            return
        received, is_running = self._data_check.preview, self._data_check.is_running
        self.tree.show_preview(received or DataPreview())
        if received is not None and received.ports:
            train = received.sides.get("train")
            text = "Updating…" if is_running else ""
            if train is not None and not is_running:
                text = f"Encoders are fitted on {count_noun(train, 'training row')}."
            self._summary.setText(text)
            self._stack.setCurrentWidget(self._content)
            return
        self._empty.set_message(*_empty_message(self._workspace, is_running))
        self._stack.setCurrentWidget(self._empty)

    def _on_chosen(self, port: str) -> None:
        self._workspace.session.reveal([port])


def _empty_message(workspace: Workspace, is_running: bool) -> tuple[str, str]:
    session = workspace.session
    if session.data_path is None:
        return "No data yet", "Choose data to see the values that each port receives."
    if is_running:
        return "Checking the data", "Encoders are fitted on the training rows."
    if not len(session.graph):
        return "No nodes yet", "Add an Input and an Output to see the values they receive."
    return "No port receives values", "Connect an Input to an Output. Checks lists the problems."
