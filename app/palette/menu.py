"""The add menu: a popup to search and choose a layer type."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QListView, QWidget

from app.controls import SearchEdit
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.controls.placement import moved_into
from app.palette.rows import LayerTypeDelegate, LayerTypeModel, hit_at, layer_type_item
from app.settings import Settings
from app.text.layer_search import SearchHit, is_clear_match, nearest_layer_type, search_layers
from app.theme.theme import Theme

MENU_WIDTH, MAX_MENU_HEIGHT = 420, 380
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_NAVIGATION_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_HOME_END_KEYS = (Qt.Key.Key_Home, Qt.Key.Key_End)


class AddMenu(QFrame):
    """A popup menu of layer types with a search field. One instance is reused.

    Signals:
        chosen: a layer type was chosen, and the menu was closed.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("add-menu")
        self.setAccessibleName("Add a node")
        self._theme = theme
        self._settings = settings
        self._problems: Mapping[str, str] | None = None
        self._recent: tuple[str, ...] = ()
        self._title = plain_label("", "dim", wrap=False)
        self._search = SearchEdit(theme, "Type a name, or what it does")
        self._message_label = plain_label("", "dim")
        self._model = LayerTypeModel(self)
        self._list = QListView()
        self._set_up()

    def open_at(
        self,
        global_pos: QPoint,
        problems: Mapping[str, str] | None = None,
        title: str = "Add a node",
    ) -> None:
        """Open the menu with an empty search field.

        Args:
            global_pos: the screen position; the menu stays on that screen.
            problems: why each layer type can't be chosen, "" if it can; None if all types can be
                chosen.
            title: the title, such as "Nodes that take (batch, 96, 128)".
        """
        self._problems = problems
        self._recent = tuple(self._settings.recent_layer_types)
        self._title.setText(title)
        self.setAccessibleName(title)
        self._search.clear()
        self._refresh()
        self._fit(global_pos, 0)
        self.show()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle keys in the search field: navigate in the list, choose a layer type, or close."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() in _ENTER_KEYS:
            self._choose(self._list.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in _NAVIGATION_KEYS:
            self._list.keyPressEvent(event)
        elif event.key() in _HOME_END_KEYS and not event.modifiers():
            self._select_row(0 if event.key() == Qt.Key.Key_Home else self._model.rowCount() - 1)
        else:
            return super().eventFilter(watched, event)
        return True

    def _set_up(self) -> None:
        self._message_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._search.setMaxLength(60)
        self._search.installEventFilter(self)
        self._search.textChanged.connect(self._on_text_changed)
        self._list.setModel(self._model)
        self._list.setItemDelegate(LayerTypeDelegate(self._theme, self._list, summaries=True))
        self._list.setAccessibleName("Layers")
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setUniformItemSizes(True)
        self._list.clicked.connect(self._choose)
        widgets = (self._title, self._search, self._message_label, self._list)
        column_layout(*widgets, parent=self, margins=(9, 9, 9, 9), spacing=7, stretch=self._list)

    def _refresh(self) -> None:
        text = self._search.text().strip()
        available, unavailable = self._find(text)
        # A type that clearly matches the text comes first even if it can't be chosen, and shows the
        # reason. In this case nothing is preselected, so that Enter does not add another type.
        is_blocked = bool(unavailable) and is_clear_match(unavailable[0], available)
        hits = [*unavailable, *available] if is_blocked else [*available, *unavailable]
        self._model.clear()
        for hit in hits:
            self._model.appendRow(layer_type_item(hit, self._problem_of(hit.kind)))
        if available and not is_blocked:
            self._select_row(0)
        self._list.setVisible(bool(hits))
        if is_blocked:
            message = self._problem_of(unavailable[0].kind)
        else:
            message = "" if hits else self._empty_message(text)
        self._message_label.setText(message)
        self._message_label.setVisible(bool(message))

    def _find(self, text: str) -> tuple[list[SearchHit], list[SearchHit]]:
        """Return the search hits that can be chosen, and those that can't."""
        if self._problems is None:
            return search_layers(text, None, self._recent), []
        allowed = [kind for kind, problem in self._problems.items() if not problem]
        blocked = [kind for kind, problem in self._problems.items() if problem]
        blocked_hits = search_layers(text, blocked) if text else []
        return search_layers(text, allowed, self._recent), blocked_hits

    def _problem_of(self, kind: str) -> str:
        return (self._problems or {}).get(kind, "")

    def _empty_message(self, text: str) -> str:
        """Return the message shown while the list is empty.

        If the search text `text` is "", the message says that no layer type accepts the output that
        the new node would read. Otherwise, it says that no layer type matches `text`.
        """
        if not text:
            return "No layer accepts this input."
        nearest = nearest_layer_type(text, self._problems)
        hint = f" Did you mean {nearest}?" if nearest else ' Try what it does, such as "average".'
        return f"No layer matches '{text}'.{hint}"

    def _fit(self, position: QPoint, min_height: int) -> None:
        self.resize(MENU_WIDTH, max(min_height, self._needed_height()))
        self.move(self._clamp_to_screen(position))

    def _needed_height(self) -> int:
        row_height = self._list.sizeHintForRow(0) if self._model.rowCount() else 60
        used = self._title.sizeHint().height() + self._search.sizeHint().height() + 2 * 9 + 2 * 7
        if self._message_label.text() and self._model.rowCount():
            used += self._message_label.heightForWidth(MENU_WIDTH - 2 * 9) + 7
        return min(MAX_MENU_HEIGHT, used + 4 + row_height * max(1, self._model.rowCount()))

    def _clamp_to_screen(self, position: QPoint) -> QPoint:
        """Return the position nearest to `position` at which the menu is fully visible."""
        screen = QGuiApplication.screenAt(position) or QGuiApplication.primaryScreen()
        return moved_into(QRect(position, self.size()), screen.availableGeometry()).topLeft()

    def _select_row(self, row: int) -> None:
        index = self._model.index(row, 0)
        self._list.setCurrentIndex(index)
        self._list.scrollTo(index)

    def _choose(self, index: QModelIndex) -> None:
        hit = hit_at(index)
        if hit is not None and not self._problem_of(hit.kind):
            self.close()
            self.chosen.emit(hit.kind)

    def _on_text_changed(self) -> None:
        if self.isVisible():
            self._refresh()
            self._fit(self.pos(), self.height())  # never reduce the height, so that rows don't jump
