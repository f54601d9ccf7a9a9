"""A view of one page of the documentation, with links and a history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser

from app.theme.theme import Theme
from engine.documentation.page import Page

_MARKDOWN = QTextDocument.ResourceType.MarkdownResource


class PageView(QTextBrowser):
    """A view of a page. Links lead to other pages, or open a web browser."""

    def __init__(self, theme: Theme, pages: Mapping[str, Page]) -> None:
        super().__init__(accessibleName="Page", openLinks=False)
        self._pages = pages
        self.document().setDocumentMargin(16)
        self.anchorClicked.connect(self._on_anchor_clicked)
        theme.changed.connect(self.reload)  # the colors of links are part of the text

    def show_page(self, slug: str) -> None:
        """Show a page, and append it to the history."""
        self.setSource(QUrl(slug), _MARKDOWN)

    def select_match(self, text: str) -> None:
        """Select the first place with a text, or else with one of its words, and scroll to it."""
        for words in (text.strip(), *text.split()):
            self.moveCursor(QTextCursor.MoveOperation.Start)
            if words and self.find(words):
                return

    def loadResource(self, type: int, name: QUrl | str) -> Any:
        """Return the Markdown of a page. Nothing is read from files or the network."""
        page = self._pages.get(QUrl(name).path())
        return page.markdown if page else ""

    def _on_anchor_clicked(self, url: QUrl) -> None:
        if url.path() in self._pages:
            self.show_page(url.path())
        else:
            QDesktopServices.openUrl(url)
