"""All pages, and the search in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from engine.documentation.page import Page
from engine.documentation.prose import guide_pages, readme_pages
from engine.documentation.reference import code_pages, layer_pages, setting_pages


@cache
def all_pages() -> tuple[Page, ...]:
    """Return all pages, in the order of `KINDS`."""
    return (*guide_pages(), *readme_pages(), *layer_pages(), *setting_pages(), *code_pages())


def search_pages(pages: Iterable[Page], text: str) -> Sequence[Page]:
    """Return the pages that contain all words of `text`; matches in titles come first.

    A title that is `text` comes before one that begins with it, and this before one that contains
    all words.
    """
    query = text.casefold().strip()
    words = query.split()

    def rank(page: Page) -> tuple[bool, ...]:
        title = page.title.casefold()
        has_words = all(word in title for word in words)
        return title != query, not title.startswith(query), not has_words

    contents = [(page, f"{page.title} {page.kind} {page.text}".casefold()) for page in pages]
    found = [page for page, content in contents if all(word in content for word in words)]
    return sorted(found, key=rank)
