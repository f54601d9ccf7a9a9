"""Text helpers of all panels: sentences, truncation and plain-text tooltips."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from html import escape, unescape

from engine.core.diagnostic import Fix

_BREAK = "\N{ZERO WIDTH SPACE}"
# Two periods in a row; three are an ellipsis.
_DOUBLE_PERIOD = re.compile(r"(?<!\.)\.\.(?!\.)")
# Commands and options of the command line.
_CLI_TEXT = re.compile(r"(?<![\w-])--[a-z]|(`|: )engine [a-z]")


def to_sentence(text: str, names: Container[str] = ()) -> str:
    """Return a message as a sentence: with a capital first letter and a final period.

    A message that starts with one of the `names` of nodes and documents is not capitalized.
    """
    return with_period(capitalize(text, names))


def with_period(text: str) -> str:
    """Return a text with a final period, unless it has other closing punctuation."""
    text = _DOUBLE_PERIOD.sub(".", text.rstrip())
    return text if text.endswith((".", "?", "!", "…")) else text + "."


def status_message(text: str, names: Container[str]) -> str:
    """Return a message for the status bar: capitalized, and without an added period.

    Why: the message may end with a path.
    """
    return _DOUBLE_PERIOD.sub(".", capitalize(text.strip(), names))


def capitalize(text: str, names: Container[str] = ()) -> str:
    """Return a message with a capital first letter, unless it starts with a name.

    A first word with a digit, a dot or an underscore is always taken as a name.
    """
    first = text.partition(" ")[0].rstrip(":,.")
    is_word = re.sub("['-]", "", first).isalpha()
    return text if first in names or not is_word else text[:1].upper() + text[1:]


def truncate(text: str, max_length: int) -> str:
    """Return a text truncated to a maximum length, with an ellipsis."""
    return text if len(text) <= max_length else text[: max_length - 1].rstrip() + "…"


def wrap_long_words(text: str) -> str:
    """Return a text with zero-width spaces in long words, so that a label can wrap them.

    Why: a QLabel breaks lines at spaces only, and clips the rest.
    """
    return re.sub(r"\S{41,}", lambda match: _BREAK.join(re.findall(r".{1,16}", match[0])), text)


def window_fixes(fixes: Iterable[Fix]) -> list[str]:
    """Return the texts of fixes, without those that apply to the command line only."""
    return [fix.text for fix in fixes if not _CLI_TEXT.search(fix.text)]


def tooltip_text(tip: str) -> str:
    """Return the plain text of a tooltip made by `plain_tooltip`."""
    return unescape(re.sub(r"<[^>]*>", "", tip)) if tip.startswith("<p") else tip


def plain_tooltip(text: str) -> str:
    """Return a text as a wrapping tooltip that shows all characters and line breaks literally.

    Why: Qt interprets a tooltip with a tag as HTML, and names and paths may contain any character.
    """
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if text else ""
