"""The difference of two nested JSON objects, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field whose value differs.

    Args:
        field: its path; names of nested fields are joined by dots.
        before, after: its values as JSON, None where it is missing.
    """

    field: str
    before: Any = None
    after: Any = None

    def to_dict(self) -> dict[str, Any]:
        """Return the change as a JSON object."""
        return {"field": self.field, "before": self.before, "after": self.after}


def flatten(value: Any, name: str = "") -> dict[str, Any]:
    """Return nested mappings as one flat mapping with keys joined by dots; lists are values."""
    if not isinstance(value, Mapping) or (not value and name):
        return {name: value}
    fields: dict[str, Any] = {}
    for key, item in value.items():
        fields |= flatten(item, f"{name}.{key}" if name else str(key))
    return fields


def diff_dicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in their order."""
    return tuple(_changes(flatten(before), flatten(after)))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        # True == 1 in Python, but a different type is a change, except for int and float.
        if old != new or (type(old) is not type(new) and not _are_numbers(old, new)):
            yield FieldChange(name, old, new)


def _are_numbers(*values: Any) -> bool:
    return all(type(value) in (int, float) for value in values)
