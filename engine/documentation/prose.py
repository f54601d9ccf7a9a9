"""Pages made from written text: the guides, and the sections of the README."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

from engine.documentation.page import Page, slug

_REFERENCE = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
_IMAGE = re.compile(r"^ *!\[[^\]]*\]\([^)]*\)\n?", re.MULTILINE)


def guide_pages() -> Iterator[Page]:
    """Yield the how-to guides in the order of their file names."""
    folder = files("resources") / "guides"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        heading, _, text = file.read_text(encoding="utf-8").partition("\n")
        name = file.name.removesuffix(".md").partition("-")[2]
        yield Page(slug("guide", name), heading.removeprefix("# "), "Guide", text.strip())


def readme_pages() -> Iterator[Page]:
    """Yield a page for each section of the README, without pictures."""
    readme = (files("resources") / "README.md").read_text(encoding="utf-8")
    first, *others = _split(readme)
    parts = {"Layerloom": first.partition("\n")[2]}
    for part in others:
        title, _, text = part.partition("\n")
        parts[title] = text
    slugs = {slug(title): slug("manual", title) for title in parts}
    for title, text in parts.items():
        yield Page(slug("manual", title), title, "Manual", _readable(text, slugs))


def _split(text: str) -> list[str]:
    """Return the text before the first heading of level 2, and each section without its "##"."""
    parts, is_code = [""], False
    for line in text.splitlines(keepends=True):
        is_code ^= line.lstrip().startswith("```")
        if line.startswith("## ") and not is_code:
            parts.append(line.removeprefix("## "))
        else:
            parts[-1] += line
    return parts


def _readable(text: str, slugs: Mapping[str, str]) -> str:
    """Return a section without images, and with links to pages or the web only."""

    def replaced(match: re.Match[str]) -> str:
        label, target = match.groups()
        if target.startswith("https://"):
            return match[0]
        page = slugs.get(target.removeprefix("#"))
        return f"[{label}]({page})" if page else label

    text = re.sub(r"^###", "##", _IMAGE.sub("", text), flags=re.MULTILINE)
    return _REFERENCE.sub(replaced, text).strip()
