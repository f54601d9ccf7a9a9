"""Strict JSON reader with limits, whose errors name the position in the text.

Python's JSON decoder does the work. Only if decoding fails, a slower tokenizer locates the error.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from engine.core.diagnostic import DiagnosticError
from engine.graph.serialization.json_positions import (
    MAX_DEPTH,
    JsonPath,
    JsonToken,
    iter_tokens,
    token_text,
)
from engine.graph.serialization.parse_error import GraphFileError, limit_error, quote, shorten

MAX_BYTES = 32 * 1024 * 1024
MAX_VALUES = 500_000
MAX_DIGITS = 19

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def decode_text(data: bytes) -> str:
    """Return bytes as text without a byte order mark.

    Raises:
        DiagnosticError: the bytes are too many, empty or not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise limit_error("bytes", len(data), MAX_BYTES).to_diagnostic_error("")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        raise GraphFileError(
            "not-utf8",
            "the file is not UTF-8 text",
            (),
            "Save it as UTF-8, or open another file.",
            found=f"byte 0x{error.object[error.start]:02x}",
            expected="UTF-8 text",
        ).to_diagnostic_error(before, len(before)) from None
    if not text.strip(" \t\r\n\0"):
        raise GraphFileError(
            "file-empty",
            "the file is empty",
            (),
            "Copy or download the file again.",
            found=f"{len(data)} empty bytes" if data else "0 bytes",
            expected="a graph",
        ).to_diagnostic_error(text, 0)
    return text


def parse_json(text: str) -> Any:
    """Return the JSON value of a text. Numbers have to be finite, and keys unique.

    Raises:
        DiagnosticError: with the position of the first error.
    """
    # An upper bound: each value, except the first one, follows a comma or a bracket.
    value_count = text.count(",") + text.count("[") + text.count("{")
    if value_count > MAX_VALUES:
        raise limit_error("values", value_count, MAX_VALUES).to_diagnostic_error(text, 0)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    except (_InvalidValueError, RecursionError):
        raise _first_error(text) from None
    if not _is_shallow(value) or (_SURROGATE_ESCAPE.search(text) and not _encodable(value)):
        raise _first_error(text)
    return value


class _InvalidValueError(Exception):
    """The error for a value that Python's decoder accepts, but this reader does not, such as NaN.

    It has no position, since Python's decoder passes none. `_first_error` finds the position.
    """


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _InvalidValueError
    return value


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise _InvalidValueError
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _InvalidValueError
    return value


def _constant(name: str) -> Any:
    raise _InvalidValueError


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
)


def _is_shallow(value: Any) -> bool:
    """Return, without recursion, whether lists and objects are nested at most MAX_DEPTH deep."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            if isinstance(container, (dict, list))
            for item in (container.values() if isinstance(container, dict) else container)
        ]
        if not level:
            return True
    return not any(isinstance(item, (dict, list)) for item in level)


def _encodable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_json(text: str, error: json.JSONDecodeError) -> DiagnosticError:
    rest = text[error.pos : error.pos + 20]
    return GraphFileError(
        "not-json",
        f"invalid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
        (),
        "Look for a missing or extra bracket, comma or quote just before that position."
        if text.lstrip()[:1] == "{"
        else "For a table, make a network first: engine new FILE.loom.json --from TABLE.",
        found=quote(rest) if rest else "the end of the file",
        expected="JSON",
    ).to_diagnostic_error(text, error.pos)


def _first_error(text: str) -> DiagnosticError:
    """Return the error of the first invalid key or value in a JSON text, with its position.

    Examples are a repeated key, NaN, or brackets that are nested too deep.
    """
    seen_keys: set[JsonPath] = set()
    for token in iter_tokens(text):
        error = _token_error(token, seen_keys)
        if error:
            return error.to_diagnostic_error(text, token.offset)
    raise AssertionError("the decoder failed, but every token is valid")


def _token_error(spot: JsonToken, seen_keys: set[JsonPath]) -> GraphFileError | None:
    token = spot.token
    if spot.is_key and spot.path in seen_keys:
        key = quote(str(spot.path[-1]))
        return GraphFileError(
            "duplicate-key",
            f"an object has the key {key} twice",
            spot.path,
            "Remove one of the two.",
            found=f"{key} twice",
            expected="unique keys",
        )
    if spot.is_key:
        seen_keys.add(spot.path)
    depth = len(spot.path)
    if token in ("[", "{") and depth >= MAX_DEPTH:
        return limit_error("levels of brackets", depth + 1, MAX_DEPTH, spot.path[:MAX_DEPTH])
    if token[0] == '"':
        return _string_error(spot)
    return _number_error(spot) if token not in ("[", "{") else None


def _string_error(spot: JsonToken) -> GraphFileError | None:
    if not _SURROGATE_ESCAPE.search(spot.token) or _encodable(token_text(spot.token)):
        return None
    return GraphFileError(
        "text-unfit",
        "a string contains half of a surrogate pair",
        spot.path,
        "Remove the escape, or write both of its halves.",
        found=shorten(spot.token),
        expected="complete characters",
    )


def _number_error(spot: JsonToken) -> GraphFileError | None:
    try:
        _DECODER.decode(spot.token)
    except _InvalidValueError:
        return GraphFileError(
            "number-unfit",
            f"{shorten(spot.token, 30)} can't be represented exactly",
            spot.path,
            "Write a smaller number.",
            found=shorten(spot.token, 30),
            expected=f"a finite number; integers with at most {MAX_DIGITS} digits",
        )
    except ValueError:
        pass
    return None
