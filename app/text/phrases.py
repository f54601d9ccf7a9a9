"""Small words that all panels say alike: counts, sentences, and texts of a file as tool tips."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from html import escape, unescape

from engine.core.diagnostic import Fix

# Not three, which say that something goes on.
_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")
_TYPED = re.compile(r"(?<![\w-])--[a-z]|(`|: )engine [a-z]")  # commands and their options


def counted(number: int, noun: str) -> str:
    """Return a number with what it counts: "1 layer", "1,200 layers"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def sentence(text: str, names: Container[str] = ()) -> str:
    """Return a message with a capital in front and one full stop behind.

    Args:
        text: the message.
        names: of nodes and documents; one of them in front stays as it is written.
    """
    return ended(capital(text, names))


def ended(text: str) -> str:
    """Return a text with one full stop behind, if nothing else ends it."""
    text = _TWO_STOPS.sub(".", text.rstrip())
    return text if text.endswith((".", "?", "!", "…")) else text + "."


def told(text: str, names: Container[str]) -> str:
    """Return a message as the status bar tells it: it may end in a path, which takes no stop."""
    return _TWO_STOPS.sub(".", capital(text.strip(), names))


def capital(text: str, names: Container[str] = ()) -> str:
    """Return a message with a large first letter, unless it begins with a name.

    Args:
        text: the message.
        names: that are words; one with a digit, a dot or an underscore is known by that.
    """
    first = text.partition(" ")[0].rstrip(":,.")
    word = re.sub("['-]", "", first).isalpha()
    return text if first in names or not word else text[:1].upper() + text[1:]


def short(text: str, most: int) -> str:
    """Return a text of at most `most` letters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def breakable(text: str) -> str:
    """Return a text whose longest words may go on in the next line.

    Why: a label breaks lines at spaces only, and cuts off what it has no line for.
    """
    return re.sub(r"\S{41,}", _parted, text)


def _parted(word: re.Match[str]) -> str:
    return "\N{ZERO WIDTH SPACE}".join(re.findall(r".{1,16}", word[0]))


def advice(fixes: Iterable[Fix]) -> list[str]:
    """Return what there is to do, without what only somebody at a terminal could."""
    return [fix.text for fix in fixes if not _TYPED.search(fix.text)]


def tip_words(tip: str) -> str:
    """Return what a tool tip says, without the tag that `plain_tip` puts around it."""
    return unescape(re.sub(r"<[^>]*>", "", tip)) if tip.startswith("<p") else tip


def plain_tip(text: str) -> str:
    """Return a text as a tool tip that wraps and shows every sign and line break as it is.

    Why: Qt takes a tool tip with a tag in it for HTML, and names and paths may hold anything.
    """
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if text else ""
