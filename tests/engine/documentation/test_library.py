"""The pages are complete, their links lead somewhere, and the search finds titles first."""

from collections.abc import Iterator

from markdown_it import MarkdownIt

from engine.core.codes import CODES
from engine.documentation.library import all_pages, search_pages
from engine.documentation.page import KINDS, Page
from engine.layers.catalogue import layer_classes
from engine.recipe.field_reference import sections


def links(page: Page) -> Iterator[str]:
    for token in MarkdownIt("commonmark").enable("table").parse(page.markdown):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrGet("href"))


def test_each_layer_code_and_setting_has_a_page_of_its_own():
    titles = [page.title for page in all_pages()]
    assert len({page.slug for page in all_pages()}) == len(titles)
    expected = {*layer_classes(), *CODES, *(section.title for section in sections())}
    assert expected <= set(titles)
    assert {page.kind for page in all_pages()} == set(KINDS)


def test_each_link_leads_to_a_page_or_to_the_web():
    slugs = {page.slug for page in all_pages()}
    found = {target for page in all_pages() for target in links(page)}
    assert {"layer-dense", "manual-several-devices"} <= found
    assert not {target for target in found - slugs if not target.startswith("https://")}


def test_no_page_is_empty():
    assert [page.slug for page in all_pages() if len(page.text) < 20] == []


def test_a_layer_page_has_docstring_ports_and_fields():
    dense = next(page for page in all_pages() if page.slug == "layer-dense")
    for part in ("**Shapes:**", "## Input ports", "**units**", "## Fields", "| Default |"):
        assert part in dense.text


def test_the_search_finds_titles_first():
    assert search_pages(all_pages(), "dense")[0].title == "Dense"
    assert search_pages(all_pages(), " Conv2D ")[0].title == "Conv2D"
    found = search_pages(all_pages(), "time series")
    assert found[0].slug == "guide-time-series"
    assert len(found) > 1  # the others contain it in their texts
    assert search_pages(all_pages(), "time qqq") == []
