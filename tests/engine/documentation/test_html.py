"""The written HTML is complete, and each link in it leads to a file."""

import json
import re
from pathlib import Path

import pytest

from engine.documentation.html import to_html, write_html
from engine.documentation.library import all_pages
from engine.documentation.page import Page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    write_html(all_pages(), folder)
    return folder


def test_each_link_of_each_file_leads_to_a_file(site: Path) -> None:
    broken = [
        f"{file.name}: {target}"
        for file in site.glob("*.html")
        for target in re.findall(r'(?:href|src)="([^"]+)"', file.read_text())
        if not target.startswith("https://") and not (site / target).is_file()
    ]
    assert broken == []
    assert len(list(site.glob("*.html"))) == len(all_pages()) + 1


def test_the_index_names_every_page_and_the_search_has_its_text(site: Path) -> None:
    index = (site / "index.html").read_text()
    assert all(f'href="{page.slug}.html"' in index for page in all_pages())
    script = (site / "pages.js").read_text().removeprefix("const pages = ").rstrip(";\n")
    assert [entry[0] for entry in json.loads(script)] == [page.slug for page in all_pages()]


def test_no_file_needs_a_network(site: Path) -> None:
    for file in site.iterdir():
        assert not re.search(r'(src|rel="stylesheet" href)="https?:', file.read_text()), file.name


def test_html_in_a_text_is_shown_as_written() -> None:
    page = Page("a", "A <b> & c", "Guide", "<script>alert(1)</script>")
    assert "<script>" not in to_html(page.markdown)
    assert "A &lt;b&gt; &amp; c" in to_html(page.markdown)
