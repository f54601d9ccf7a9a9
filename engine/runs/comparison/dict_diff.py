"""The differences between two nested JSON objects, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field ("a.b" if nested), and its values in two JSON objects; None where it is missing."""

    field: str
    before: Any = None
    after: Any = None


def flatten(value: Any, name: str = "") -> dict[str, Any]:
    """Flatten mappings to one dict with keys such as "a.b", prefixed by `name`; keep lists."""
    if not isinstance(value, Mapping) or (not value and name):
        return {name: value}
    fields: dict[str, Any] = {}
    for key, item in value.items():
        fields |= flatten(item, f"{name}.{key}" if name else str(key))
    return fields


def diff_dicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return the fields that differ, in the order of `before`; fields only in `after` are last."""
    old_fields, new_fields = flatten(before), flatten(after)
    changes = []
    for name in dict.fromkeys((*old_fields, *new_fields)):
        old, new = old_fields.get(name), new_fields.get(name)
        # True == 1 in Python, but a different type is a change, except for int and float.
        is_other_type = type(old) is not type(new) and not {type(old), type(new)} <= {int, float}
        if old != new or is_other_type:
            changes.append(FieldChange(name, old, new))
    return tuple(changes)
