"""The documentation as static HTML, which needs no server and no network."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from engine.core.files.atomic_write import make_folder, write_bytes
from engine.documentation.page import KINDS, Page


def write_html(pages: Sequence[Page], folder: Path) -> None:
    """Write a page for each page and the index, with the search, into a folder."""
    make_folder(folder)
    resources = files("resources") / "documentation"
    template = Template((resources / "page.html").read_text(encoding="utf-8"))
    for page in pages:
        parts = {"title": escape(page.title), "kind": page.kind, "body": to_html(page.markdown)}
        write_bytes(folder / f"{page.slug}.html", template.substitute(parts).encode())
    parts = {"title": "Documentation", "kind": "Layerloom", "body": _index(pages)}
    write_bytes(folder / "index.html", template.substitute(parts).encode())
    for name in ("documentation.css", "search.js"):
        write_bytes(folder / name, (resources / name).read_text(encoding="utf-8").encode())
    # A script, since browsers do not let a page on disk read a JSON file.
    entries = [[page.slug, page.title, page.kind, page.text] for page in pages]
    write_bytes(folder / "pages.js", f"const pages = {json.dumps(entries)};\n".encode())


def to_html(markdown: str) -> str:
    """Return Markdown as HTML; links to slugs become links to files. HTML in it is escaped."""
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    # Quotes of the text are escaped, so that only attributes match.
    return re.sub(r'href="([a-z0-9-]+)"', r'href="\1.html"', html)


def _index(pages: Sequence[Page]) -> str:
    parts = ["<h1>Documentation</h1>"]
    for kind, heading in KINDS.items():
        entries = "".join(
            f'<li><a href="{page.slug}.html">{escape(page.title)}</a></li>'
            for page in pages
            if page.kind == kind
        )
        parts.append(f'<h2>{heading}</h2><ul class="index">{entries}</ul>')
    return "\n".join(parts)
