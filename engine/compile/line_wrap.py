"""Breaks written statements that are too long for a line, where a person would."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDTH = 100
_HEAD = re.compile(r"""[\w.]+ = |return |\w+=(?!=)|"[^"\\]*": """)
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_SIGN = re.compile(r" (?:[-+*/%@&|^<>]|\*\*|//|[=!<>]=) ")


def fitted(line: str, width: int = WIDTH) -> list[str]:
    """Return a line of source as it is, or over several lines that mean the same.

    An expression of several terms gets one term a line, in parentheses; a call, a list or a dict
    one entry a line. What has neither stays long.
    """
    if len(line) <= width:
        return [line]
    body = line.lstrip()
    indent, comma = line[: len(line) - len(body)], "," if body.endswith(",") else ""
    body = body.removesuffix(",")
    head, terms = _terms(body)
    if len(terms) > 1:
        inner = (part for term in terms for part in fitted(f"{indent}    {term}", width))
        return [f"{indent}{head}(", *inner, f"{indent}){comma}"]
    group = _longest_group(body)
    if group is None:
        return [line]
    start, stop = group
    entries = list(_split(body[start + 1 : stop]))
    end = "," if len(entries) > 1 or _is_call(body, start) else ""
    inner = (part for entry in entries for part in fitted(f"{indent}    {entry}{end}", width))
    return [f"{indent}{body[: start + 1]}", *inner, f"{indent}{body[stop:]}{comma}"]


def _depths(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield (place, character, depth of brackets around it), what stands in quotes left out."""
    depth, quoted, skip = 0, False, False
    for place, sign in enumerate(text):
        if quoted:
            quoted, skip = skip or sign != '"', not skip and sign == "\\"
            continue
        quoted = sign == '"'
        if sign in _PAIRS.values():
            depth -= 1
        if not quoted:
            yield place, sign, depth
        if sign in _PAIRS:
            depth += 1


def _terms(body: str) -> tuple[str, list[str]]:
    """Return what stands before an expression ("x = ", "x="), and its terms after their signs."""
    head = _HEAD.match(body)
    start = head.end() if head else 0
    outside = {place for place, _, depth in _depths(body) if depth == 0}
    cuts = [m.start() for m in _SIGN.finditer(body, start) if m.start() + 1 in outside]
    ends = [*cuts, len(body)]
    return body[:start], [body[a:b].strip() for a, b in zip([start, *cuts], ends, strict=True)]


def _longest_group(body: str) -> tuple[int, int] | None:
    """Return where the longest bracket opens and closes, of those that may be opened up."""
    groups, opened = [], 0
    for place, sign, depth in _depths(body):
        if depth == 0 and sign in _PAIRS:
            opened = place
        elif depth == 0 and sign in _PAIRS.values():
            index = body[opened] == "[" and opened > 0 and body[opened - 1] not in " ("
            if not index and place > opened + 1:
                groups.append((opened, place))
    return max(groups, key=lambda group: group[1] - group[0], default=None)


def _split(text: str) -> Iterator[str]:
    start = 0
    for place, sign, depth in _depths(text):
        if depth == 0 and sign == ",":
            yield text[start:place].strip()
            start = place + 1
    if text[start:].strip():
        yield text[start:].strip()


def _is_call(body: str, place: int) -> bool:
    before = body[place - 1] if place else " "
    return body[place] == "(" and (before.isalnum() or before in "_)]")
