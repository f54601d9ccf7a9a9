"""Parsing of the --json output of engine commands, and of the diagnostics in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix


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


_TEXT_FIELDS = ("code", "message", "node", "port", "param", "place", "found", "expected", "why")


def parse_diagnostic(value: object) -> Diagnostic | None:
    """Return the diagnostic that a JSON value describes; None if it is invalid."""
    if not isinstance(value, Mapping):
        return None
    texts = {key: value[key] for key in _TEXT_FIELDS if isinstance(value.get(key), str)}
    severity = value.get("severity", "error")
    if "message" not in texts or severity not in ("error", "warning", "info"):
        return None
    fixes = value.get("fixes", ())
    parsed = tuple(map(_parse_fix, fixes)) if isinstance(fixes, list) else ()
    try:
        return Diagnostic(**texts, severity=severity, fixes=tuple(filter(None, parsed)))
    except (AssertionError, TypeError):
        return None


def _parse_fix(value: object) -> Fix | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        return None
    edit = value.get("edit")
    return Fix(value["text"], edit if isinstance(edit, Mapping) else None)
