"""Mutated files: JSON with unusual values, and damaged bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

DEEP: Any = []
for _ in range(60):
    DEEP = [DEEP]
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3, 2**31, 2**63, -(2**63) - 1, 10**18, 10**30, 0.5, -0.0, 1e-320,
    1e308, float("nan"), float("inf"), "", " ", "x", "x" * 300, "a\u202eb", "\0", "\ud800", "é",
    "../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/x", "~/.ssh",
    "__import__('os').system('id')", "builtins.eval", "torch.load", "<img src='file:///x'>",
    "NaN", "Infinity", "1e999", "%s%n", [], {}, [None], [[]], {"": 0}, {"kind": "Dense"},
    {"kind": "builtins.eval", "params": {"x": 1}}, {"__class__": "os.system"}, DEEP, [0] * 300,
)  # fmt: skip
_RAW = ("NaN", "-Infinity", "1e999", "0" * 5000 + "1", "9" * 5000, "[" * 50_000, "\\u0000", "0x10")


def odd_json(value: Any, chosen: random.Random) -> bytes:
    """Return the text of a JSON value with up to five mutations."""
    value = copy.deepcopy(value)
    for _ in range(chosen.choice((1, 1, 1, 2, 3, 5))):
        _change(value, chosen)
    text = json.dumps(value, separators=chosen.choice(((",", ":"), (", ", ": "))))
    if chosen.random() < 0.05:  # not written by any JSON library
        at = [place for place, char in enumerate(text) if char in "0123456789"]
        place = chosen.choice(at) if at else 0
        text = text[:place] + chosen.choice(_RAW) + text[place + 1 :]
    if chosen.random() < 0.03:
        text = text.replace("{", '{"kind": 1, "kind": 2, ', 1)
    return text.encode("utf-8", "surrogatepass")


def _change(value: Any, chosen: random.Random) -> None:
    boxes = list(_boxes(value))
    if not boxes:
        return
    box = chosen.choice(boxes)
    keys: list[Any] = list(box) if isinstance(box, dict) else list(range(len(box)))
    if not keys:
        _put(box, "new", chosen.choice(ODD))
        return
    chosen.choice(_CHANGES)(box, chosen.choice(keys), boxes, chosen)


def _boxes(value: Any, deep: int = 0) -> list[Any]:
    found = [value] if isinstance(value, (dict, list)) else []
    if deep < 12:
        for item in value.values() if isinstance(value, dict) else value if found else ():
            found += _boxes(item, deep + 1)
    return found


def _put(box: Any, key: Any, item: Any) -> None:
    item = copy.deepcopy(item)
    box.update({key: item}) if isinstance(box, dict) else box.append(item)


def _replace(box: Any, key: Any, boxes: list[Any], chosen: random.Random) -> None:
    box[key] = copy.deepcopy(chosen.choice(ODD))


def _remove(box: Any, key: Any, boxes: list[Any], chosen: random.Random) -> None:
    del box[key]


def _repeat(box: Any, key: Any, boxes: list[Any], chosen: random.Random) -> None:
    _put(box, f"{key}_2", box[key])


def _borrow(box: Any, key: Any, boxes: list[Any], chosen: random.Random) -> None:
    """Replace a value with one from elsewhere in the file."""
    other = chosen.choice(boxes)
    items = list(other.values()) if isinstance(other, dict) else other
    if items and len(json.dumps(box, default=str)) < 200_000:
        box[key] = copy.deepcopy(chosen.choice(items))


def _rename(box: Any, key: Any, boxes: list[Any], chosen: random.Random) -> None:
    if isinstance(box, dict):
        box[chosen.choice(("", "x", "kind", f"{key}z", "__proto__"))] = box.pop(key)


def _nudge(box: Any, key: Any, boxes: list[Any], chosen: random.Random) -> None:
    """Change a number or a text a little."""
    found = box[key]
    if isinstance(found, bool):
        box[key] = not found
    elif isinstance(found, (int, float)):
        box[key] = chosen.choice((found + 1, -found, found * 1000, found / 3, str(found)))
    elif isinstance(found, str):
        box[key] = chosen.choice((found[:-1], found * 2, found.upper(), found + "\u00df"))


_CHANGES: tuple[Callable[[Any, Any, list[Any], random.Random], None], ...] = (
    _replace, _replace, _remove, _repeat, _borrow, _rename, _nudge, _nudge,
)  # fmt: skip


def damaged(data: bytes, chosen: random.Random) -> bytes:
    """Return bytes with up to four faults: bits flipped, parts cut, inserted, moved or repeated."""
    for _ in range(chosen.choice((1, 1, 2, 4))):
        start, end = sorted(chosen.randrange(len(data) + 1) for _ in range(2))
        end = min(end, start + chosen.choice((1, 4, 64, 4096)))
        part = data[start:end]
        match chosen.randrange(6):
            case 0 if data:
                place = chosen.randrange(len(data))
                flip = bytes([data[place] ^ 1 << chosen.randrange(8)])
                data = data[:place] + flip + data[place + 1 :]
            case 1:
                data = data[:start] + data[end:]
            case 2:
                data = data[:start] + chosen.randbytes(len(part)) + data[end:]
            case 3:
                data = data[:end] + part * chosen.choice((1, 2, 50)) + data[end:]
            case 4:
                data = data[:start]
            case _:
                data = data[:start] + chosen.randbytes(chosen.choice((1, 8))) + data[start:]
    return data
