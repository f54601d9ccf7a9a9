"""The tokens of an expression: numbers, quoted texts, names, operators and brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.expression.errors import expression_error
from engine.expression.syntax import Span

TokenKind = Literal["number", "text", "name", "operator", "end"]

_OPERATORS = ("...", "**", "//", "<=", ">=", "==", "!=", *"+-*/%@<>&|~()[],:=")
_PATTERN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
    f"|(?P<operator>{'|'.join(map(re.escape, _OPERATORS))}))"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind, its text (without quotes) and its place. The last one has kind "end"."""

    kind: TokenKind
    text: str
    span: Span


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, and a token of kind "end".

    Raises:
        LayerError: a character starts no token.
    """
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _PATTERN.match(text, position)
        if match is None:
            raise _unknown_character(text, position)
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]  # a name in the pattern
        content = match[kind].strip("'\"") if kind == "text" else match[kind]
        yield Token(kind, content, Span(*match.span(kind)))
        position = match.end()
    yield Token("end", "", Span(end, end))


def _unknown_character(text: str, position: int) -> Exception:
    start = position + len(text[position:]) - len(text[position:].lstrip())
    found = text[start]
    is_quote = found in "'\""
    return expression_error(
        "param-invalid",
        "a quoted text has no end" if is_quote else f"{found!r} means nothing in an expression",
        Span(start, start + 1),
        f"Close the text with {found}." if is_quote else f"Remove {found!r}.",
        found=text[start:][:20],
        expected="numbers, names, functions, operators and brackets",
    )
