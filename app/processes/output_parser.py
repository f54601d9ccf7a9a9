"""Parsing of the --json output of engine commands, and of the diagnostics in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from engine.core.diagnostic import Diagnostic, Severity, diagnostic_from_dict


def parse_object(text: bytes) -> dict[str, Any] | None:
    """Return the JSON object that a text contains; None if it is not a JSON object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def parse_output(output: bytes) -> Mapping[str, Any]:
    """Return the JSON object printed by a command with --json; {} if there is none."""
    return parse_object(output) or {}


def parse_diagnostics(output: bytes) -> list[Diagnostic]:
    """Return the diagnostics in the --json output of a command; [] if there are none."""
    items = parse_output(output).get("diagnostics")
    parsed = map(parse_diagnostic, items) if isinstance(items, list) else ()
    return [diagnostic for diagnostic in parsed if diagnostic is not None]


_TEXT_FIELDS = (
    "code", "message", "severity", "node", "port", "param", "place", "found", "expected", "why",
)  # fmt: skip


def parse_diagnostic(value: object) -> Diagnostic | None:
    """Return the diagnostic that a JSON value describes; None if it is invalid.

    Unknown fields and invalid optional fields are ignored.
    """
    if not isinstance(value, Mapping):
        return None
    plain: dict[str, Any] = {
        key: value[key] for key in _TEXT_FIELDS if isinstance(value.get(key), str)
    }
    if "message" not in plain or value.get("severity", "error") not in get_args(Severity):
        return None
    fixes = value.get("fixes")
    plain["fixes"] = list(filter(_is_fix, fixes)) if isinstance(fixes, list) else ()
    try:
        return diagnostic_from_dict(plain)
    except (AssertionError, TypeError):
        return None


def _is_fix(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    return isinstance(value.get("text"), str) and isinstance(value.get("edit") or {}, Mapping)
