"""Text to plain JSON values, within limits; a fault is answered with its place in the text.

Python's own reader does the work. Only when it balks, a slower walk over the text finds where.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from engine.core.diagnostic import Refused
from engine.graph.serialization.json_positions import MAX_DEPTH, Path, Spot, plain, spots
from engine.graph.serialization.parse_error import Fault, quoted, short, too_many

MAX_BYTES = 32 * 1024 * 1024
MAX_VALUES = 500_000
MAX_DIGITS = 19

_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def text_of(data: bytes) -> str:
    """Return bytes as text; a byte order mark is let pass."""
    if len(data) > MAX_BYTES:
        raise too_many("bytes", len(data), MAX_BYTES).refused("")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        raise Fault(
            "not-utf8",
            "the file is no UTF-8 text",
            (),
            "Save it as UTF-8, or open another file.",
            found=f"byte 0x{error.object[error.start]:02x}",
            expected="text in UTF-8",
        ).refused(before, len(before)) from None
    if not text.strip(" \t\r\n\0"):
        raise Fault(
            "file-empty",
            "there is nothing in the file",
            (),
            "Take it from where it came from again.",
            found=f"{len(data)} empty bytes" if data else "0 bytes",
            expected="a graph",
        ).refused(text, 0)
    return text


def value_of(text: str) -> Any:
    """Return the JSON value that `text` writes; numbers are finite and keys stand once.

    Raises:
        Refused: with the place of the first fault.
    """
    crowd = text.count(",") + text.count("[") + text.count("{")
    if crowd > MAX_VALUES:
        raise too_many("values", crowd, MAX_VALUES).refused(text, 0)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    except (_Balk, RecursionError):
        raise _first_fault(text) from None
    if not _shallow(value) or (_HALF.search(text) and not _encodable(value)):
        raise _first_fault(text)
    return value


class _Balk(Exception):  # noqa: N818 - says only that the slow walk will find a fault
    """Stops the reader."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Balk
    return value


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise _Balk
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _Balk
    return value


def _constant(name: str) -> Any:
    raise _Balk


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_whole, parse_float=_real, parse_constant=_constant
)


def _shallow(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for box in level
            if isinstance(box, (dict, list))
            for item in (box.values() if isinstance(box, dict) else box)
        ]
        if not level:
            return True
    return not any(isinstance(box, (dict, list)) for box in level)


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_json(text: str, error: json.JSONDecodeError) -> Refused:
    rest = text[error.pos : error.pos + 20]
    return Fault(
        "not-json",
        f"the text stops being JSON: {error.msg[:1].lower()}{error.msg[1:]}",
        (),
        "Look for a bracket, comma or quote that is missing or too much just before that place.",
        found=quoted(rest) if rest else "the end of the file",
        expected="JSON",
    ).refused(text, error.pos)


def _first_fault(text: str) -> Refused:
    """Find what the reader balked at."""
    seen: set[Path] = set()
    for spot in spots(text):
        fault = _fault_of(spot, seen)
        if fault:
            return fault.refused(text, spot.offset)
    raise AssertionError("the reader balked at nothing")


def _fault_of(spot: Spot, seen: set[Path]) -> Fault | None:
    token = spot.token
    if spot.is_key and spot.path in seen:
        key = quoted(str(spot.path[-1]))
        return Fault(
            "duplicate-key",
            f"the key {key} stands twice",
            spot.path,
            "Remove one of the two.",
            found=f"{key} twice",
            expected="each key once",
        )
    if spot.is_key:
        seen.add(spot.path)
    if token in ("[", "{") and len(spot.path) >= MAX_DEPTH:
        return too_many("levels of brackets", len(spot.path) + 1, MAX_DEPTH, spot.path[:MAX_DEPTH])
    if token[0] == '"':
        return _fault_of_text(spot)
    return _fault_of_number(spot) if token not in ("[", "{") else None


def _fault_of_text(spot: Spot) -> Fault | None:
    if not _HALF.search(spot.token) or _encodable(plain(spot.token)):
        return None
    return Fault(
        "text-unfit",
        "a text holds half a character",
        spot.path,
        "Remove the escape, or write both of its halves.",
        found=short(spot.token),
        expected="whole characters",
    )


def _fault_of_number(spot: Spot) -> Fault | None:
    try:
        _DECODER.decode(spot.token)
    except _Balk:
        return Fault(
            "number-unfit",
            f"{short(spot.token, 30)} can't be kept exactly",
            spot.path,
            "Write a smaller number.",
            found=short(spot.token, 30),
            expected=f"a finite number, whole ones of at most {MAX_DIGITS} digits",
        )
    except ValueError:
        pass
    return None
