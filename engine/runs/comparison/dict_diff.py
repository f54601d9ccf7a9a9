"""Plain values side by side: what differs between two of them, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs.

    Args:
        field: its name, with a dot before a field within a field.
        before, after: its values as plain JSON, None where it is not there.
    """

    field: str
    before: Any = None
    after: Any = None

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON."""
        return {"field": self.field, "before": self.before, "after": self.after}


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return mappings within mappings as one, its keys joined by dots; lists stay whole."""
    if not isinstance(value, Mapping) or (not value and name):
        return {name: value}
    found: dict[str, Any] = {}
    for key, item in value.items():
        found |= flat(item, f"{name}.{key}" if name else str(key))
    return found


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the fields that differ, in the order in which they stand."""
    return tuple(_changes(flat(before), flat(after)))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        # True == 1 in Python, and a changed kind of value is a change.
        if one != other or type(one) is not type(other) and not _both_numbers(one, other):
            yield Change(name, one, other)


def _both_numbers(one: Any, other: Any) -> bool:
    return type(one) in (int, float) and type(other) in (int, float)
