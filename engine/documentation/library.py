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
    ranked = [(_rank(page, query, words), page) for page in pages]
    found = [(rank, page) for rank, page in ranked if rank is not None]
    return [page for _, page in sorted(found, key=lambda entry: entry[0])]


def _rank(page: Page, query: str, words: Sequence[str]) -> int | None:
    title = page.title.casefold()
    if title == query:
        return 0
    if title.startswith(query):
        return 1
    if all(word in title for word in words):
        return 2
    content = f"{title} {page.kind.casefold()} {page.text.casefold()}"
    return 3 if all(word in content for word in words) else None
