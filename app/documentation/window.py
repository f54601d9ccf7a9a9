"""The window of the documentation."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QUrl
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSplitter, QToolButton, QWidget

from app.controls import SearchEdit
from app.controls.dialogs.dialog import Dialog
from app.controls.layout.boxes import column_layout, row_layout
from app.documentation.page_view import PageView
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.documentation.library import search_pages
from engine.documentation.page import KINDS, Page

_SIZE = (960, 680)
_LIST_WIDTH = 250
_SLUG = Qt.ItemDataRole.UserRole


class DocumentationWindow(Dialog):
    """A window with a search field, the list of pages that it finds, and a page.

    The window is not modal, so that its instructions can be followed while it is open.
    """

    def __init__(self, theme: Theme, pages: Iterable[Page], parent: QWidget | None = None) -> None:
        super().__init__(parent, "Documentation")
        pages = sorted(pages, key=lambda page: [*KINDS].index(page.kind))
        self._all = {page.slug: page for page in pages}
        self.search = SearchEdit(theme, "Search the documentation")
        self.search.installEventFilter(self)
        self.results = QListWidget(accessibleName="Pages")
        self.results.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page = PageView(theme, self._all)
        self.back = self._button(theme, "left", "Back", "Alt+Left")
        self.forward = self._button(theme, "right", "Forward", "Alt+Right")
        self._lay_out()
        self.back.clicked.connect(self.page.backward)
        self.forward.clicked.connect(self.page.forward)
        self.page.backwardAvailable.connect(self.back.setEnabled)
        self.page.forwardAvailable.connect(self.forward.setEnabled)
        self.page.sourceChanged.connect(self._on_page_changed)
        self.search.textChanged.connect(self._on_search_changed)
        self.results.currentItemChanged.connect(self._on_current_changed)
        self.results.itemClicked.connect(self._on_current_changed)
        QShortcut(QKeySequence.StandardKey.Find, self, self.focus_search)
        self._list_pages(self._all.values())
        self.show_page(next(iter(self._all)))

    def show_page(self, slug: str) -> None:
        """Show a page, unless it is shown already."""
        if self.page.source() != QUrl(slug):
            self.page.show_page(slug)

    def focus_search(self) -> None:
        """Move the keyboard focus to the search field, and select its text."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list by arrow keys in the search field, and to the page by Enter."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                last = self.results.count() - 1
                self.results.setCurrentRow(min(max(self.results.currentRow() + step, 0), last))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_current_changed(self.results.currentItem())
                self.page.setFocus()
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        top = row_layout(self.back, self.forward, self.search, spacing=6, stretch=self.search)
        splitter = QSplitter(childrenCollapsible=False)
        splitter.addWidget(self.results)
        splitter.addWidget(self.page)
        splitter.setStretchFactor(1, 1)
        column_layout(top, splitter, parent=self, margins=(14,) * 4, spacing=10, stretch=splitter)
        self.resize(*_SIZE)
        splitter.setSizes([_LIST_WIDTH, self.width() - _LIST_WIDTH])

    def _button(self, theme: Theme, name: str, text: str, key: str) -> QToolButton:
        button = QToolButton(self, autoRaise=True, enabled=False, accessibleName=text)
        button.setIcon(icon(theme, name))
        button.setShortcut(QKeySequence(key))
        button.setToolTip(f"{text} ({key})")
        return button

    def _list_pages(self, pages: Iterable[Page]) -> None:
        with QSignalBlocker(self.results):
            self.results.clear()
        for page in pages:
            entry = QListWidgetItem(page.title, self.results)
            entry.setData(_SLUG, page.slug)
            entry.setToolTip(page.kind)
        self.results.setAccessibleDescription(f"{self.results.count()} pages")

    def _on_search_changed(self, text: str) -> None:
        self._list_pages(search_pages(self._all.values(), text))
        if text.strip() and self.results.count():
            with QSignalBlocker(self.results):  # the page follows with Enter, an arrow or a click
                self.results.setCurrentRow(0)
        elif not self.results.count():
            entry = QListWidgetItem("No page has these words", self.results)
            entry.setFlags(Qt.ItemFlag.NoItemFlags)

    def _on_current_changed(self, current: QListWidgetItem | None) -> None:
        if current is not None and current.data(_SLUG):
            self.show_page(current.data(_SLUG))
            self.page.select_match(self.search.text())

    def _on_page_changed(self, url: QUrl) -> None:
        """Select the shown page in the list, after a link or a step in the history."""
        slug = url.path()
        for row in range(self.results.count()):
            if self.results.item(row).data(_SLUG) == slug:
                self.results.setCurrentRow(row)
                return
        self.results.setCurrentRow(-1)
