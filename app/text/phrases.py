"""Text helpers of all panels: sentences, truncation and plain-text tooltips."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from html import escape, unescape

from engine.core.diagnostic import Fix

_BREAK = "\N{ZERO WIDTH SPACE}"
# Two periods, but not the three of an ellipsis.
_DOUBLE_PERIOD = re.compile(r"(?<!\.)\.\.(?!\.)")
# Texts that mention commands or options of the command line.
_CLI_TEXT = re.compile(r"(?<![\w-])--[a-z]|(`|: )engine [a-z]")


def to_sentence(text: str, names: Container[str] = ()) -> str:
    """Return a message with a capital first letter and a final period.

    A message that starts with one of the `names`, such as node names, is not capitalized.
    """
    return with_period(capitalize(text, names))


def with_period(text: str) -> str:
    """Return a text with a final period, unless it ends with other punctuation."""
    text = _DOUBLE_PERIOD.sub(".", text.rstrip())
    return text if text.endswith((".", "?", "!", "…")) else text + "."


def status_message(text: str, names: Container[str]) -> str:
    """Return a message with a capital first letter, without adding a period.

    A message that starts with one of the `names`, such as node names, is not capitalized.
    Why: a message in the status bar may end with a path.
    """
    return _DOUBLE_PERIOD.sub(".", capitalize(text.strip(), names))


def capitalize(text: str, names: Container[str] = ()) -> str:
    """Return a message with a capital first letter, unless it starts with one of the `names`.

    A first word that contains a digit, a dot or an underscore always counts as a name.
    """
    first = text.partition(" ")[0].rstrip(":,.")
    is_word = re.sub("['-]", "", first).isalpha()
    return text if first in names or not is_word else text[:1].upper() + text[1:]


def truncate(text: str, max_length: int) -> str:
    """Return a text, truncated with an ellipsis if it is longer than `max_length` characters."""
    return text if len(text) <= max_length else text[: max_length - 1].rstrip() + "…"


def wrap_long_words(text: str) -> str:
    """Return a text with zero-width spaces in long words, so that a label can wrap them.

    Why: a QLabel breaks lines at spaces only, and clips the rest.
    """
    return re.sub(r"\S{41,}", lambda match: _BREAK.join(re.findall(r".{1,16}", match[0])), text)


def window_fixes(fixes: Iterable[Fix]) -> list[str]:
    """Return the texts of all fixes except those only for the command line."""
    return [fix.text for fix in fixes if not _CLI_TEXT.search(fix.text)]


def tooltip_text(tip: str) -> str:
    """Return the text from which `plain_tooltip` made a tooltip."""
    return unescape(re.sub(r"<[^>]*>", "", tip)) if tip.startswith("<p") else tip


def plain_tooltip(text: str) -> str:
    """Return a tooltip that wraps a text, and shows its characters and line breaks literally.

    Why: Qt interprets a tooltip with tags as HTML, and names and paths may contain any character.
    """
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if text else ""
