"""Wrapping of generated source lines that are too long."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINE_WIDTH = 100
_HEAD = re.compile(r"""[\w.]+ = |return |\w+=(?!=)|"[^"\\]*": """)
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_OPERATOR = re.compile(r" (?:[-+*/%@&|^<>]|\*\*|//|[=!<>]=) ")


def wrap_line(line: str, width: int = LINE_WIDTH) -> list[str]:
    """Return a line of source, split into several lines if it is too long.

    An expression of several terms gets parentheses and one term per line; a call, a list or a dict
    gets one entry per line. Other lines stay long.
    """
    if len(line) <= width:
        return [line]
    body = line.lstrip()
    indent, comma = line[: len(line) - len(body)], "," if body.endswith(",") else ""
    body = body.removesuffix(",")
    head, terms = _terms(body)
    if len(terms) > 1:
        inner = (part for term in terms for part in wrap_line(f"{indent}    {term}", width))
        return [f"{indent}{head}(", *inner, f"{indent}){comma}"]
    brackets = _longest_brackets(body)
    if brackets is None:
        return [line]
    start, stop = brackets
    entries = list(_split_entries(body[start + 1 : stop]))
    end = "," if len(entries) > 1 or _is_call(body, start) else ""
    inner = (part for entry in entries for part in wrap_line(f"{indent}    {entry}{end}", width))
    return [f"{indent}{body[: start + 1]}", *inner, f"{indent}{body[stop:]}{comma}"]


def _depths(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield (index, character, bracket depth) for each character outside of string literals."""
    depth, in_string, escaped = 0, False, False
    for index, char in enumerate(text):
        if in_string:
            in_string, escaped = escaped or char != '"', not escaped and char == "\\"
            continue
        in_string = char == '"'
        if char in _BRACKETS.values():
            depth -= 1
        if not in_string:
            yield index, char, depth
        if char in _BRACKETS:
            depth += 1


def _terms(body: str) -> tuple[str, list[str]]:
    """Return the start of a line, such as "x = ", and the terms of the expression after it."""
    head = _HEAD.match(body)
    start = head.end() if head else 0
    top_level = {index for index, _, depth in _depths(body) if depth == 0}
    cuts = [m.start() for m in _OPERATOR.finditer(body, start) if m.start() + 1 in top_level]
    ends = [*cuts, len(body)]
    return body[:start], [body[a:b].strip() for a, b in zip([start, *cuts], ends, strict=True)]


def _longest_brackets(body: str) -> tuple[int, int] | None:
    """Return (start, end) of the longest outermost brackets that are not a subscript, or None."""
    pairs, start = [], 0
    for index, char, depth in _depths(body):
        if depth == 0 and char in _BRACKETS:
            start = index
        elif depth == 0 and char in _BRACKETS.values():
            is_subscript = body[start] == "[" and start > 0 and body[start - 1] not in " ("
            if not is_subscript and index > start + 1:
                pairs.append((start, index))
    return max(pairs, key=lambda pair: pair[1] - pair[0], default=None)


def _split_entries(text: str) -> Iterator[str]:
    start = 0
    for index, char, depth in _depths(text):
        if depth == 0 and char == ",":
            yield text[start:index].strip()
            start = index + 1
    if text[start:].strip():
        yield text[start:].strip()


def _is_call(body: str, index: int) -> bool:
    before = body[index - 1] if index else " "
    return body[index] == "(" and (before.isalnum() or before in "_)]")
