"""The palette's tree: recent kinds, then families that fold; or what a search found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QDrag, QHoverEvent, QKeyEvent, QMouseEvent, QStandardItem
from PySide6.QtWidgets import QAbstractItemView, QApplication, QFrame, QTreeView

from app.palette.row_painter import node_pixmap
from app.palette.rows import (
    SECTION,
    KindDelegate,
    KindModel,
    hit_at,
    kind_item,
    section_item,
)
from app.settings import Settings
from app.text.layer_search import SearchHit, layer_families, layer_infos
from app.theme.theme import Theme

RECENT = "recent"
_BESIDE = QPoint(-12, -8)  # a wire under the pointer stays in sight
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KindTree(QTreeView):
    """Kinds to be added by Enter, double click or drag.

    Signals:
        asked: a kind shall be added.
        left: the keyboard goes back to the search field, with what was typed.
    """

    asked = Signal(str)
    left = Signal(str)

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._theme = theme
        self._settings = settings
        self._kinds = KindModel(self)
        self._rows = KindDelegate(theme, self)
        self.setModel(self._kinds)
        self.setItemDelegate(self._rows)
        self.setObjectName("palette-tree")
        self.setAccessibleName("Layers")
        self._set_up_view()
        self.expanded.connect(self._on_folded)
        self.collapsed.connect(self._on_folded)

    def show_families(self, recent: Sequence[str]) -> None:
        """Show all kinds in their families, the recent ones first."""
        known = layer_infos()
        groups = [
            (RECENT, "Recent", tuple(kind for kind in recent if kind in known)),
            *layer_families(),
        ]
        self._kinds.clear()
        self._rows.families = False
        for key, title, members in groups:
            if members:
                head = section_item(key, title)
                head.appendRows([kind_item(SearchHit(known[kind])) for kind in members])
                self._kinds.appendRow(head)
        self._fold()

    def add_recent(self, kind: str) -> None:
        """Put a kind among the recent ones, in sight as they are.

        Why: rows stay where they are under the pointer, so that a second double click does not
        add another kind; the order is put right when the panel is shown next.
        """
        top = self.indexAt(QPoint(0, 0))
        kept, above = QPersistentModelIndex(top), self.visualRect(top).top()
        head = self._recent_head()
        if all(head.child(row).text() != kind for row in range(head.rowCount())):
            head.insertRows(0, [kind_item(SearchHit(layer_infos()[kind]))])
        self._fold()
        moved = self.visualRect(QModelIndex(kept)).top() - above
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + moved)

    def show_hits(self, hits: Sequence[SearchHit]) -> None:
        """Show what a search found, the best one chosen."""
        self._kinds.clear()
        self._rows.families = True
        for hit in hits:
            self._kinds.appendRow(kind_item(hit))
        self.setCurrentIndex(self._kinds.index(0, 0))

    def enter(self) -> None:
        """Take the keyboard, at the first kind if none is chosen."""
        if not self.currentIndex().isValid():
            first = self._kinds.index(0, 0)
            below = self.indexBelow(first)
            self.setCurrentIndex(below if hit_at(below) else first)
        self.setFocus(Qt.FocusReason.TabFocusReason)

    def ask_current(self) -> None:
        """Ask for the kind that is chosen."""
        hit = hit_at(self.currentIndex())
        if hit is not None:
            self.asked.emit(hit.kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter adds or folds; letters, and Up at the top, go to the search field."""
        at = self.currentIndex()
        held = event.modifiers() & ~(_SHIFT | Qt.KeyboardModifier.KeypadModifier)
        typed = event.text().strip() if event.text().isprintable() and not held else ""
        if event.key() in _ENTER:
            self._enter(at)
        elif event.key() == Qt.Key.Key_Up and not self.indexAbove(at).isValid():
            self.left.emit("")
        elif typed:
            self.left.emit(typed)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Fold a family at a click anywhere on its heading."""
        super().mouseReleaseEvent(event)
        at = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and at.data(SECTION) is not None:
            self.setExpanded(at, not self.isExpanded(at))

    def startDrag(self, supported: Qt.DropAction) -> None:
        """Hang a small node on the pointer."""
        hit = hit_at(self.currentIndex())
        if hit is None:
            return
        drag = QDrag(self)
        drag.setMimeData(self._kinds.mimeData([self.currentIndex()]))
        pixmap = node_pixmap(self._theme, hit.info, self.devicePixelRatioF())
        drag.setPixmap(pixmap)
        drag.setHotSpot(_BESIDE)
        drag.exec(Qt.DropAction.CopyAction)
        # The press that began it is still to be hovered; only then is the pointer away.
        QTimer.singleShot(0, self._on_dragged)

    def _set_up_view(self) -> None:
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "plain")
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setExpandsOnDoubleClick(False)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(self._on_double_clicked)

    def _on_dragged(self) -> None:
        """Hover nothing: the pointer left during the drag, of which the view is not told."""
        away = QPointF(-1, -1)
        gone = QHoverEvent(QEvent.Type.HoverLeave, away, away, away)
        QApplication.sendEvent(self.viewport(), gone)

    def _recent_head(self) -> QStandardItem:
        first = self._kinds.item(0)
        if first is None or first.data(SECTION) != RECENT:
            first = section_item(RECENT, "Recent")
            self._kinds.insertRow(0, first)
        return first

    def _enter(self, at: QModelIndex) -> None:
        if at.data(SECTION) is not None:
            self.setExpanded(at, not self.isExpanded(at))
        else:
            self.ask_current()

    def _fold(self) -> None:
        """Fold what was folded when the window was last open."""
        folded = self._settings.collapsed_families
        self.blockSignals(True)
        for row in range(self._kinds.rowCount()):
            head = self._kinds.index(row, 0)
            self.setExpanded(head, head.data(SECTION) not in folded)
        self.blockSignals(False)

    def _on_folded(self, head: QModelIndex) -> None:
        key = str(head.data(SECTION))
        folded = self._settings.collapsed_families
        self._settings.collapsed_families = (
            folded - {key} if self.isExpanded(head) else folded | {key}
        )

    def _on_double_clicked(self, at: QModelIndex) -> None:
        hit = hit_at(at)
        if hit is not None:
            self.asked.emit(hit.kind)
