"""What a command of the engine answered with --json: plain JSON, and the findings in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix


def answer_in(answer: bytes) -> Mapping[str, Any]:
    """Return what a command said with --json, {} if that is no JSON object."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def diagnostics_in(answer: bytes) -> list[Diagnostic]:
    """Return the findings in a command's answer with --json; [] if it holds none."""
    found = answer_in(answer).get("diagnostics")
    return list(_understood(found)) if isinstance(found, list) else []


def _understood(found: Iterable[Any]) -> Iterable[Diagnostic]:
    return (known for plain in found if (known := diagnostic_from(plain)) is not None)


_TEXTS = ("code", "message", "node", "port", "param", "place", "found", "expected", "why")


def diagnostic_from(plain: object) -> Diagnostic | None:
    """Return the finding that plain JSON says, None if it says none that is known here."""
    if not isinstance(plain, Mapping):
        return None
    texts = {key: plain[key] for key in _TEXTS if isinstance(plain.get(key), str)}
    severity = plain.get("severity", "error")
    if "message" not in texts or severity not in ("error", "warning", "info"):
        return None
    fixes = plain.get("fixes", ())
    known = tuple(map(_fix, fixes)) if isinstance(fixes, list) else ()
    try:
        return Diagnostic(**texts, severity=severity, fixes=tuple(filter(None, known)))
    except (AssertionError, TypeError):
        return None


def _fix(plain: object) -> Fix | None:
    if not isinstance(plain, Mapping) or not isinstance(plain.get("text"), str):
        return None
    edit = plain.get("edit")
    return Fix(plain["text"], edit if isinstance(edit, Mapping) else None)
