"""The add menu: a popup that finds a kind by a few letters and answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QListView, QVBoxLayout, QWidget

from app.controls import SearchEdit
from app.palette.rows import KindDelegate, KindModel, hit_at, kind_item
from app.settings import Settings
from app.text.layer_search import SearchHit, is_clear_match, nearest_layer_type, search_layers
from app.theme.theme import Theme

WIDTH, HEIGHT = 420, 380
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ENDS = (Qt.Key.Key_Home, Qt.Key.Key_End)


class AddMenu(QFrame):
    """Kinds to choose one from, at the pointer. Opened many times, made once.

    Signals:
        chosen: a kind was chosen; the menu is closed.
        dismissed: the menu was closed without a choice.
    """

    chosen = Signal(str)
    dismissed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, settings: Settings | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("add-menu")
        self.setAccessibleName("Add a node")
        self._theme = theme
        self._settings = settings or Settings()
        self._verdicts: Mapping[str, str] | None = None
        self._recent: tuple[str, ...] = ()
        self._answered = False
        self._title = QLabel()
        self._search = SearchEdit(theme, "Type a name, or what it does")
        self._nothing = QLabel()
        self._kinds = KindModel(self)
        self._list = QListView()
        self._set_up()
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def open_at(
        self,
        global_pos: QPoint,
        verdicts: Mapping[str, str] | None = None,
        title: str = "Add a node",
        recent: Sequence[str] | None = None,
    ) -> None:
        """Open with an empty search.

        Args:
            global_pos: where, on the screen; the menu stays on that screen.
            verdicts: by kind why it can't be chosen, "" where it can; None offers all.
            title: what is chosen, such as "Nodes that take (batch, 96, 128)".
            recent: kinds to offer first, the last one first; None takes those drawn last.
        """
        self._verdicts = verdicts
        self._recent = tuple(self._settings.recent_layer_types if recent is None else recent)
        self._answered = False
        self._title.setText(title)
        self.setAccessibleName(title)
        self._search.clear()
        self._refresh()
        self._make_room(global_pos, 0)
        self.show()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the search field's keys walk the list, choose and close."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        if event.key() in _ENTER:
            self._choose(self._list.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in _MOVES:
            self._list.keyPressEvent(event)
        elif event.key() in _ENDS and not event.modifiers():
            self._go_to(0 if event.key() == Qt.Key.Key_Home else self._kinds.rowCount() - 1)
        else:
            return super().eventFilter(watched, event)
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Say so if nothing was chosen."""
        super().hideEvent(event)
        if not self._answered:
            self._answered = True
            self.dismissed.emit()

    def _set_up(self) -> None:
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setProperty("role", "dim")
        self._nothing.setTextFormat(Qt.TextFormat.PlainText)
        self._nothing.setProperty("role", "dim")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._search.setMaxLength(60)
        self._search.installEventFilter(self)
        self._search.textChanged.connect(self._on_text_changed)
        self._list.setModel(self._kinds)
        self._list.setItemDelegate(KindDelegate(self._theme, self._list, summaries=True))
        self._list.setAccessibleName("Layers")
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setUniformItemSizes(True)
        self._list.clicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(9, 9, 9, 9)
        layout.setSpacing(7)
        layout.addWidget(self._title)
        layout.addWidget(self._search)
        layout.addWidget(self._nothing)
        layout.addWidget(self._list, 1)

    def _refresh(self) -> None:
        text = self._search.text().strip()
        fitting, misfits = self._found(text)
        led = bool(misfits) and is_clear_match(misfits[0], fitting)
        rows = [*misfits, *fitting] if led else [*fitting, *misfits]
        self._kinds.clear()
        for hit in rows:
            self._kinds.appendRow(kind_item(hit, self._why(hit.kind)))
        if fitting and not led:
            self._go_to(0)
        self._list.setVisible(bool(rows))
        said = self._why(misfits[0].kind) if led else "" if rows else self._why_nothing(text)
        self._nothing.setText(said)
        self._nothing.setVisible(bool(said))

    def _found(self, text: str) -> tuple[list[SearchHit], list[SearchHit]]:
        """Return what the search finds of what can be chosen, and of what can't."""
        if self._verdicts is None:
            return search_layers(text, None, self._recent), []
        fitting = [kind for kind, why in self._verdicts.items() if not why]
        rest = [kind for kind, why in self._verdicts.items() if why]
        return search_layers(text, fitting, self._recent), search_layers(text, rest) if text else []

    def _why(self, kind: str) -> str:
        return (self._verdicts or {}).get(kind, "")

    def _why_nothing(self, text: str) -> str:
        """Say whether the search or the wire leaves nothing to choose from."""
        if not text:
            return "No layer takes this as it is."
        near = nearest_layer_type(text, self._verdicts)
        hint = f" Did you mean {near}?" if near else ' Try what it does, such as "average".'
        return f"No layer matches '{text}'.{hint}"

    def _make_room(self, wanted: QPoint, least: int) -> None:
        self.resize(WIDTH, max(least, self._fitting_height()))
        self.move(self._on_screen(wanted))

    def _fitting_height(self) -> int:
        row = self._list.sizeHintForRow(0) if self._kinds.rowCount() else 60
        around = self._title.sizeHint().height() + self._search.sizeHint().height() + 2 * 9 + 2 * 7
        if self._nothing.text() and self._kinds.rowCount():
            around += self._nothing.heightForWidth(WIDTH - 2 * 9) + 7
        return min(HEIGHT, around + 4 + row * max(1, self._kinds.rowCount()))

    def _on_screen(self, wanted: QPoint) -> QPoint:
        screen = QGuiApplication.screenAt(wanted) or QGuiApplication.primaryScreen()
        room: QRect = screen.availableGeometry()
        left = min(wanted.x(), room.right() + 1 - self.width())
        top = min(wanted.y(), room.bottom() + 1 - self.height())
        return QPoint(max(room.left(), left), max(room.top(), top))

    def _go_to(self, row: int) -> None:
        index = self._kinds.index(row, 0)
        self._list.setCurrentIndex(index)
        self._list.scrollTo(index)

    def _choose(self, index: QModelIndex) -> None:
        hit = hit_at(index)
        if hit is not None and not self._why(hit.kind):
            self._answered = True
            self.close()
            self.chosen.emit(hit.kind)

    def _on_text_changed(self) -> None:
        if self.isVisible():
            self._refresh()
            self._make_room(self.pos(), self.height())  # never less, for rows shall not jump

    def _on_theme_changed(self) -> None:
        tokens = self._theme.tokens
        self.setStyleSheet(
            f"#add-menu {{ background: {tokens.raised}; border: 1px solid {tokens.border}; }}"
            f"#add-menu QListView {{ background: {tokens.raised}; border: none; }}"
        )
